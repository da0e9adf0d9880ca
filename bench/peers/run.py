# SPDX-License-Identifier: MIT
"""Runs libcf and its peers side by side and prints the ratios.

Every block runs every case of every peer once, each in a fresh process, in an
order of its own (seeded), so that a change of the machine hits all alike. A
driver makes two passes in one process: the first on fresh memory, the second
on what the first left. Ratios are made within a block, then their median and
range are printed. peer.h says what drivers print.
"""
import argparse
import datetime
import json
import os
import platform
import random
import resource
import shutil
import subprocess
import sys
import time

from plan import (CASES, DRIVER_CASES, GOALS, LIMITS, OWN_GOALS, PEERS, WORKERS, peers_of,
                  tasks_of, views_of)

HERE = os.path.dirname(os.path.abspath(__file__))
EXIT_NO_SUCH_CASE = 3


def command_of(peer, drivers):
    """What to run before CASE TASKS WORKERS PEER, or None and the reason."""
    kind, name = PEERS[peer][:2]
    if kind == "binary":
        path = os.path.join(drivers, name)
        return ([path], None) if os.path.exists(path) else (None, "not built: " + PEERS[peer][2])
    if kind == "java":
        if shutil.which("java") and os.path.exists(os.path.join(drivers, name + ".class")):
            return ["java", "-XX:+UseParallelGC", "-cp", drivers, name], None
        return None, "no JDK"
    python = [sys.executable, os.path.join(HERE, "python_pools.py")]
    if name is None:
        return python, None
    known = subprocess.run([sys.executable, "-c", "import " + name], capture_output=True)
    if known.returncode != 0:
        return None, f"this Python has no {name}"
    if name == "mpi4py":
        if not shutil.which("mpiexec"):
            return None, "no mpiexec"
        return ["mpiexec", "--allow-run-as-root", "--oversubscribe", "-n", "3",
                sys.executable, "-m", "mpi4py.futures", python[1]], None
    return python, None


def parse(line):
    words = dict(word.split("=", 1) for word in line.split())
    return {key: int(value) if key in ("pass", "tasks") else float(value)
            for key, value in words.items()}


def run_driver(command, case, peer, options):
    """The passes of one run; or None, why not, and whether it never can."""
    tasks = tasks_of(case, peer, options.smoke)
    variant = PEERS[peer][3] if len(PEERS[peer]) > 3 else peer
    try:
        done = subprocess.run(
            command + [DRIVER_CASES.get(case, case), str(tasks),
                       str(WORKERS.get(case, options.workers)), variant],
            capture_output=True, text=True, timeout=options.limit)
    except subprocess.TimeoutExpired:
        return None, f"no end in {options.limit:g} s", False
    except OSError as error:
        return None, str(error), True
    if done.returncode == EXIT_NO_SUCH_CASE:
        return None, "has no such case", True
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if any(map(str.isalpha, line))]
        return None, f"exit {done.returncode}: {(said or ['no message'])[-1][:200]}", False
    return [parse(line) for line in done.stdout.splitlines() if line.startswith("pass=")], None, False


def value_of(view, number):
    """The number that is compared, in seconds or bytes: of a pass as printed."""
    if view == "per task":
        return number["elapsed_s"] / number["tasks"]
    return number.get(view)


class Run:
    """One cell: a case of a peer, and what its blocks gave."""

    def __init__(self, case, peer, command):
        self.case, self.peer, self.command = case, peer, command
        self.id = f"{case}.{peer}"
        self.blocks = {}
        self.reason = None


def measure(runs, options, journal, begun):
    random_order = random.Random(options.seed)
    for block in range(options.blocks):
        order = [run for run in runs if run.command is not None]
        random_order.shuffle(order)
        for position, run in enumerate(order):
            started = time.monotonic() - begun
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            passes, why, is_final = run_driver(run.command, run.case, run.peer, options)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            if passes is None:
                run.reason = why
                if is_final:
                    run.command = None
                continue
            run.blocks[block] = passes
            for number in passes:
                journal.write(json.dumps(sample_of(
                    run, block, position, started, number, before, after)) + "\n")
        journal.flush()
        show_progress(block + 1, options.blocks, begun)


def show_progress(done, blocks, begun):
    spent = time.monotonic() - begun
    print(f"block {done} of {blocks}, {spent:.0f} s", file=sys.stderr)


