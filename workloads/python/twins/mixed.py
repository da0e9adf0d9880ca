# SPDX-License-Identifier: MIT
"""Computes, then waits. The interpreter's own steps fill cpu_ms."""
import time

from . import Work, _squares
from ._words import word

STANDARD = {"cpu_ms": 1.0, "wait_ms": 10.0}


def task(item):
    n, wait_ms = item
    output = word(_squares.loop(n))
    time.sleep(wait_ms / 1e3)
    return output


def prepare(values, tasks, _seed):
    n = int(values["cpu_ms"] * _squares.steps_per_ms())
    right = _squares.right(n)
    items = [(n, values["wait_ms"])] * tasks
    return Work(task, items, lambda i, output: output == right)
