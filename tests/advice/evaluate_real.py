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

WITHIN = 0.05
REPEATS = 3
NOISES = (0.005, 0.02, 0.05)
GAMMA = 25
MOST = 40
GOALS = ("knee", "throughput")

CURVES = {
    "usl .02 .0005": ("usl", 0.02, 0.0005),
    "usl .05 .002": ("usl", 0.05, 0.002),
    "usl 0 .001": ("usl", 0.0, 0.001),
    "usl .01 .02": ("usl", 0.01, 0.02),
    "amdahl .05": ("usl", 0.05, 0.0),
    "amdahl .3": ("usl", 0.3, 0.0),
    "cap 4": ("cap", 4),
    "cap 12": ("cap", 12),
    "cap 30": ("cap", 30),
    "kink at 8": ("table", "1:25,8:200,16:260,64:300"),
    "two tops": ("table", "1:25,6:140,12:120,24:180,64:150"),
    "falling": ("table", "1:25,2:24,8:20,64:10"),
}

# Work that computes: what to run, and the CPUs that it may use.
COMPUTING = {
    "sum_squares": (["-p", "n=4000000", "--tasks", "24"], 4),
    "sha256": (["-p", "rounds=40", "--tasks", "24"], 4),
}
LIMITS = ("1 CPU", "1.5 CPUs", "2 CPUs")


# --- the truth ---

def throughput(curve, workers):
    kind = curve[0]
    if kind == "usl":
        _, alpha, beta = curve
        return GAMMA * workers / (1 + alpha * (workers - 1) +
                                  beta * workers * (workers - 1))
    if kind == "cap":
        return GAMMA * min(workers, curve[1])
    points = [tuple(map(float, p.split(":"))) for p in curve[1].split(",")]
    for (n0, x0), (n1, x1) in zip(points, points[1:]):
        if workers <= n1:
            return x0 + (x1 - x0) * (workers - n0) / (n1 - n0)
    return points[-1][1]


def curve_parameters(curve):
    kind = curve[0]
    words = ["curve=" + kind, f"gamma_per_s={GAMMA}", "rounds=1"]
    if kind == "usl":
        words += [f"alpha={curve[1]}", f"beta={curve[2]}"]
    elif kind == "cap":
        words += [f"cap={curve[1]}"]
    else:
        words += ["table=" + curve[1]]
    return [text for word in words for text in ("-p", word)]


def best_of(truth):
    return max(truth, key=lambda n: (truth[n], -n))


def knee_of(truth):
    most = max(truth.values())
    return min(n for n in truth if truth[n] >= (1 - WITHIN) * most)


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


class Trial:
    """One line of the file, by its key."""

    def __init__(self, kind, work, level, goal="", repeat=0):
        self.kind, self.work, self.level = kind, work, level
        self.goal, self.repeat = goal, repeat

    def key(self):
        return "|".join((self.kind, self.work, str(self.level), self.goal,
                         str(self.repeat)))

    def flags(self):
        if self.work in CURVES:
            return ["synthetic", "-b", "thread", "--gap", "10ms"] + \
                curve_parameters(CURVES[self.work]) + \
                ["-p", f"noise={self.level}"] # and rounds of as many tasks
        words, _ = COMPUTING[self.work]
        return [self.work, "-b", "thread", "--gap", "10ms"] + words

    def most(self):
        return MOST if self.work in CURVES else COMPUTING[self.work][1]

    def command(self, cfbench, quota):
        seed = ["--seed", str(1000 * self.repeat + abs(hash_of(self.key())))]
        if self.kind == "truth":
            words = ["run", "-j", f"1..{self.most()}", "--blocks", "30"]
        elif self.kind == "powers":
            words = ["run", "-j", f"pow2:{self.most()}", "--blocks", "5"]
        else:
            words = ["recommend", "--goal", self.goal, "-j", str(self.most())]
        return limited(self.level, quota,
                       [cfbench, words[0]] + self.flags() + words[1:] + seed)

    def measure(self, cfbench, quota):
        command = self.command(cfbench, quota)
        if command is None:
            return {"key": self.key(), "skipped": "no cgroup may be made here"}
        record, seconds = run(command)
        line = {"key": self.key(), "seconds": round(seconds, 2),
                "date": record["run"]["started"],
                "runs": len(record["samples"])}
        if self.kind == "recommend":
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


