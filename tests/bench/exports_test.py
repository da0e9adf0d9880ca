# SPDX-License-Identifier: MIT
"""A record in other tools' formats, member by member.

Usage: exports_test.py CFBENCH WRITE_EXAMPLE
"""
import csv
import json
import math
import os
import re
import statistics
import subprocess
import sys
from urllib.parse import unquote

from formats import (close, counting, export, loads, measured, name_of,
                     summary, with_example)


def hyperfine_out(record, path):
    results = loads(export("hyperfine", path))["results"]
    assert len(results) == len(measured(record))
    for result, case in zip(results, measured(record)):
        samples = counting(record, case)
        times = [s["elapsed_s"] for s in samples]
        assert result["command"] == name_of(case)
        assert result["times"] == times
        assert close(result["mean"], statistics.mean(times))
        assert close(result["stddev"], statistics.stdev(times))
        assert close(result["median"], statistics.median(times))
        assert (result["min"], result["max"]) == (min(times), max(times))
        assert close(result["user"], statistics.mean(
            s["cpu"]["user_s"] for s in samples))
        assert close(result["system"], statistics.mean(
            s["cpu"]["sys_s"] for s in samples))
        assert result["memory_usage_byte"] == [s["peak_rss_bytes"]
                                               for s in samples]
        assert result["exit_codes"] == [0] * len(times)
        assert result["parameters"] == {
            "workload": case["workload"], "backend": case["backend"],
            "workers": str(case["workers"])}


def pyperf_out(record, path):
    suite = loads(export("pyperf", path))
    assert suite["version"] == "1.0"
    assert suite["metadata"]["unit"] == "second"
    for benchmark, case in zip(suite["benchmarks"], measured(record)):
        assert benchmark["metadata"]["name"] == name_of(case)
        runs = [r for r in benchmark["runs"] if "values" in r]
        samples = counting(record, case)
        assert len(runs) == len(samples)
        for one, sample in zip(runs, samples):
            assert len(one["values"]) == 1
            assert close(one["values"][0] * one["metadata"]["loops"],
                         sample["elapsed_s"])
            assert one["metadata"]["loops"] == sample["tasks"]
            assert one["metadata"]["duration"] == sample["elapsed_s"]
        for one in benchmark["runs"]:
            if "values" not in one:
                (loops, value), = one["warmups"]
                assert isinstance(loops, int) and loops >= 1 and value > 0
    warmups = [s for s in record["samples"] if s["warmup"]]
    assert sum("warmups" in r for b in suite["benchmarks"]
               for r in b["runs"]) == len(warmups)


def google_benchmark_out(record, path):
    document = loads(export("gbench", path))
    assert document["context"]["json_schema_version"] == 1
    for key in ["date", "host_name", "executable", "num_cpus", "mhz_per_cpu",
                "cpu_scaling_enabled", "aslr_enabled", "caches", "load_avg",
                "library_build_type"]:
        assert key in document["context"], key
    repetitions = iter(document["benchmarks"])
    for case in measured(record):
        samples = counting(record, case)
        for i, sample in enumerate(samples):
            one = next(repetitions)
            assert one["name"] == one["run_name"] == name_of(case)
            assert one["run_type"] == "iteration"
            assert one["repetitions"] == len(samples)
            assert one["repetition_index"] == i
            assert one["threads"] == case["workers"]
            assert one["iterations"] == sample["tasks"]
            assert one["time_unit"] == "ns"
            assert close(one["real_time"],
                         1e9 * sample["elapsed_s"] / sample["tasks"])
            cpu = sample["cpu"]["user_s"] + sample["cpu"]["sys_s"]
            assert close(one["cpu_time"] + 1, 1e9 * cpu / sample["tasks"] + 1)
    assert next(repetitions, None) is None


