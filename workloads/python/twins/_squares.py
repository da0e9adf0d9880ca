# SPDX-License-Identifier: MIT
"""Sums of squares: by a loop, and by the closed form."""
import time

from ._words import MASK, word

RUNS, STEPS = 12, 20000

known_steps_per_ms = None  # what was found before; one run of cfbench has one


def loop(n):
    total = 0
    for i in range(n):
        total += i * i
    return total & MASK


def right(n):
    """The output of a task that adds up i * i for i < n."""
    return word((n - 1) * n * (2 * n - 1) // 6)


def steps_per_ms():
    """The fastest of several short runs: what disturbs can only slow down."""
    if known_steps_per_ms is not None:
        return known_steps_per_ms
    fastest_ms = 1e9
    for _ in range(RUNS):
        start = time.thread_time()
        loop(STEPS)
        fastest_ms = min(fastest_ms, (time.thread_time() - start) * 1e3)
    return STEPS / max(fastest_ms, 0.01)
