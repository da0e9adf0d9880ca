# SPDX-License-Identifier: MIT
"""statuses.py HEADERS TESTS: TESTS/statuses.md has a row for each public function
and each status that its header names, with a test that knows both."""
import pathlib
import re
import sys

headers, tests = (pathlib.Path(path) for path in sys.argv[1:])
STATUS = set(re.findall(r"\b(CF_[A-Z]+)\b",
                        (headers / "status.h").read_text()
                        .split("enum cf_status {")[1].split("};")[0]))


def functions():
    """name -> (statuses of its comment, and those it is without; functions that it
    answers as)"""
    found = {}
    for header in sorted(headers.glob("*.h")):
        comment = ""
        for part in re.findall(r"/\*.*?\*/|^#.*?$|CF_API[^;]*;",
                               header.read_text(), re.S | re.M):
            if part.startswith("/*"):
                comment = re.sub(r"\s*\n \*\s*", " ", part)
            name = re.search(r"\b(cf_\w+)\(", part)
            if not part.startswith("CF_API") or not name:
                continue
            named = set(re.findall(r"\bCF_[A-Z]+\b", comment)) & STATUS
            like = set(re.findall(r"(?:as of|As|what) (cf_\w+)\(\)", comment))
            but = set(re.findall(r"\bbut (CF_[A-Z]+)\b", comment))
            returns = "enum cf_status" in part[:name.start()]
            found[name[1]] = ((named, but, like) if returns
                              else (set(), set(), set()))
    return found


def answers(name, known, seen=()):
    named, but, like = known[name]
    return named.union(*(answers(other, known, seen + (name,))
                         for other in like
                         if other in known and other not in seen + (name,))
                       ) - but


def files_of_tests():
    """test -> the text of its file, and of those that stand behind its headers"""
    found = {}
    for path in sorted(tests.rglob("*.c")):
        text = path.read_text()
        for header in re.findall(r'#include "(.*?)"', text):
            beside = (path.parent / header).with_suffix(".c")
            text += beside.read_text() if beside.exists() else ""
        for name in re.findall(r"cmocka_unit_test\w*\(\s*(\w+)", text):
            found[name] = text
    return found


def main():
    known, written, wrong = functions(), files_of_tests(), []
    rows = re.findall(r"^\| `(cf_\w+)` \| (\S+) \| `(\w+)`",
                      (tests / "statuses.md").read_text(), re.M)
    for name, status, test in rows:
        text = written.get(test, "")
        words = {name, status} - {"-"}
        if name not in known:
            wrong.append(f"{name}: no public function")
        elif not all(re.search(rf"\b{word}\b", text) for word in words):
            wrong.append(f"{name} {status}: {test} shows no such thing")
    for name in known:
        there = {status for row, status, _ in rows if row == name}
        for status in answers(name, known) - there:
            wrong.append(f"{name} {status}: no row")
        if not there:
            wrong.append(f"{name}: no row")
    print("\n".join(wrong or [f"{len(known)} functions, {len(rows)} rows"]))
    return bool(wrong) or len(known) < 50


sys.exit(main())
