# SPDX-License-Identifier: MIT
"""Pure waiting; each task gives its own number back."""
import time

from . import Work
from ._words import word

STANDARD = {"ms": 10.0}


def task(item):
    number, ms = item
    time.sleep(ms / 1e3)
    return word(number)


def prepare(values, tasks, _seed):
    items = [(i, values["ms"]) for i in range(tasks)]
    return Work(task, items, lambda i, output: output == word(i))
