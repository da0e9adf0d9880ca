# SPDX-License-Identifier: MIT
"""No work at all: what is left is the cost of the executor itself."""
from . import Work

STANDARD = {}


def task(_item):
    return b""


def prepare(_values, tasks, _seed):
    return Work(task, [None] * tasks, lambda i, output: output == b"")
