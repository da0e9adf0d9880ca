# SPDX-License-Identifier: MIT
"""What exports_test.py and imports_test.py share: the program, and what a record
says of itself."""
import json
import math
import os
import subprocess
import sys
import tempfile

cfbench, write_example = sys.argv[1:]


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def loads(text):
    return json.loads(text, parse_constant=refuse_constant)


def run(*arguments, code=0, **how):
    done = subprocess.run([cfbench, *arguments], capture_output=True, text=True,
                          check=False, **how)
    assert done.returncode == code, (arguments, done)
    if code == 2:
        assert done.stderr.count("\n") == 1, done.stderr
        assert done.stderr.startswith("cfbench: "), done.stderr
        return done.stderr
    return done.stdout


def export(name, path):
    return run("export", "--format", name, path)


def close(a, b):
    return math.isclose(a, b, rel_tol=1e-9)


def counting(record, case):
    return [s for s in record["samples"] if s["case"] == case["id"]
            and not s["warmup"] and s["excluded_by"] is None
            and s["elapsed_s"] is not None]


def measured(record):
    return [c for c in record["cases"] if counting(record, c)]


def name_of(case):
    return (f"{case['workload']}/backend={case['backend']}"
            f"/workers={case['workers']}")


def summary(record, case, metric):
    return next(s for s in record["summaries"] if s["case"] == case["id"]
                and s["metric"] == metric and s["base"] is None)


def with_example(check_all):
    """Calls it with a record, its path and a folder that goes afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "example.json")
        subprocess.run([write_example, path, "7", "blocks"], check=True)
        with open(path, encoding="utf-8") as file:
            record = loads(file.read())
        check_all(record, path, folder)