def google_benchmark_itself(record, path):
    """Its compare.py (package libbenchmark-tools) reads every repetition."""
    folder = "/usr/share/benchmark"
    program = [sys.executable, "compare.py", "--no-color", "benchmarks"]
    if subprocess.run(program[:2] + ["--help"], cwd=folder if
                      os.path.isdir(folder) else "/", check=False,
                      capture_output=True).returncode != 0:
        print("Google Benchmark's compare.py does not run here (packages "
              "libbenchmark-tools, python3-scipy): it is not tried")
        return
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(export("gbench", path))
        file.flush()
        table = subprocess.run(program + [file.name, file.name], cwd=folder,
                               check=True, capture_output=True, text=True)
    for case in measured(record):
        lines = [line.split() for line in table.stdout.splitlines()
                 if line.startswith(name_of(case) + " ")]
        samples = counting(record, case)
        assert len(lines) == len(samples), table.stdout
        for line, sample in zip(lines, samples):
            assert line[1] == "+0.0000"
            assert abs(int(line[3]) - 1e9 * sample["elapsed_s"] /
                       sample["tasks"]) <= 1, line


def bencher_out(record, path):
    metrics = loads(export("bmf", path))
    assert list(metrics) == [name_of(c) for c in measured(record)]
    for case in measured(record):
        latency = metrics[name_of(case)]["latency"]
        elapsed = summary(record, case, "elapsed_s")
        for key, value in [("value", elapsed["estimate"]),
                           ("lower_value", elapsed["ci95"][0]),
                           ("upper_value", elapsed["ci95"][1])]:
            assert close(latency[key], 1e9 * value / case["tasks"])
        throughput = summary(record, case, "throughput_per_s")
        assert metrics[name_of(case)]["throughput"] == {
            "value": throughput["estimate"],
            "lower_value": throughput["ci95"][0],
            "upper_value": throughput["ci95"][1]}


def github_action_out(record, path):
    for name, metric, unit in [("github-action", "elapsed_s", "s"),
                               ("github-action-bigger", "throughput_per_s",
                                "tasks/s")]:
        entries = loads(export(name, path))
        assert len(entries) == len(measured(record))
        for entry, case in zip(entries, measured(record)):
            expected = summary(record, case, metric)
            half = (expected["ci95"][1] - expected["ci95"][0]) / 2
            assert entry["name"] == name_of(case)
            assert entry["unit"] == unit
            assert entry["value"] == expected["estimate"]
            assert entry["range"] == f"\u00b1 {half:.3g}"
            assert "95 %" in entry["extra"]


def benchfmt_out(record, path):
    lines = export("benchfmt", path).splitlines()
    found = [l for l in lines if l.startswith("Benchmark")]
    assert all(re.fullmatch(r"[a-z][^\sA-Z:]*: .+", l)
               for l in lines if l not in found), lines
    expected = [s for c in measured(record) for s in counting(record, c)]
    by_id = {c["id"]: c for c in record["cases"]}
    assert len(found) == len(expected)
    for line, sample in zip(found, expected):
        case = by_id[sample["case"]]
        fields = line.split()
        assert re.fullmatch(
            r"BenchmarkSumSquares/backend=" + case["backend"] + "/workers=" +
            str(case["workers"]) + r"(-\d+)?", fields[0]), line
        assert (fields[1], fields[3], fields[5]) == ("1", "ns/op", "tasks/s")
        assert abs(int(fields[2]) - 1e9 * sample["elapsed_s"]) <= 0.5
        assert math.isclose(float(fields[4]),
                            sample["tasks"] / sample["elapsed_s"],
                            rel_tol=1e-5)


def benchfmt_tells_workloads_apart(record, folder):
    path = os.path.join(folder, "names.json")
    ids = ["sum_squares", "sum-squares", "sum squares", "sumSquares",
           "SumSquares", "sum_squares_", "_sum_squares", "sum__squares",
           "sumsquares", "workload", "x/backend=y", "x%2Fy", "x/y",
           "sum_2", "sum2", "\x1b[31m\u00e9\u00a0"]
    changed = dict(record, workloads=[], cases=[], samples=[], summaries=[],
                   models=[], recommendations=[], comparisons=[])
    first = measured(record)[0]
    for number, one in enumerate(ids):
        changed["workloads"].append(dict(record["workloads"][0], id=one))
        changed["cases"].append(dict(first, id=f"c{number}", workload=one))
        changed["samples"] += [dict(s, case=f"c{number}")
                               for s in counting(record, first)[:1]]
    with open(path, "w", encoding="utf-8") as file:
        json.dump(changed, file)
    lines = [l.split() for l in export("benchfmt", path).splitlines()
             if l.startswith("Benchmark")]
    assert all(len(l) == 6 and l[0].isascii() for l in lines), lines
    names = [l[0] for l in lines]
    assert len(set(names)) == len(ids), sorted(names)
    for name, one in zip(names, ids):
        shown, backend = name.split("/backend=")
        value = re.fullmatch("BenchmarkWorkload/workload=([^/]*)", shown)
        assert (unquote(value[1]) == one) if value else \
            re.sub("(?<=.)([A-Z])", r"_\1", shown[9:]).lower() == one
        assert backend.startswith(first["backend"] + "/workers=")


