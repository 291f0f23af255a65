"""Every built-in dataset, in the order people see them. A new one is one file here and one line below."""

# ruff: noqa: F401, I001
from cnnlab.datasets.builtin import gestures_drawn
from cnnlab.datasets.builtin import gestures_drawn_people
from cnnlab.datasets.builtin import digits
from cnnlab.datasets.builtin import cifar10
from cnnlab.datasets.builtin import mnist
from cnnlab.datasets.builtin import fashion_mnist
from cnnlab.datasets.builtin import cats_and_dogs
from cnnlab.datasets.builtin import rock_paper_scissors
