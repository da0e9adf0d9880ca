# SPDX-License-Identifier: MIT
"""The json module on the document that C parses with cJSON."""
import json

from . import Work
from ._words import Random, word

STANDARD = {"bytes": 16384, "rounds": 30}

VARIETY = 16
NAMES = ["ash", "birch", "cedar", "elm", "hazel", "larch", "maple", "willow"]
FRACTIONS = ["", ".25", ".5", ".75"]
VALUES_PER_RECORD = 10
KEY_BYTES = len("idnamepricestockactivetagsnote")


class Facts:
    """What there is to find in a document: see document.h."""

    def __init__(self):
        self.values = self.text_bytes = self.quarters = 0

    def output(self):
        return word(self.values) + word(self.text_bytes) + word(self.quarters)


def bytes_of(text):
    return len(text) if text.isascii() else len(text.encode())


def walk(value, facts):
    facts.values += 1
    if isinstance(value, dict):
        for key, member in value.items():
            facts.text_bytes += bytes_of(key)
            walk(member, facts)
    elif isinstance(value, list):
        for member in value:
            walk(member, facts)
    elif isinstance(value, str):
        facts.text_bytes += bytes_of(value)
    elif value is not True and value is not False and value is not None:
        facts.quarters += int(4 * value)


def task(item):
    text, rounds = item
    for _ in range(rounds):
        facts = Facts()
        walk(json.loads(text), facts)
    return facts.output()


def record(number, random, facts):
    first, second, tag, other = (NAMES[(random >> shift) % 8] for shift in (0, 3, 6, 9))
    price = (random >> 12) % 4000
    stock = (random >> 24) % 2001 - 1000
    note = "null"
    facts.values += VALUES_PER_RECORD
    facts.quarters += 4 * number + price + 4 * stock
    facts.text_bytes += KEY_BYTES + len(first) + 1 + len(second) + len(tag) + len(other)
    if (random >> 37) % 2 == 1:
        note = f'"caf\\u00e9 \\"{tag}\\"\\n"'
        facts.text_bytes += len(f'caf?? "{tag}"?')
    active = "true" if (random >> 36) % 2 == 1 else "false"
    return (
        f'{{"id":{number},"name":"{first} {second}","price":{price // 4}{FRACTIONS[price % 4]},'
        f'"stock":{stock},"active":{active},"tags":["{tag}","{other}"],"note":{note}}}'
    )


def document(number, size):
    """The text, and what there is to find in it."""
    random, facts, parts = Random(number), Facts(), []
    used = 1
    while used < size:
        parts.append(record(len(parts), random.next(), facts))
        used += len(parts[-1]) + (1 if len(parts) > 1 else 0)
    facts.values += 1
    return "[" + ",".join(parts) + "]", facts.output()


def prepare(values, tasks, _seed):
    documents = [document(i, values["bytes"]) for i in range(min(tasks, VARIETY))]
    items = [(documents[i % VARIETY][0], values["rounds"]) for i in range(tasks)]
    return Work(task, items, lambda i, output: output == documents[i % VARIETY][1])
