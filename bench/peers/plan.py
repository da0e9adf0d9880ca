# SPDX-License-Identifier: MIT
"""What is compared with whom: cases, peers, how many tasks, and the goals."""
import collections

Case = collections.namedtuple("Case", "about tasks")

CASES = {
    "t1": Case("one outside thread submits empty tasks, waits for all", 1000000),
    "t1w8": Case("t1 with 8 workers, whatever --workers says", 1000000),
    "t2": Case("one outside thread submits an empty task and waits", 3000),
    "t2in": Case("a task submits an empty task and waits; it may run it itself", 100000),
    "t3": Case("recursive fib, a spawn per call, no cut-off", 1),
    "t4": Case("four outside threads submit empty tasks and wait", 1000000),
    "t5": Case("squares over an array", 1000000),
    "t6": Case("CPU time of an idle pool", 500),
    "in_flight_1000": Case("t1, 1000 tasks at a time", 1000000),
    "in_flight_100000": Case("t1, 100,000 tasks at a time", 1000000),
    "in_flight_10000000": Case("t1, 10,000,000 tasks at a time", 10000000),
    "memory": Case("resident memory of a task that waits", 1000000),
    "p1": Case("empty tasks through processes", 100000),
    "p1m": Case("squares through processes", 200000),
    # long enough for the scheduler to see who is awake, and where
    "p2": Case("an empty task through a process and back", 10000),
    "p3_64": Case("64 bytes there and back", 10000),
    "p3_4096": Case("4 KiB there and back", 10000),
    "p3_65536": Case("64 KiB there and back", 200),
    "p3_1048576": Case("1 MiB there and back", 20),
    "p3_67108864": Case("64 MiB there and back, by value", 3),
    "p6_67108864": Case("64 MiB there and back, in a buffer", 500),
    "p4": Case("workers start (all ready, first task done for Python)", 1),
    "p5": Case("tasks of 1 ms, one kills its worker; until all have ended", 200),
}

# What is read from a case's passes: "per task" (elapsed by tasks), or a word of
# the driver. One table each; the first is the case's own.
VIEWS = {
    "t2": ["p50_s", "per task", "p99_s"],
    "t2in": ["p50_s"],
    "t6": ["cpu_s"],
    "memory": ["bytes_per_task"],
    "p2": ["p50_s", "per task", "p99_s"],
    "p4": ["pool_create_s", "pool_destroy_s"],
    "p5": ["elapsed_s"],
}


# What a driver is asked for, where that is not the case's own name.
DRIVER_CASES = {"t1w8": "t1"}
WORKERS = {"t1w8": 8}


def views_of(case):
    return VIEWS.get(case, ["per task"])


# kind, file or module, why it may be missing; the driver's word for it if not
# the same.
PEERS = {
    "libcf": ("binary", "libcf", "target peers", ""),
    "libcf_many": ("binary", "libcf", "target peers", "many"),
    "libcf_forkjoin": ("binary", "libcf", "target peers", "forkjoin"),
    "libcf_helps": ("binary", "libcf", "target peers", "helps"),
    "limits": ("binary", "limits", "target peers"),
    "libgomp": ("binary", "libgomp", "gcc's OpenMP"),
    "libomp": ("binary", "libomp", "Debian packages clang, libomp-dev"),
    "tbb": ("binary", "tbb", "Debian packages g++, libtbb-dev"),
    "glib": ("binary", "glib", "Debian package libglib2.0-dev"),
    "libuv": ("binary", "libuv", "Debian package libuv1-dev"),
    "java": ("java", "Forkjoin", "Debian package default-jdk-headless"),
    "threads": ("python", None, ""),
    "processes": ("python", None, ""),
    "multiprocessing": ("python", None, ""),
    "pebble": ("python", "pebble", "Python package pebble"),
    "mpi4py": ("python", "mpi4py", "Debian package python3-mpi4py"),
}

COMPILED = ["limits", "libgomp", "libomp", "tbb", "glib", "libuv", "java"]
POOLS = ["processes", "multiprocessing", "pebble", "mpi4py"]