def csv_out(record, path):
    rows = list(csv.DictReader(export("csv", path).splitlines()))
    assert len(rows) == len(record["samples"])
    by_id = {c["id"]: c for c in record["cases"]}
    for row, sample in zip(rows, record["samples"]):
        case = by_id[sample["case"]]
        assert None not in row and None not in row.values()
        assert row["case"] == sample["case"]
        assert row["workload"] == case["workload"]
        assert row["backend"] == case["backend"]
        assert row["workers"] == str(case["workers"])
        for key in ["block", "position", "iteration", "tasks"]:
            assert row[key] == str(sample[key])
        assert row["elapsed_s"] == "" if sample["elapsed_s"] is None else \
            float(row["elapsed_s"]) == sample["elapsed_s"]
        assert row["warmup"] == str(sample["warmup"]).lower()
        assert row["excluded_by"] == (sample["excluded_by"] or "")
        assert row["reason"] == (sample["reason"] or "")
        assert row["counts"] == str(sample in counting(record, case)).lower()


def markdown_out(record, path):
    lines = export("md", path).splitlines()
    assert len(lines) == 2 + len(record["cases"])
    assert len({len(re.findall(r"(?<!\\)\|", l)) for l in lines}) == 1
    assert "sum\\_squares" in lines[2]
    assert "1 serial worker" in lines[3]
    assert "a worker died of signal 9" in lines[-1]


def a_table_has_the_columns_of_its_head(record, folder):
    path = os.path.join(folder, "columns.json")
    text = json.dumps(record).replace('"thread"', '"a|b_`c`"')
    changed = loads(text)
    serial = {c["id"] for c in changed["cases"] if c["backend"] == "serial"}
    changed["summaries"] = [s for s in changed["summaries"]
                            if s["base"] not in serial]
    with open(path, "w", encoding="utf-8") as file:
        json.dump(changed, file)
    lines = export("md", path).splitlines()
    assert any("1 a\\|b\\_\\`c\\` worker" in l for l in lines), lines
    assert len({len(re.findall(r"(?<!\\)\|", l)) for l in lines}) == 1


def no_formula_reaches_a_spreadsheet(record, folder):
    path = os.path.join(folder, "formula.json")
    texts = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "a,\"b\"\n=c"]
    for text in texts:
        changed = loads(json.dumps(record))
        changed["workloads"][0]["id"] = text
        for case in changed["cases"]:
            case["workload"] = text
        changed["models"] = []
        with open(path, "w", encoding="utf-8") as file:
            json.dump(changed, file)
        rows = list(csv.reader(export("csv", path).splitlines()))
        cell = rows[1][0]
        assert cell[0] not in "=+-@\t\r", cell
        assert len({len(r) for r in rows}) == 1
        loads(export("hyperfine", path))
        assert export("benchfmt", path).count("\nBenchmark") >= 1
        table = export("md", path).splitlines()
        assert len(table) == 2 + len(record["cases"])


def check_all(record, path, folder):
    for check in [hyperfine_out, pyperf_out, google_benchmark_out,
                  google_benchmark_itself,
                  bencher_out, github_action_out, benchfmt_out, csv_out,
                  markdown_out]:
        check(record, path)
    no_formula_reaches_a_spreadsheet(record, folder)
    benchfmt_tells_workloads_apart(record, folder)
    a_table_has_the_columns_of_its_head(record, folder)


with_example(check_all)
