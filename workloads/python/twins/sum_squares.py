# SPDX-License-Identifier: MIT
"""Arithmetic in the interpreter, which holds the GIL all the time."""
from . import Work, _squares
from ._words import word

STANDARD = {"n": 10000000}


def task(n):
    return word(_squares.loop(n))


def prepare(values, tasks, _seed):
    right = _squares.right(values["n"])
    return Work(task, [values["n"]] * tasks, lambda i, output: output == right)
