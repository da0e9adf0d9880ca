# SPDX-License-Identifier: MIT
"""Other tools' files as records, and our own exports back again.

Usage: imports_test.py CFBENCH WRITE_EXAMPLE
"""
import json
import math
import os
import shutil
import subprocess

from formats import (cfbench, close, counting, export, loads, measured, run,
                     with_example)


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


def a_table_may_have_times(folder):
    """They are no throughputs, whatever stands in their column's name."""
    for name, unit_s in [("elapsed_s", 1), ("Seconds", 1), ("time_ms", 1e-3),
                         ("us", 1e-6), ("time_ns", 1e-9), ("Time (ms)", 1e-3),
                         ("Elapsed [s]", 1)]:
        record = imported(folder, "t.csv", f"threads,{name}\n1,2\n2,1.1\n")
        times = [s["elapsed_s"] for s in record["samples"]]
        assert all(map(close, times, [2 * unit_s, 1.1 * unit_s])), times
    record = imported(folder, "t.csv", "\ufeffworkload;workers;tasks;time\n"
                      "q;1;8;2\nq;2;8;1.1\n")
    assert throughputs(record)["q", "command", 1] == [4]
    both = imported(folder, "t.csv", "seconds,N,X\n1,1,98\n1,2,190\n")
    assert throughputs(both)["t.csv", "command", 2] == [190]
    refused = subprocess.run([cfbench, "fit", "-"], capture_output=True,
                             text=True, check=False,
                             input="n,s\n1,1\n2,1e-320\n")
    assert refused.returncode == 2 and "too small" in refused.stderr, refused


def a_columns_words_tell_times_from_throughputs(folder):
    """Those that tell neither are asked about, not guessed."""
    for name, unit_s in [("Elapsed Time (ms)", 1e-3), ("secs", 1), ("avg_ms", 1e-3),
                         ("wall_clock_us", 1e-6), ("ms/op", 1e-3), ("took", 1),
                         ("time per task", 1), ("Minutes", 60)]:
        record = imported(folder, "t.csv", f"threads,{name}\n1,2\n2,1\n")
        times = [s["elapsed_s"] for s in record["samples"]]
        assert all(map(close, times, [2 * unit_s, unit_s])), (name, times)
    for name in ["Requests per second", "req/s", "tasks / ms", "mean req/s",
                 "hits", "pages per minute"]:
        record = imported(folder, "t.csv", f"threads,{name}\n1,98\n2,190\n")
        assert throughputs(record)["t.csv", "command", 2] == [190], name
    for name in ["mean", "Latency_ms", "response time", "median"]:
        error = run("fit", write(folder, "t.csv", f"N,{name}\n1,2\n2,1\n"),
                    code=2)
        assert f'"{name}" may be times or rates' in error


def a_table_has_speedups(folder):
    """Of means, since no row shares a block with another's."""
    record = imported(folder, "t.csv", "threads,seconds\n1,8\n1,2\n2,2\n4,1\n")
    found = {(s["case"], s["metric"]): (s["estimate"], s["ci95"], s["method"])
             for s in record["summaries"] if s["base"] == "c0"}
    assert found["c1", "speedup_ratio"] == (2, None, "welch-log"), found
    assert found["c2", "efficiency_ratio"] == (1, None, "welch-log"), found
    blocks = imported(folder, "t.csv", "threads,seconds,block\n1,8,0\n1,2,1\n"
                      "2,4,0\n2,1,1\n")
    assert [s["method"] for s in blocks["summaries"]
            if s["case"] == "c1" and s["base"] == "c0"] == ["t-log"] * 2


def cases_that_differ_in_tasks_are_left_apart(folder):
    """Where the rows of one disagree, each of them is one task."""
    record = imported(folder, "t.csv", "N,X,tasks,block\n1,98,8,0\n"
                      "1,99,4,1\n2,190,8,0\n2,191,,1\n4,350,8,0\n")
    assert [c["tasks"] for c in record["cases"]] == [1, 1, 8]
    assert [s["tasks"] for s in record["samples"]] == [1, 1, 1, 1, 8]
    assert record["workloads"][0]["tasks"] == 1
    rates = throughputs(record)
    for workers, expected in [(1, [98, 99]), (2, [190, 191]), (4, [350])]:
        assert all(map(close, rates["t.csv", "command", workers], expected))
    out = loads(export("hyperfine", os.path.join(folder, "in.json")))
    assert close(out["results"][0]["times"][1], 1 / 99)
    same = imported(folder, "t.csv", "N,X,tasks\n1,98,8\n1,99,8\n2,190,8\n")
    assert [c["tasks"] for c in same["cases"]] == [8, 8]
    assert same["workloads"][0]["tasks"] == 8


def what_went_out_comes_in(record, path, folder):
    for name in ["hyperfine", "pyperf", "gbench", "csv"]:
        back = imported(folder, f"back.{name}", export(name, path))
        kept = dict(record, cases=measured(record))
        if name == "hyperfine":  # knows batches alone
            kept["samples"] = [dict(s, tasks=1) for s in record["samples"]]
        assert same_throughputs(kept, back), name


NAMES = ["/bin/true", "/usr/bin/cat /proc/8", "x/threads:4", "pool-8", "8",
         "x/backend=y", "x/backend=y/workers=3", "a//b", "a/", "a_b", "a-b",
         "a b", "true", "counts", "<script>", "$(x)", "a,b", "a;b", "\u00e9",
         'say "hi"', '"quoted"', '"', "#x", '# "x", y', " lead", "trail "]


