# SPDX-License-Identifier: MIT
"""What we write is what results/schema.json says, and it says something.

Usage: schema_test.py SCHEMA WRITE_EXAMPLE REFERENCE_FOLDER CFBENCH
"""
import copy
import glob
import json
import os
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("skipped: this Python has no jsonschema (Debian: python3-jsonschema)")
    sys.exit(77)


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file, parse_constant=refuse_constant)


def resolved(schema, node):
    """The node and what it refers to, or may be."""
    found = [node]
    if "$ref" in node:
        found += resolved(schema, schema["$defs"][node["$ref"].split("/")[-1]])
    for other in node.get("anyOf", []):
        found += resolved(schema, other)
    return found


def undescribed(schema, node, value, path):
    """The members of a value that the schema has no word about."""
    nodes = resolved(schema, node)
    if isinstance(value, list):
        items = [n["items"] for n in nodes if "items" in n]
        for one in value if items else []:
            yield from undescribed(schema, items[0], one, path + "[]")
    if not isinstance(value, dict):
        return
    if any(isinstance(n.get("additionalProperties"), dict) for n in nodes):
        return  # by names of the writer's own
    for name, inner in value.items():
        known = [n["properties"][name] for n in nodes
                 if name in n.get("properties", {})]
        if known:
            yield from undescribed(schema, known[0], inner, f"{path}.{name}")
        else:
            yield f"{path}.{name}"


def check_document(schema, path):
    document = read(path)
    jsonschema.Draft202012Validator(schema).validate(document)
    unknown = sorted(set(undescribed(schema, schema, document, "")))
    assert not unknown, f"{path}: the schema does not describe {unknown}"
    print(f"valid: {path}")