# (case, view, peer, lane of libcf): libcf's second pass over the peer's, at most.
GOALS = {
    ("t1", "per task", "java", "libcf"): 0.75,
    ("t1", "per task", "libuv", "libcf"): 0.35,
    ("t1", "per task", "java", "libcf_many"): 0.5,
    ("t2", "p50_s", "glib", "libcf"): 0.2,
    ("t2", "per task", "glib", "libcf"): 1.0,
    ("t2", "p99_s", "glib", "libcf"): 1.2,
    ("t2in", "p50_s", "tbb", "libcf"): 1.5,
    ("t3", "per task", "tbb", "libcf"): 0.45,
    ("t3", "per task", "tbb", "libcf_forkjoin"): 0.45,
    ("t4", "per task", "java", "libcf"): 0.75,
    ("t4", "per task", "glib", "libcf"): 0.55,
    ("t5", "per task", "limits", "libcf"): 0.6,
    ("t5", "per task", "limits", "libcf_helps"): 0.6,
    ("t6", "cpu_s", "glib", "libcf"): 2.0,
    ("p1", "per task", "multiprocessing", "libcf"): 0.01,
    ("p1", "per task", "processes", "libcf"): 0.005,
    ("p1m", "per task", "multiprocessing", "libcf"): 1.0,
    ("p2", "p50_s", "multiprocessing", "libcf"): 0.4,
    ("p2", "p50_s", "limits", "libcf"): 1.15,
    ("p3_64", "per task", "pebble", "libcf"): 0.01,
    ("p3_4096", "per task", "pebble", "libcf"): 0.02,
    ("p3_65536", "per task", "mpi4py", "libcf"): 0.08,
    ("p3_1048576", "per task", "mpi4py", "libcf"): 0.25,
    ("p4", "pool_create_s", "processes", "libcf"): 0.12,
    ("p4", "pool_destroy_s", "processes", "libcf"): 0.4,
    ("p5", "elapsed_s", "pebble", "libcf"): 1.0,
}


# (case, view, case it is measured by): libcf beside itself, second passes.
OWN_GOALS = {
    ("t1w8", "per task", "t1"): 1.25,
    ("t4", "per task", "t1"): 1.1,
    ("in_flight_100000", "per task", "in_flight_1000"): 2.0,
    ("in_flight_10000000", "per task", "in_flight_1000"): 2.0,
    ("p6_67108864", "per task", "p3_67108864"): 0.01,
}

# (case, view): libcf's second pass, at most.
LIMITS = {("memory", "bytes_per_task"): 192}


def peers_of(case):
    """Who has the case; a driver may still refuse it."""
    if case.endswith("_67108864"):
        return ["libcf"]
    if case[0] == "p":
        lanes = ["libcf", "libcf_many"] if case == "p1" else ["libcf"]
        return lanes + ([] if case in ("p1m", "p5") else ["limits"]) + POOLS
    lanes = ["libcf"] + {"t1": ["libcf_many"], "t4": ["libcf_many"],
                         "t3": ["libcf_forkjoin"],
                         "t5": ["libcf_helps"]}.get(case, [])
    if case.startswith("in_flight") or case == "memory":
        return lanes
    compiled = {"t1": COMPILED, "t1w8": ["libuv", "java"],
                "t2": COMPILED, "t2in": ["tbb"],
                "t3": ["libgomp", "libomp", "tbb", "java"],
                "t4": [peer for peer in COMPILED if peer != "limits"],
                "t5": ["limits", "libgomp", "libomp", "tbb"],
                "t6": [peer for peer in COMPILED if peer != "java"]}[case]
    return lanes + compiled + (["threads"] if case in ("t1", "t2", "t5", "t6") else [])


def tasks_of(case, peer, is_smoke):
    """Slow peers get fewer tasks: what is compared is a cost per task. A smoke
    test gets enough to see that it works."""
    tasks = CASES[case].tasks
    if is_smoke:
        return min(tasks, 40)
    if peer == "threads" and case in ("t1", "t5"):
        return 5000
    if peer in POOLS and case == "p1":
        return 2000
    if peer in POOLS and case == "p1m":
        return tasks // 10
    if peer in POOLS and case in ("p2", "p3_64", "p3_4096"):
        return 1000 if case == "p2" else 500
    return tasks
