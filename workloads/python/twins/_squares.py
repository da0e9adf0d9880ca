# SPDX-License-Identifier: MIT
"""Sums of squares: by a loop, and by the closed form."""
from ._words import MASK, word


def loop(n):
    total = 0
    for i in range(n):
        total += i * i
    return total & MASK


def right(n):
    """The output of a task that adds up i * i for i < n."""
    return word((n - 1) * n * (2 * n - 1) // 6)
