# SPDX-License-Identifier: MIT
"""One run: a pool, its batches, and what they took."""
import copy
import os
import resource
import time
from concurrent.futures import BrokenExecutor, Future

import lane_pool
import lane_worker


def submit_all(pool, call, task, items):
    """The futures of all items. A pool that a task has broken meanwhile takes
    no more: what is left has failed like what it had."""
    futures = []
    try:
        for item in items:
            futures.append(pool.submit(call, task, item))
    except BrokenExecutor as error:
        refused = Future()
        refused.set_exception(error)
        futures += [refused] * (len(items) - len(futures))
    return futures


class Batch:
    """All tasks once: submitted one by one, results consumed in order, and
    looked at when the clock has been read. Each has arguments of its own: one
    that sorts the list it is given leaves the next one a list to sort, also
    where they share the process."""

    def __init__(self, pool, work, call):
        self.stamps, self.failed, self.error = [], 0, None
        self.verified = True
        items = [copy.deepcopy(item) for item in work.items]
        cpu_begin = own_cpu_s()
        self.begin = time.perf_counter()
        futures = submit_all(pool, call, work.task, items)
        self.submit_s = time.perf_counter() - self.begin
        for future in futures:
            future.exception()  # waits, and raises nothing
        self.elapsed_s = time.perf_counter() - self.begin
        self.own_cpu_s = own_cpu_s() - cpu_begin
        for i, future in enumerate(futures):
            self.look_at(i, future, work)
        self.far_children_s = {pid: children_cpu_s(pid) for pid in workers_of(self)}

    def look_at(self, i, future, work):
        error, stamps = future.exception(), None
        if error is not None:
            self.failed += 1
            self.blame(f"task {i}: {describe(error)}")
        else:
            output, *stamps = future.result()
            why = wrong_with(work, i, output)
            if why:
                self.blame(f"task {i}: {why}")
        self.stamps.append(stamps)

    def blame(self, why):
        self.verified = False
        self.error = self.error or why

    def brief(self):
        return {
            "elapsed_s": self.elapsed_s,
            "submit_s": self.submit_s,
            "verified": self.verified,
        }


def wrong_with(work, i, output):
    """Why the output is not the task's; None where it is."""
    try:
        return None if work.is_right(i, output) else "wrong output"
    except TypeError as error:
        return describe(error)


def describe(error):
    """One line that any text can hold: without the lines of a traceback, and
    not endless."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # whatever user's code may raise
        text = "(it cannot be printed)"
    text = text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
    name = type(error).__name__
    return f"{name}: {text}"[:400] if text else name


def own_cpu_s():
    """Of this process, and of whatever its tasks have started and waited for."""
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def workers_of(batch):
    """Processes or threads that ran a task."""
    return {stamps[2] for stamps in batch.stamps if stamps is not None}


def children_cpu_s(pid):
    """What tasks of a worker process have started and waited for so far."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0.0  # no process, or it has ended
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def far_cpu_s(batches):
    """Of the last batch, in the worker processes."""
    last = batches[-1]
    before = batches[-2].far_children_s if len(batches) > 1 else {}
    own_s = sum(stamps[3] for stamps in last.stamps if stamps is not None)
    return own_s + sum(s - before.get(pid, 0.0) for pid, s in last.far_children_s.items())


def largest_rss_bytes():
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return max(own, children) * 1024


def answer_of(batches, executor):
    last = batches[-1]
    cpu_s = last.own_cpu_s + (far_cpu_s(batches) if executor == "process" else 0.0)
    return {
        **last.brief(),
        "batches": [batch.brief() for batch in batches],
        "service_s": [s and s[1] - s[0] for s in last.stamps],
        "started_s": [s and s[0] - last.begin for s in last.stamps],
        "cpu_s": cpu_s,
        "workers_used": len(workers_of(last)),
        "failed": last.failed,
        "error": last.error,
    }


def run(work, executor, workers, warmup=0, start_method=None):
    """Everything that the answer to a run says."""
    try:
        return measure(work, executor, workers, warmup, start_method)
    finally:
        lane_pool.remove_folder()


def measure(work, executor, workers, warmup, start_method):
    begin = time.perf_counter()
    pool = lane_pool.start(executor, workers, start_method)
    created = time.perf_counter()
    call = lane_worker.call_far if executor == "process" else lane_worker.call
    batches = [Batch(pool, work, call) for _ in range(warmup + 1)]
    ending = time.perf_counter()
    pool.shutdown()
    return {
        "pool_create_s": created - begin,
        "pool_destroy_s": time.perf_counter() - ending,
        **answer_of(batches, executor),
        "max_rss_bytes": largest_rss_bytes(),
    }
