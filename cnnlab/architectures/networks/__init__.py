"""Every network, in the order people see them. A new one is one file here and one line below."""

# ruff: noqa: F401, I001
from cnnlab.architectures.networks import baseline
from cnnlab.architectures.networks import lenet5
from cnnlab.architectures.networks import alexnet_2012
from cnnlab.architectures.networks import alexnet
from cnnlab.architectures.networks import alexnet_gray
from cnnlab.architectures.networks import alexnet8
from cnnlab.architectures.networks import alexnet_cifar
from cnnlab.architectures.networks import vgg16
from cnnlab.architectures.networks import vgg16_cifar
from cnnlab.architectures.networks import vgg16_transfer
from cnnlab.architectures.networks import mobilenetv2_transfer
from cnnlab.architectures.networks import inception10
from cnnlab.architectures.networks import plain_cnn
from cnnlab.architectures.networks import resnet18
from cnnlab.architectures.networks import residual_stack