def sample_of(run, block, position, started, number, before, after):
    """A sample as results/schema.json has it. The first pass is warm-up: it
    enters no statistic there."""
    latency = None
    if "p50_s" in number:
        latency = {"kind": "response", "n": number["tasks"], "max_s": number["max_s"],
                   "p50_s": number["p50_s"], "p90_s": None,
                   "p99_s": number["p99_s"] if number["tasks"] >= 1000 else None,
                   "reason": "p90 is not recorded; p99 needs 1000 tasks", "hist": None}
    last = number["pass"] == 1
    return {
        "case": run.id, "block": block, "position": position, "iteration": number["pass"],
        "warmup": not last, "started_s": round(started, 6),
        "elapsed_s": number["elapsed_s"], "tasks": number["tasks"],
        "submit_s": number.get("submit_s"), "pool_create_s": number.get("pool_create_s"),
        "pool_destroy_s": number.get("pool_destroy_s"),
        "cpu": {"user_s": round(after.ru_utime - before.ru_utime, 6),
                "sys_s": round(after.ru_stime - before.ru_stime, 6)},
        "ctx": {"voluntary": after.ru_nvcsw - before.ru_nvcsw,
                "involuntary": after.ru_nivcsw - before.ru_nivcsw},
        "faults": {"minor": after.ru_minflt - before.ru_minflt,
                   "major": after.ru_majflt - before.ru_majflt},
        "peak_rss_bytes": None, "latency": latency,
        "delta": {"steal_s": None, "throttled_s": None}, "verified": True,
        "excluded_by": None,
        "reason": "cpu, ctx and faults are those of the whole driver, both passes",
        "peers": {key: value for key, value in number.items()
                  if key in ("cpu_s", "failed", "bytes_per_task")}}


