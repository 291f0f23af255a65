"""Every network, in the order people see them. A new one is one file and one line here."""

from cnnlab.architectures import baseline, lenet5, alexnet8, resnet18  # noqa: F401, I001
