"""Every network, in the order people see them. A new one is one file and one line here."""

# ruff: noqa: F401, I001
from cnnlab.architectures import baseline
from cnnlab.architectures import lenet5
from cnnlab.architectures import alexnet_2012
from cnnlab.architectures import alexnet
from cnnlab.architectures import alexnet_gray
from cnnlab.architectures import alexnet8
from cnnlab.architectures import alexnet_cifar
from cnnlab.architectures import vgg16
from cnnlab.architectures import vgg16_cifar
from cnnlab.architectures import vgg16_transfer
from cnnlab.architectures import mobilenetv2_transfer
from cnnlab.architectures import inception10
from cnnlab.architectures import resnet18
