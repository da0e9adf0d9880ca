# SPDX-License-Identifier: MIT
"""hashlib, which is OpenSSL as in C, and which lets go of the GIL meanwhile."""
import hashlib

from . import Work

STANDARD = {"bytes": 65536, "rounds": 80}

VARIETY = 16
BEFOREHAND_BYTES = 1 << 30


def block_of(number, size):
    return (number.to_bytes(8, "little") * (size // 8 + 1))[:size]


def task(item):
    number, size, rounds = item
    block = block_of(number, size)
    digest = hashlib.sha256()
    for _ in range(rounds):
        digest.update(block)
    return digest.digest()


def variety_of(message_bytes):
    return max(1, min(VARIETY, BEFOREHAND_BYTES // message_bytes))


def prepare(values, tasks, _seed):
    size, rounds = values["bytes"], values["rounds"]
    variety = variety_of(size * rounds)
    right = [
        hashlib.sha256(block_of(i, size) * rounds).digest()
        if size * rounds <= 1 << 24
        else task((i, size, rounds))
        for i in range(min(variety, tasks))
    ]
    items = [(i % variety, size, rounds) for i in range(tasks)]
    return Work(task, items, lambda i, output: output == right[i % variety])
