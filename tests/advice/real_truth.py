# SPDX-License-Identifier: MIT
"""What evaluate_real.py and its tables share: the trials there are, what is true
of them, and the lines that were measured."""
import json
import os

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


class Trial:
    """One line of the file, by its key."""

    def __init__(self, kind, work, level, goal="", repeat=0):
        self.kind, self.work, self.level = kind, work, level
        self.goal, self.repeat = goal, repeat

    def key(self):
        return "|".join((self.kind, self.work, str(self.level), self.goal,
                         str(self.repeat)))

    def most(self):
        """The most workers that it looks at."""
        return MOST if self.work in CURVES else COMPUTING[self.work][1]


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
