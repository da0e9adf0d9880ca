# SPDX-License-Identifier: MIT
"""sum_squares in tasks of unequal length, in random order."""
import math

from . import Work, _squares
from ._words import Random, word

STANDARD = {"n": 10000000, "ratio": 100.0}


def task(n):
    return word(_squares.loop(n))


def relative_length(i, count, ratio):
    return 1.0 if count == 1 else math.pow(ratio, i / (count - 1))


def shuffle(items, seed):
    random = Random(seed)
    for i in range(len(items), 1, -1):
        j = random.next() % i
        items[i - 1], items[j] = items[j], items[i - 1]


def prepare(values, tasks, seed):
    lengths = [relative_length(i, tasks, values["ratio"]) for i in range(tasks)]
    total = 0.0  # added up in order, as in C; sum() of later versions is exact
    for length in lengths:
        total += length
    items = [math.floor(float(values["n"]) * tasks * (x / total) + 0.5) for x in lengths]
    shuffle(items, seed)
    return Work(task, items, lambda i, output: output == _squares.right(items[i]))
