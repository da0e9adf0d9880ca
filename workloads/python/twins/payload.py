# SPDX-License-Identifier: MIT
"""Bytes in, bytes out: what it costs to bring them to a worker and back."""
import struct

from . import Work

STANDARD = {"in_bytes": 4096, "out_bytes": 4096}

BLOCK_BYTES = 64


def repeat(block, size):
    return (block * (size // BLOCK_BYTES + 1))[:size]


def answer_to(question):
    words = struct.unpack("<8Q", question)
    return struct.pack("<8Q", *(word ^ 0xFFFFFFFFFFFFFFFF for word in words))


def task(data):
    if data[BLOCK_BYTES:] != data[:-BLOCK_BYTES]:
        raise ValueError("the argument arrived damaged")
    question = data[:BLOCK_BYTES]
    return repeat(answer_to(question), struct.unpack_from("<Q", question, 8)[0])


def question_of(i, values):
    words = [i + k for k in range(8)]
    words[1] = values["out_bytes"]
    return struct.pack("<8Q", *words)


def prepare(values, tasks, _seed):
    questions = [question_of(i, values) for i in range(tasks)]

    def is_right(i, output):
        return output == repeat(answer_to(questions[i]), values["out_bytes"])

    return Work(task, [repeat(q, values["in_bytes"]) for q in questions], is_right)
