#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the advice is worth where it really measures: docs/recommend.md.

    evaluate_real.py CFBENCH -o FILE.jsonl [--seconds N]     measure a part
    evaluate_real.py --report FILE.jsonl                     print the tables

Each line of FILE is one trial, truth, recommendation or power-of-two sweep;
what is there is not measured again, so the evaluation can be run in parts. The
truth of `synthetic` is its formula; that of work that computes is an exhaustive
sweep of its own: every count, 30 blocks, measured before the trials.

With --share K/N only each Nth trial from the Kth on, so that several can fill
one file at once: for --work synthetic, whose tasks wait. Starting their workers
takes a fifth of a CPU: the report says how far samples were off their formula.
"""
import argparse
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time

from real_tables import report
from real_truth import COMPUTING, CURVES, MOST, curve_parameters, plan, read


# --- CPU limits ---

class Quota:
    """A cgroup of our own with 1.5 CPUs, where one can be made."""

    def __init__(self):
        self.folder = None
        for parent, file, text in (
                ("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", "150000"),
                ("/sys/fs/cgroup", "cpu.max", "150000 100000")):
            folder = os.path.join(parent, f"cfbench-{os.getpid()}")
            try:
                os.mkdir(folder)
                self.folder = folder
                with open(os.path.join(folder, file), "w") as quota:
                    quota.write(text)
                return
            except OSError:
                self.close()

    def wrap(self, command):
        return ["sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"',
                self.folder] + command

    def close(self):
        if self.folder is not None:
            try:
                os.rmdir(self.folder)
            except OSError:
                pass
        self.folder = None


def limited(limit, quota, command):
    if limit == "1 CPU":
        return ["taskset", "-c", str(min(os.sched_getaffinity(0)))] + command
    if limit == "1.5 CPUs":
        return quota.wrap(command) if quota.folder else None
    if limit == "2 CPUs":
        cpus = sorted(os.sched_getaffinity(0))[:2]
        return ["taskset", "-c", ",".join(map(str, cpus))] + command
    return command


# --- measuring ---

def run(command):
    """The record that the command writes, and the seconds it took."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "record.json")
        start = time.monotonic()
        done = subprocess.run(command + ["-o", path], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
        with open(path) as file:
            return json.load(file), time.monotonic() - start


def usl_peak(cfbench, record):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(record, file)
        file.flush()
        done = subprocess.run([cfbench, "fit", file.name, "--model", "usl",
                               "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        return None
    peak = json.loads(done.stdout)["models"][0]["peak"]["workers"]
    return peak if peak is not None else MOST


def rates_of(record):
    workers = {case["id"]: case["workers"] for case in record["cases"]}
    return {workers[s["case"]]: s["estimate"] for s in record["summaries"]
            if s["metric"] == "throughput_per_s"}


def hash_of(text):
    value = 0
    for letter in text:
        value = (value * 131 + ord(letter)) % 1000003
    return value


def flags_of(trial):
    if trial.work in CURVES:
        return ["synthetic", "-b", "thread", "--gap", "10ms"] + \
            curve_parameters(CURVES[trial.work]) + \
            ["-p", f"noise={trial.level}"]  # and rounds of as many tasks
    words, _ = COMPUTING[trial.work]
    return [trial.work, "-b", "thread", "--gap", "10ms"] + words


def command_of(trial, cfbench, quota):
    seed = ["--seed", str(1000 * trial.repeat + abs(hash_of(trial.key())))]
    if trial.kind == "truth":
        words = ["run", "-j", f"1..{trial.most()}", "--blocks", "30"]
    elif trial.kind == "powers":
        words = ["run", "-j", f"pow2:{trial.most()}", "--blocks", "5"]
    else:
        words = ["recommend", "--goal", trial.goal, "-j", str(trial.most())]
    return limited(trial.level, quota,
                   [cfbench, words[0]] + flags_of(trial) + words[1:] + seed)


def measured(trial, cfbench, quota):
    command = command_of(trial, cfbench, quota)
    if command is None:
        return {"key": trial.key(), "skipped": "no cgroup may be made here"}
    record, seconds = run(command)
    line = {"key": trial.key(), "seconds": round(seconds, 2),
            "date": record["run"]["started"],
            "runs": len(record["samples"])}
    if trial.kind == "recommend":
        answer = record["recommendations"][0]
        line.update({name: answer[name] for name in (
            "workers", "confidence_set", "good_set", "regret_ratio",
            "shown", "confirmed", "cause")})
        line["alternatives"] = {a["name"]: a["workers"]
                                for a in answer["alternatives"]}
    else:
        line["rates"] = rates_of(record)
        line["usl_peak"] = usl_peak(cfbench, record)
    return line


def shared(trials, options):
    """Those of this process's share."""
    works = {"synthetic": CURVES, "computing": COMPUTING}.get(
        options.work, {**CURVES, **COMPUTING})
    first, of = map(int, options.share.split("/"))
    return [t for t in trials if t.work in works][first - 1::of]


def measure(cfbench, path, options):
    done = read(path)
    quota = Quota()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and clean up
    deadline = time.monotonic() + options.seconds
    todo = [trial for trial in shared(plan(), options)
            if trial.key() not in done]
    longest = 0
    try:
        with open(path, "a") as file:
            for count, trial in enumerate(todo):
                start = time.monotonic()
                if start + longest > deadline:
                    print(f"{len(todo) - count} trials left: run it again")
                    return
                line = measured(trial, cfbench, quota)
                file.write(json.dumps(line) + "\n")
                file.flush()
                longest = max(longest, time.monotonic() - start)
    finally:
        quota.close()
    print("every trial is measured")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cfbench", nargs="?")
    parser.add_argument("-o", "--output")
    parser.add_argument("--seconds", type=float, default=math.inf)
    parser.add_argument("--work", choices=("synthetic", "computing"))
    parser.add_argument("--share", default="1/1", metavar="K/N")
    parser.add_argument("--report")
    options = parser.parse_args()
    if options.report:
        report(options.report)
        return
    if not options.cfbench or not options.output:
        parser.error("needs CFBENCH and -o FILE, or --report FILE")
    folder = os.path.dirname(options.output)
    if folder:
        os.makedirs(folder, exist_ok=True)
    measure(os.path.abspath(options.cfbench), options.output, options)
    report(options.output)


if __name__ == "__main__":
    sys.exit(main())