def part_of(schema, name):
    return jsonschema.Draft202012Validator(
        {"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]})


def check_journal(schema, path):
    with open(path, encoding="utf-8") as file:
        head, *lines = [json.loads(line) for line in file]
    whole = dict(head, samples=[], summaries=[], comparisons=[], models=[],
                 recommendations=[])
    jsonschema.Draft202012Validator(schema).validate(whole)
    for line in lines:
        part_of(schema, "case" if "id" in line else "sample").validate(line)
    assert sum("id" in line for line in lines) == 1
    print(f"valid: {path}, {len(lines)} lines")


# One change each that the schema must refuse.
SPOILERS = [
    lambda d: d.pop("samples"),
    lambda d: d["schema"].update(version="2.0"),
    lambda d: d["run"].update(started="yesterday"),
    lambda d: d["workloads"][0].update({"class": "fast"}),
    lambda d: d["cases"][0].update(status="done"),
    lambda d: d["cases"][4].update(reason=None),
    lambda d: d["samples"][0].update(elapsed_s="0.1"),
    lambda d: d["samples"][0].update(elapsed_s=-1),
    lambda d: d["samples"][0].update(elapsed_s=None, reason=None),
    lambda d: d["samples"][0].update(block=1.5),
    lambda d: d["samples"][3]["latency"].update(reason=None),
    lambda d: d["samples"][3]["latency"]["hist"].append([1]),
    lambda d: d["summaries"][0].update(ci95=[1]),
    lambda d: d["summaries"][0].update(ci95=None, reason=None),
    lambda d: d["comparisons"][0].update(verdict="better"),
    lambda d: d["models"][0].update(model="cubic"),
    lambda d: d["models"][0].update(misfit=True, reason=None),
    lambda d: d["models"][0]["peak"].update(identified=False, reason=None),
    lambda d: d["models"][0]["ci95"].update(alpha=[0.1]),
]


def check_spoiled(schema, path):
    validator = jsonschema.Draft202012Validator(schema)
    good = read(path)
    for i, spoil in enumerate(SPOILERS):
        bad = copy.deepcopy(good)
        spoil(bad)
        assert not validator.is_valid(bad), f"spoiler {i} went through"
    good["news"] = good["samples"][0]["news"] = {"any": 1}
    validator.validate(good)
    assert list(undescribed(schema, schema, good, "")) == \
        [".samples[].news", ".news"]


def check_run(schema, cfbench, folder):
    path = os.path.join(folder, "run.json")
    subprocess.run([cfbench, "run", "sum_squares", "sleep", "-b",
                    "serial,thread", "-j", "1,2", "--tasks", "20", "--blocks",
                    "2", "-p", "sum_squares.n=1000", "-p", "sleep.ms=1",
                    "-n", 'odd "name"\n<b>', "-o", path],
                   check=True, stdout=subprocess.DEVNULL)
    check_document(schema, path)
    assert not os.path.exists(path + "l"), "the journal is left over"


# Each with something in its record that others do not have.
COMMANDS = [
    ["run", "sleep", "-b", "thread,cpython-thread", "-j", "1", "--tasks", "4",
     "-p", "ms=1", "--blocks", "1", "--trace", "--chunk", "auto",
     "--python", sys.executable],
    ["run", "sleep", "-b", "thread", "-j", "1", "--tasks", "20", "-p", "ms=1",
     "--rate", "1000", "--arrivals", "poisson", "--precision", "50%",
     "--budget", "500ms", "--warmup", "auto"],
    ["run", "sum_squares", "-b", "serial", "--tasks", "2", "--blocks", "1",
     "--grain", "100us"],
    ["compare", "--vs", "sleep", "sleep", "-b", "serial", "--tasks", "2",
     "-p", "ms=1", "--blocks", "6"],
    ["recommend", "sleep", "-b", "thread", "-j", "2", "--tasks", "4", "-p",
     "ms=1"],
]


def check_commands(schema, cfbench, folder):
    for i, command in enumerate(COMMANDS):
        path = os.path.join(folder, f"command-{i}.json")
        subprocess.run([cfbench, *command, "--gap", "1ms", "-o", path],
                       check=True, capture_output=True,
                       env=dict(os.environ, OMP_WAIT_POLICY="passive"))
        check_document(schema, path)


def check_import(schema, cfbench, folder):
    foreign = os.path.join(folder, "hyperfine.json")
    path = os.path.join(folder, "import.json")
    with open(foreign, "w", encoding="utf-8") as file:
        json.dump({"results": [{"command": "a", "times": [1, 2, 3]}]}, file)
    subprocess.run([cfbench, "import", foreign, "-o", path], check=True,
                   stdout=subprocess.DEVNULL)
    check_document(schema, path)


def check_failed_run(schema, cfbench, folder):
    """Of a failed case every sample says why, its warm-up too."""
    path = os.path.join(folder, "failed.json")
    done = subprocess.run([cfbench, "run", "-b", "serial,thread", "-j", "2",
                           "--tasks", "2", "--blocks", "1", "--warmup", "1",
                           "-o", path, "--", "sh", "-c", "exit 3"],
                          check=False, capture_output=True)
    assert done.returncode == 2, done
    check_document(schema, path)
    samples = read(path)["samples"]
    assert samples and all("exit code 3" in s["reason"] for s in samples)


def main(schema_path, write_example, reference, cfbench):
    schema = read(schema_path)
    jsonschema.Draft202012Validator.check_schema(schema)
    with tempfile.TemporaryDirectory() as folder:
        for blocks, why in [("0", "interrupted"), ("1", "budget"),
                            ("3", "blocks"), ("6", "precision"),
                            ("7", "blocks")]:
            path = os.path.join(folder, f"example-{blocks}.json")
            subprocess.run([write_example, path, blocks, why], check=True)
            check_document(schema, path)
            check_journal(schema, path + "l")
        check_spoiled(schema, path)
        check_run(schema, cfbench, folder)
        check_failed_run(schema, cfbench, folder)
        check_commands(schema, cfbench, folder)
        check_import(schema, cfbench, folder)
    for path in sorted(glob.glob(os.path.join(reference, "*.json"))):
        check_document(schema, path)


main(*sys.argv[1:])
