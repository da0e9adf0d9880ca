# SPDX-License-Identifier: MIT
"""Other tools' files, out and in, member by member.

Usage: formats_test.py CFBENCH WRITE_EXAMPLE
"""
import csv
import json
import math
import os
import re
import shutil
import statistics
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


# --- out -------------------------------------------------------------------

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


# --- in --------------------------------------------------------------------

def write(folder, name, content):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content if isinstance(content, str) else json.dumps(content))
    return path


def imported(folder, name, content):
    out = os.path.join(folder, "in.json")
    run("import", write(folder, name, content), "-o", out)
    with open(out, encoding="utf-8") as file:
        return loads(file.read())


def throughputs(record):
    return {(c["workload"], c["backend"], c["workers"]):
            [s["tasks"] / s["elapsed_s"] for s in counting(record, c)]
            for c in record["cases"]}


def same_throughputs(a, b):
    a, b = throughputs(a), throughputs(b)
    assert a.keys() == b.keys(), (a.keys(), b.keys())
    return all(len(a[k]) == len(b[k]) and
               all(math.isclose(x, y, rel_tol=1e-6)
                   for x, y in zip(a[k], b[k])) for k in a)


HYPERFINE = {"results": [
    {"command": f"./prog -j {n} --size 42", "mean": 2.0 / n, "stddev": 0.1,
     "median": 2.0 / n, "user": 1.5, "system": 0.25, "min": 1, "max": 3,
     "times": [2.0 / n, 2.1 / n, 2.2 / n], "exit_codes": [0, 0, 1],
     "parameters": {"threads": str(n)}} for n in [1, 2, 3, 4]]}

PYPERF = {"version": "1.0", "metadata": {"unit": "second", "inner_loops": 2},
          "benchmarks": [
    {"metadata": {"name": f"pool-{n}"}, "runs": [
        {"metadata": {"loops": 8, "calibrate_loops": 8},
         "warmups": [[1, 0.5], [8, 0.25]]},
        {"metadata": {"loops": 8}, "warmups": [[8, 0.3]],
         "values": [0.25 / n, 0.26 / n]},
        {"metadata": {"loops": 8}, "values": [0.27 / n]}]}
    for n in [1, 2, 4]]}

GOOGLE_BENCHMARK = {"context": {"num_cpus": 2}, "benchmarks": [
    {"name": f"BM_work/threads:{n}", "run_name": f"BM_work/threads:{n}",
     "run_type": kind, "repetitions": 1, "repetition_index": 0, "threads": n,
     "iterations": 100, "real_time": 5.0 / n, "cpu_time": 5, "time_unit": "ms",
     "aggregate_name": "mean"} for n in [1, 2, 4]
    for kind in ["iteration", "aggregate"]] + [
    {"name": "BM_items/8", "run_type": "iteration", "iterations": 10,
     "real_time": 1e6, "time_unit": "ns", "items_per_second": 64000.5},
    {"name": "BM_bad", "run_type": "iteration", "error_occurred": True,
     "error_message": "no device", "iterations": 0, "real_time": 0,
     "time_unit": "ns"}]}


def hyperfine_in(folder):
    record = imported(folder, "hyperfine.json", HYPERFINE)
    assert [c["workers"] for c in record["cases"]] == [1, 2, 3, 4]
    assert {c["workload"] for c in record["cases"]} == \
        {"./prog -j {threads} --size 42"}
    assert len(record["samples"]) == 12
    first = record["samples"][0]
    assert (first["elapsed_s"], first["tasks"]) == (2.0, 1)
    assert first["cpu"] == {"user_s": 1.5, "sys_s": 0.25}
    assert record["samples"][2]["excluded_by"] == "exit code 1"
    assert len({s["block"] for s in record["samples"]}) == 12
    assert record["models"][0]["model"] == "linear"
    older = {"results": [dict(r, times=None) for r in HYPERFINE["results"]]}
    assert len(imported(folder, "old.json", older)["samples"]) == 4


def pyperf_in(folder):
    record = imported(folder, "pyperf.json", PYPERF)
    assert [c["workers"] for c in record["cases"]] == [1, 2, 4]
    assert {c["workload"] for c in record["cases"]} == {"pool"}
    one = [s for s in record["samples"] if s["case"] == "c0"]
    values = [s for s in one if not s["warmup"]]
    assert [s["elapsed_s"] for s in one if s["warmup"]] == [1.0, 4.0, 4.8]
    assert [s["tasks"] for s in values] == [16] * 3
    assert close(values[0]["elapsed_s"] / 16, 0.25)
    assert len({s["block"] for s in values}) == 2  # a run is a block
    other = json.loads(json.dumps(PYPERF))
    other["metadata"]["unit"] = "byte"
    error = run("import", write(folder, "b.json", other), "-o",
                os.path.join(folder, "no.json"), code=2)
    assert "unit is byte" in error