def renamed(record, folder):
    """A record whose cases differ in the names of their workloads alone."""
    first = measured(record)[1]
    changed = dict(record, workloads=[], cases=[], samples=[], summaries=[],
                   models=[], recommendations=[], comparisons=[])
    for number, one in enumerate(NAMES):
        changed["workloads"].append(dict(record["workloads"][0], id=one))
        changed["cases"].append(dict(first, id=f"c{number}", workload=one))
        changed["samples"] += [dict(s, case=f"c{number}", tasks=1)
                               for s in counting(record, first)[:number + 1]]
    write(folder, "names.json", changed)
    return changed


def a_workload_comes_back_whatever_it_is_called(record, folder):
    changed = renamed(record, folder)
    for name in ["hyperfine", "pyperf", "gbench", "csv"]:
        text = export(name, os.path.join(folder, "names.json"))
        assert same_throughputs(changed, imported(folder, "names", text)), name
        if name == "csv":
            again = export(name, os.path.join(folder, "in.json"))
            assert [r.split(",1,c")[0] for r in again.splitlines()] == \
                [r.split(",1,c")[0] for r in text.splitlines()]


def a_path_keeps_its_first_slash(folder):
    content = json.loads(json.dumps(GOOGLE_BENCHMARK))
    content["benchmarks"] = [{"name": "/bin/true/threads:4", "iterations": 1,
                              "real_time": 1}]
    case, = imported(folder, "path.json", content)["cases"]
    assert (case["workload"], case["workers"]) == ("/bin/true", 4)


def a_number_that_is_no_count_stays(folder):
    def workloads(template, counts=(1, 2, 4), **other):
        content = {"results": [
            {"command": template.replace("{j}", str(n)), "times": [1, 2],
             "parameters": {"j": str(n)} | other} for n in counts]}
        cases = imported(folder, "numbers.json", content)["cases"]
        assert [c["workers"] for c in cases] == list(counts)
        return {c["workload"] for c in cases}

    for one in ["xz -1 -T{j}", "a 0.1 -j {j} 2", "{j}x{j} 4", "named 1", "1"]:
        assert workloads(one) == {one}, one
    assert workloads("a -{j} -T{j}", counts=[2]) == {"a -{j} -T{j}"}
    sizes = {"results": [
        {"command": f"a {n} {size}", "times": [1],
         "parameters": {"j": str(n), "size": str(size)}}
        for n in [1, 2] for size in [1, 2]]}
    record = imported(folder, "sizes.json", sizes)
    assert {w["id"] for w in record["workloads"]} == {"a {j} 1", "a {j} 2"}


def many_times_take_no_longer_each(folder):
    n = 200000
    content = {"results": [{"command": "a", "times": [1] * n, "exit_codes":
                            [0] * n, "memory_usage_byte": [4096] * n}]}
    path = write(folder, "many.json", content)
    run("import", path, "-o", os.path.join(folder, "many-r.json"), timeout=60)


def what_is_no_time_or_count_is_refused(folder):
    def google(**other):
        return {"context": {}, "benchmarks": [
            {"name": "a", "iterations": 1, "real_time": 1} | other]}

    def pyperf(loops, value):
        return {"version": "1.0", "benchmarks": [
            {"metadata": {"name": "a", "loops": loops},
             "runs": [{"values": [value]}]}]}

    time, count = "time beyond what a number can hold", "that is none"
    for content, why in [
            ("N,X\n1,1e-310\n", time), (pyperf(1e15, 1e300), time),
            (google(iterations=1e9, real_time=1e308, time_unit="s"), time),
            (google(real_time=1e-320), time),
            (google(items_per_second=1e-310), time),
            (google(iterations=2.5), count), (pyperf(1.5, 1), count)]:
        out = os.path.join(folder, "none.json")
        error = run("import", write(folder, "none", content), "-o", out, code=2)
        assert why in error and not os.path.exists(out), (content, error)


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


def a_byte_order_mark_is_no_content(folder):
    """Some editors put one before whatever they save."""
    plain = imported(folder, "h.json", HYPERFINE)
    marked = imported(folder, "h.json", "\ufeff" + json.dumps(HYPERFINE))
    assert marked["samples"] == plain["samples"]
    with open(os.path.join(folder, "in.json"), encoding="utf-8") as file:
        ours = write(folder, "ours.json", "\ufeff" + file.read())
    assert export("hyperfine", ours) == \
        export("hyperfine", os.path.join(folder, "in.json"))


def a_table_may_be_typed(folder):
    master, slave = os.openpty()
    with subprocess.Popen([cfbench, "fit", "--json", "-"], stdin=slave,
                          stdout=subprocess.PIPE) as fit:
        os.close(slave)
        os.write(master, b"1 98\n2 190\n4 350\n8 560\n\x04")
        out, _ = fit.communicate(timeout=60)
        assert fit.returncode == 0 and loads(out.decode())["models"], out
        os.close(master)
    said = run("fit", "-", code=2, stdin=subprocess.DEVNULL)
    assert said == "cfbench: /dev/stdin: is a device, not a file\n", said


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


def check_all(record, path, folder):
    for check in [hyperfine_in, pyperf_in, google_benchmark_in, tables_in,
                  a_table_may_have_times, a_table_has_speedups,
                  a_columns_words_tell_times_from_throughputs,
                  cases_that_differ_in_tasks_are_left_apart,
                  fit_reads_them_too, a_path_keeps_its_first_slash,
                  what_is_no_time_or_count_is_refused,
                  a_number_that_is_no_count_stays,
                  many_times_take_no_longer_each,
                  a_byte_order_mark_is_no_content,
                  a_table_may_be_typed, foreign_files_are_not_trusted,
                  hyperfine_itself]:
        check(folder)
    what_went_out_comes_in(record, path, folder)
    a_workload_comes_back_whatever_it_is_called(record, folder)


with_example(check_all)
