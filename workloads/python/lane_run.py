# SPDX-License-Identifier: MIT
"""One run: a pool, its batches, and what they took."""
import copy
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
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def task_cpu_s(batch):
    return sum(stamps[3] for stamps in batch.stamps if stamps is not None)


def largest_rss_bytes():
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return max(own, children) * 1024


def answer_of(batches, executor):
    last = batches[-1]
    cpu_s = last.own_cpu_s + (task_cpu_s(last) if executor == "process" else 0.0)
    return {
        **last.brief(),
        "batches": [batch.brief() for batch in batches],
        "service_s": [s and s[1] - s[0] for s in last.stamps],
        "started_s": [s and s[0] - last.begin for s in last.stamps],
        "cpu_s": cpu_s,
        "workers_used": len({s[2] for s in last.stamps if s is not None}),
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