def google_benchmark_in(folder):
    record = imported(folder, "google.json", GOOGLE_BENCHMARK)
    rates = throughputs(record)
    for n in [1, 2, 4]:
        assert close(rates["BM_work", "thread", n][0], 200 * n)
        assert len(rates["BM_work", "thread", n]) == 1
    assert close(rates["BM_items", "thread", 8][0], 64000.5)
    bad = record["cases"][-1]
    assert (bad["status"], bad["reason"]) == ("failed", "no device")


def fit_reads_them_too(folder):
    for content, workload, counts in [(HYPERFINE, "./prog -j {threads} --size "
                                       "42", 4), (PYPERF, "pool", 3),
                                      (GOOGLE_BENCHMARK, "BM_work", 3)]:
        path = write(folder, "foreign.json", content)
        models = loads(run("fit", path, "--json"))["models"]
        assert [(m["workload"], m["n_counts"]) for m in models] == \
            [(workload, counts)], models
        assert models[0]["model"] == "linear"


def tables_in(folder):
    record = imported(folder, "t.csv", "N,X\n1,98\n2,190\n4,350\n2,191\n")
    assert throughputs(record)["t.csv", "command", 2] == [190, 191]


def what_went_out_comes_in(record, path, folder):
    for name in ["hyperfine", "pyperf", "gbench", "csv"]:
        back = imported(folder, f"back.{name}", export(name, path))
        kept = dict(record, cases=measured(record))
        if name == "hyperfine":  # knows batches alone
            kept["samples"] = [dict(s, tasks=1) for s in record["samples"]]
        assert same_throughputs(kept, back), name


def foreign_files_are_not_trusted(folder):
    """Every member in turn is of a wrong kind: a record or one line, no more."""
    out = os.path.join(folder, "spoiled.json")

    def spoil(node, wrong):
        for key in (node if isinstance(node, dict) else range(len(node))):
            before = node[key]
            node[key] = wrong
            yield
            node[key] = before
            if isinstance(before, (dict, list)):
                yield from spoil(before, wrong)

    for good in [HYPERFINE, PYPERF, GOOGLE_BENCHMARK]:
        content = json.loads(json.dumps(good))
        for members in content.values():  # the first of each list will do
            if isinstance(members, list):
                del members[1:]
        for wrong in [None, "text", -1, [[]]]:
            for _ in spoil(content, wrong):
                path = write(folder, "spoiled", content)
                done = subprocess.run([cfbench, "import", path, "-o", out],
                                      capture_output=True, text=True,
                                      check=False)
                assert done.returncode in (0, 2), (content, done)
                assert done.stderr.count("\n") == done.returncode // 2, done


def hyperfine_itself(folder):
    if shutil.which("hyperfine") is None:
        print("hyperfine is not installed here: its own file is not tried")
        return
    path = os.path.join(folder, "real.json")
    subprocess.run(["hyperfine", "-N", "-r", "3", "-P", "jobs", "1", "3",
                    "sleep 0.00{jobs}", "--export-json", path], check=True,
                   capture_output=True)
    with open(path, encoding="utf-8") as file:
        results = loads(file.read())["results"]
    with open(path, encoding="utf-8") as file:
        record = imported(folder, "again.json", file.read())
    times = [s["elapsed_s"] for s in record["samples"]]
    assert times == [t for r in results for t in r["times"]]
    ours = loads(export("hyperfine", os.path.join(folder, "in.json")))
    missing = set(results[0]) - set(ours["results"][0])
    assert missing <= {"memory_usage_byte"}, missing


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "example.json")
        subprocess.run([write_example, path, "7", "blocks"], check=True)
        with open(path, encoding="utf-8") as file:
            record = loads(file.read())
        for check in [hyperfine_out, pyperf_out, google_benchmark_out,
                      google_benchmark_itself,
                      bencher_out, github_action_out, benchfmt_out, csv_out,
                      markdown_out]:
            check(record, path)
        no_formula_reaches_a_spreadsheet(record, folder)
        for check in [hyperfine_in, pyperf_in, google_benchmark_in, tables_in,
                      fit_reads_them_too,
                      foreign_files_are_not_trusted, hyperfine_itself]:
            check(folder)
        what_went_out_comes_in(record, path, folder)


main()