def git(*arguments):
    done = subprocess.run(["git", "-C", HERE, *arguments], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def head_of(runs, options, started):
    """The journal's first line: everything but samples."""
    load = os.getloadavg()[0]
    usable = len(os.sched_getaffinity(0))
    doubts = []
    if load > usable / 2:
        doubts.append({"id": "load", "level": "warn",
                       "message": f"the machine was busy: load {load:.1f} on {usable} CPUs",
                       "advice": "run it again on a quiet machine"})
    cases = [{"id": run.id, "workload": run.case, "backend": run.peer,
              "workers": WORKERS.get(run.case, options.workers), "params": {},
              "tasks": tasks_of(run.case, run.peer, options.smoke),
              "status": "measured" if run.command else "skipped", "reason": run.reason}
             for run in runs]
    return {
        "schema": {"name": "cfbench.record", "version": "1.0"},
        "tool": {"version": None, "commit": git("rev-parse", "--short", "HEAD"),
                 "dirty": bool(git("status", "--porcelain")), "build": {"cc": None, "cflags": None}},
        "run": {"id": started.strftime("%Y%m%dT%H%M%SZ"), "name": "peers",
                "started": started.strftime("%Y-%m-%dT%H:%M:%SZ"), "duration_s": None,
                "argv": sys.argv, "seed": str(options.seed), "order": "random",
                "blocks": options.blocks, "stop_reason": "blocks", "budget_s": None,
                "partial": False},
        "env": {"host": None, "os": platform.system(), "kernel": platform.release(), "virt": None,
                "cpu": {"usable": usable}, "load1": load, "checks": doubts,
                "python": [{"path": sys.executable, "version": platform.python_version(),
                            "gil_enabled": True}]},
        "workloads": [{"id": case, "class": "cpu", "about": CASES[case].about, "params": {},
                       "tasks": tasks_of(case, "libcf", options.smoke)} for case in CASES],
        "cases": cases, "summaries": [], "comparisons": [], "models": [], "recommendations": []}


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def numbers_of(run, number, view):
    """Per block, what pass `number` gave."""
    return {block: value_of(view, passes[number]) for block, passes in run.blocks.items()
            if len(passes) > number and value_of(view, passes[number]) is not None}


def in_units(seconds, view):
    if view.startswith("bytes"):
        return f"{seconds:.4g} B"
    for unit, factor in (("s", 1), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def ratios_to(ours, theirs, number, view):
    mine, other = numbers_of(ours, number, view), numbers_of(theirs, number, view)
    return [mine[block] / other[block] for block in mine if other.get(block)]


def print_view(case, view, runs):
    cells = {run.peer: run for run in runs if run.case == case}
    print(f"\n{case}  {CASES[case].about}: {view.replace('_s', '').replace('_', ' ')}")
    print(f"  {'peer':16} {'first':>8} {'second':>8} {'least .. most':>20}   "
          f"{'libcf / peer, second pass':>26} {'first':>7}  goal")
    for peer, run in cells.items():
        first, second = (numbers_of(run, number, view) for number in (0, 1))
        if not second:
            print(f"  {peer:16} {run.reason or 'nothing'}")
            continue
        line = (f"  {peer:16} {in_units(median(first.values()), view):>8} "
                f"{in_units(median(second.values()), view):>8} "
                f"{in_units(min(second.values()), view):>8} .. {in_units(max(second.values()), view):>8}")
        lanes = [] if peer.startswith("libcf") else [
            (ours, text) for ours in cells if ours.startswith("libcf")
            for text in [compare(case, view, cells[ours], run)] if text]
        print(f"{line}   {lanes[0][1]}" if lanes else line)
        for ours, text in lanes[1:]:
            print(f"  {'':16} {'':8} {'':8} {ours:>20}   {text}")
    most = LIMITS.get((case, view))
    if most is not None and cells["libcf"].blocks:
        seen = median(numbers_of(cells["libcf"], 1, view).values())
        print(f"  goal: at most {most}: {'met' if seen <= most else 'missed'}")


def compare(case, view, lane, run):
    """The ratios of one lane of libcf to a peer; empty where there are none."""
    ratios = ratios_to(lane, run, 1, view) if lane and lane.blocks else []
    if not ratios:
        return ""
    spread = f"{median(ratios):.3g} [{min(ratios):.3g}, {max(ratios):.3g}]"
    goal = GOALS.get((case, view, run.peer, lane.peer))
    text = f"{spread:>26} {median(ratios_to(lane, run, 0, view)):7.3g}"
    if goal is None:
        return text
    verdict = "met" if median(ratios) <= goal else "missed"
    return f"{text}  <= {goal:g} {verdict}"


def print_own(runs):
    """libcf beside itself: more workers, more producers, more tasks in flight."""
    cells = {run.case: run for run in runs if run.peer == "libcf" and run.blocks}
    for (case, view, base), most in OWN_GOALS.items():
        if case not in cells or base not in cells:
            continue
        ratios = ratios_to(cells[case], cells[base], 1, view)
        if ratios:
            print(f"libcf: {case} / {base}: {median(ratios):.3g} [{min(ratios):.3g}, "
                  f"{max(ratios):.3g}], second pass  <= {most:g} "
                  f"{'met' if median(ratios) <= most else 'missed'}")


def print_killed(runs, is_smoke):
    for run in runs:
        failed = [passes[-1]["failed"] for passes in run.blocks.values()
                  if "failed" in passes[-1]]
        if failed:
            print(f"  {run.peer:16} {median(failed):.0f} of {tasks_of('p5', run.peer, is_smoke)} "
                  "tasks failed when one killed its worker")


def write_record(drivers, journal_path, path):
    compiler = os.path.join(drivers, "compile_record")
    done = subprocess.run([compiler, journal_path, path], capture_output=True, text=True)
    if done.returncode != 0:
        print(f"run.py: {done.stderr.strip()}", file=sys.stderr)
        return False
    os.unlink(journal_path)
    print(f"\n{path}")
    return True


def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--drivers", required=True, metavar="FOLDER")
    parser.add_argument("-o", "--output", required=True, metavar="FILE.json")
    parser.add_argument("--blocks", type=int, default=7)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=60, help="seconds for one driver")
    parser.add_argument("--only", default="", help="cases and peers, separated by commas")
    parser.add_argument("--smoke", action="store_true", help="one tiny block: does it work?")
    options = parser.parse_args(arguments)
    if options.smoke:
        options.blocks = 1
    if options.blocks < 1 or options.workers < 1:
        parser.error("at least one block and one worker")
    return options


def choose(options):
    wanted = set(filter(None, options.only.split(",")))
    unknown = wanted - set(CASES) - set(PEERS)
    if unknown:
        sys.exit(f"run.py: no such case or peer: {', '.join(sorted(unknown))}")
    cases = [case for case in CASES if case in wanted] or list(CASES)
    peers = [peer for peer in PEERS if peer in wanted] or list(PEERS)
    runs, missing = [], {}
    for peer in peers:
        command, why = command_of(peer, options.drivers)
        if command is None:
            missing[peer] = why
        for case in cases:
            if peer in peers_of(case):
                run = Run(case, peer, command)
                run.reason = why
                runs.append(run)
    return runs, missing


def main():
    options = options_of(sys.argv[1:])
    runs, missing = choose(options)
    for peer, why in missing.items():
        print(f"skipped: {peer}: {why}")
    os.makedirs(os.path.dirname(os.path.abspath(options.output)), exist_ok=True)
    journal_path = options.output + "l"
    started, begun = datetime.datetime.now(datetime.timezone.utc), time.monotonic()
    with open(journal_path, "w", encoding="utf-8") as journal:
        journal.write(json.dumps(head_of(runs, options, started)) + "\n")
        measure(runs, options, journal, begun)
        for run in runs:
            if run.reason is not None and not run.blocks:
                journal.write(json.dumps({
                    "id": run.id, "workload": run.case, "backend": run.peer,
                    "workers": options.workers, "params": {},
                    "tasks": tasks_of(run.case, run.peer, options.smoke),
                    "status": "skipped" if run.command is None else "failed",
                    "reason": run.reason}) + "\n")
    if options.smoke:
        print("a smoke test: its numbers mean nothing")
    for case in dict.fromkeys(run.case for run in runs):
        for view in views_of(case):
            print_view(case, view, runs)
        if case == "p5":
            print_killed([run for run in runs if run.case == case], options.smoke)
    print()
    print_own(runs)
    is_written = write_record(options.drivers, journal_path, options.output)
    # in p5 a whole pool may die with its worker: a finding, no failure of ours
    has_failed = any(run.command is not None and not run.blocks
                     and (run.case != "p5" or run.peer == "libcf") for run in runs)
    return 0 if is_written and not has_failed else 2


if __name__ == "__main__":
    sys.exit(main())