def hash_of(text):
    value = 0
    for letter in text:
        value = (value * 131 + ord(letter)) % 1000003
    return value


def plan():
    """Every trial; all curves once before any comes again."""
    trials = []
    for repeat in range(REPEATS):
        settings = [(work, noise) for noise in NOISES for work in CURVES]
        settings += [(work, limit) for work in COMPUTING for limit in LIMITS]
        for work, level in settings:
            if repeat == 0 and work in COMPUTING:
                trials.append(Trial("truth", work, level))
            trials += [Trial("recommend", work, level, goal, repeat)
                       for goal in GOALS]
            trials.append(Trial("powers", work, level, "", repeat))
    return trials


def read(path):
    lines = {}
    if os.path.exists(path):
        with open(path) as file:
            for text in file:
                line = json.loads(text)
                lines[line["key"]] = line
    return lines


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
                file.write(json.dumps(trial.measure(cfbench, quota)) + "\n")
                file.flush()
                longest = max(longest, time.monotonic() - start)
    finally:
        quota.close()
    print("every trial is measured")


# --- the tables ---

def clopper_pearson(held, trials, level=0.95):
    """By bisection of the binomial's own tails (Clopper & Pearson 1934)."""
    def tail(p, least):
        return sum(math.comb(trials, k) * p ** k * (1 - p) ** (trials - k)
                   for k in range(least, trials + 1))

    def solve(least, wanted):
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = ((middle, high) if tail(middle, least) < wanted
                         else (low, middle))
        return low

    miss = (1 - level) / 2
    return (0.0 if held == 0 else solve(held, miss),
            1.0 if held == trials else solve(held + 1, 1 - miss))


def quantile(values, p):
    ordered = sorted(values)
    return ordered[max(0, math.ceil(p * len(ordered)) - 1)]


def truth_for(lines, work, level):
    if work in CURVES:
        return {n: throughput(CURVES[work], n) for n in range(1, MOST + 1)}
    line = lines.get(Trial("truth", work, level).key(), {})
    return {int(n): x for n, x in line.get("rates", {}).items()} or None


def other_rules(line, powers, truth, goal):
    """What else one could have chosen, as the record names it."""
    most = max(truth)
    nproc = line["alternatives"]["nproc"]
    rules = {"nproc": nproc,
             "CPython: min(32, nproc + 4)":
                 line["alternatives"].get("CPython's thread default"),
             "2 nproc": 2 * nproc,
             "Goetz: nproc (1 + W/C)": line["alternatives"]["Goetz"]}
    if powers:
        rates = {int(n): x for n, x in powers["rates"].items()}
        least = (1 - (WITHIN if goal == "knee" else 0)) * max(rates.values())
        rules["powers of two, 5 blocks"] = min(n for n in rates
                                               if rates[n] >= least)
        if powers["usl_peak"] is not None:
            rules["USL peak, the same samples"] = int(powers["usl_peak"])
    return {name: min(most, max(1, count)) for name, count in rules.items()
            if count is not None}


def loss_of(truth, count, goal):
    share = truth[count] / max(truth.values())
    return max(0.0, (1 - WITHIN if goal == "knee" else 1) - share)


def holds_a_best(truth, first, last):
    """Where counts are equally good, which is the first only chance tells."""
    return max(truth[n] for n in truth if first <= n <= last) == \
        max(truth.values())


def collect(lines, works, goal):
    """Rule -> [(loss, count over true knee, runs)], and the sets."""
    rows, sets = {}, []
    for trial in plan():
        line = lines.get(trial.key())
        if trial.kind != "recommend" or trial.goal != goal or \
                trial.work not in works or not line or "skipped" in line:
            continue
        truth = truth_for(lines, trial.work, trial.level)
        if truth is None:
            continue
        powers = lines.get(Trial("powers", trial.work, trial.level, "",
                                 trial.repeat).key())
        knee = knee_of(truth)
        right = knee if goal == "knee" else best_of(truth)
        first, last = line["confidence_set"]
        sets.append((first <= right <= last, last / first,
                     line["runs"] / (10 * trial.most()),
                     holds_a_best(truth, first, last)))
        chosen = {"recommend": int(line["workers"])}
        chosen.update(other_rules(line, powers, truth, goal))
        for name, count in chosen.items():
            runs = (line["runs"] if name == "recommend" else
                    powers["runs"] if "5 blocks" in name or "same" in name
                    else 0)
            rows.setdefault(name, []).append(
                (loss_of(truth, count, goal), count / knee, runs))
    return rows, sets


