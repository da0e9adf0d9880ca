# SPDX-License-Identifier: MIT
"""The tables of evaluate_real.py, from the lines that it left."""
import math

from real_truth import (COMPUTING, CURVES, GOALS, MOST, NOISES, REPEATS,
                        WITHIN, Trial, best_of, knee_of, plan, read,
                        throughput)


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
