# SPDX-License-Identifier: MIT
"""Counts primes by trial division; the right count comes from a sieve."""
from . import Work
from ._words import word

STANDARD = {"n": 100000}


def is_prime(n):
    d = 3
    while d * d <= n:
        if n % d == 0:
            return False
        d += 2
    return True


def task(below):
    count = 1 if below > 2 else 0  # 2 itself
    for n in range(3, below, 2):
        count += is_prime(n)
    return word(count)


def count_by_sieve(n):
    is_struck = bytearray(max(n, 2))
    is_struck[:2] = b"\1\1"
    for p in range(2, int(max(n, 2) ** 0.5) + 1):
        if not is_struck[p]:
            is_struck[p * p :: p] = b"\1" * len(range(p * p, len(is_struck), p))
    return is_struck[:n].count(0)


def prepare(values, tasks, _seed):
    right = word(count_by_sieve(values["n"]))
    return Work(task, [values["n"]] * tasks, lambda i, output: output == right)