def print_table(title, lines, works, goal):
    rows, sets = collect(lines, works, goal)
    if not sets:
        return
    print(f"\n| {title} | mean loss | p95 | worst | count / true knee | runs |"
          "\n|---|---|---|---|---|---|")
    for name, values in rows.items():
        losses = [v[0] for v in values]
        n = len(values)
        print(f"| {name} | {100 * sum(losses) / n:.2f} % | "
              f"{100 * quantile(losses, 0.95):.1f} % | "
              f"{100 * max(losses):.1f} % | "
              f"{sum(v[1] for v in values) / n:.2f} | "
              f"{sum(v[2] for v in values) / n:.0f} |")
    held = sum(s[0] for s in sets)
    low, high = clopper_pearson(held, len(sets))
    widths = [s[1] for s in sets]
    costs = [s[2] for s in sets]
    equals = "" if goal == "knee" else \
        f", one of the equally good in {sum(s[3] for s in sets)}"
    print(f"\nThe 95 % set held the truth in {held} of {len(sets)} trials, "
          f"{100 * held / len(sets):.1f} % [{100 * low:.1f}, "
          f"{100 * high:.1f}]{equals}; its width, last over first: median "
          f"{quantile(widths, 0.5):.2f}, p90 {quantile(widths, 0.9):.2f}. "
          f"Runs over those of an exhaustive sweep of 10 blocks: "
          f"{100 * sum(costs) / len(costs):.0f} %, at most "
          f"{100 * max(costs):.0f} %.")


def print_worst(lines, works, goal, count=5):
    """The losses, published."""
    found = []
    for trial in plan():
        line = lines.get(trial.key())
        if trial.kind != "recommend" or trial.goal != goal or \
                trial.work not in works or not line or "skipped" in line:
            continue
        truth = truth_for(lines, trial.work, trial.level)
        if truth is None:
            continue
        loss = loss_of(truth, int(line["workers"]), goal)
        right = knee_of(truth) if goal == "knee" else best_of(truth)
        found.append((loss, trial, right, line))
    found.sort(key=lambda f: -f[0])
    print(f"\nThe largest losses of goal {goal}:")
    for loss, trial, right, line in found[:count]:
        print(f"  {100 * loss:.1f} %: {trial.work}, {trial.level}: "
              f"{line['workers']:.0f} for {right}, set "
              f"{line['confidence_set']}")


def print_formula(lines):
    """How far the samples of `synthetic` were off it, by the planted noise."""
    for noise in NOISES:
        off = []
        for work in CURVES:
            for repeat in range(REPEATS):
                line = lines.get(Trial("powers", work, noise, "", repeat).key())
                off += [math.log(rate / throughput(CURVES[work], int(n)))
                        for n, rate in (line or {}).get("rates", {}).items()]
        if not off:
            continue
        mean = sum(off) / len(off)
        spread = math.sqrt(sum((x - mean) ** 2 for x in off) / len(off))
        print(f"\nPlanted noise {100 * noise:g} %: means of five samples were "
              f"{-100 * mean:.1f} % below the formula and spread by "
              f"{100 * spread:.1f} %, where {100 * noise / 5 ** 0.5:.1f} % was "
              "planted.")


def report(path):
    lines = read(path)
    trials = [t for t in plan() if t.key() in lines]
    print(f"{len(trials)} of {len(plan())} trials, "
          f"{sum(lines[t.key()].get('seconds', 0) for t in trials):.0f} s.")
    for goal in GOALS:
        allowed = "95 % of the best" if goal == "knee" else "the best"
        print_table(f"goal {goal}, synthetic (loss below {allowed})", lines,
                    CURVES, goal)
        print_table(f"goal {goal}, work that computes", lines, COMPUTING,
                    goal)
        print_worst(lines, {**CURVES, **COMPUTING}, goal)
    print_formula(lines)


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
