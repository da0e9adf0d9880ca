# SPDX-License-Identifier: MIT
"""CPython's executors, with every worker started before anything is measured.

An executor starts a worker when a task comes and none is idle. So each worker
is asked to stand ready by a task of its own, which ends only when all have one.
"""
import concurrent.futures
import contextlib
import multiprocessing
import os
import shutil
import sys

import lane_worker

START_LIMIT_S = 120


class Serial(concurrent.futures.Executor):
    """No worker: runs at submit, as the serial backend in C does."""

    def submit(self, fn, *args, **kwargs):
        future = concurrent.futures.Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # as the other executors
            future.set_exception(error)
        return future


def names():
    """The executors that this interpreter has."""
    known = ["serial", "thread", "process"]
    if hasattr(concurrent.futures, "InterpreterPoolExecutor"):
        known.append("interpreter")
    return known


def meet_at_pipe(pool, workers):
    """Pipes reach threads and interpreters alike, as they are one process."""
    here, here_in = os.pipe()
    go_out, go = os.pipe()
    try:
        ready = [
            pool.submit(lane_worker.stand_ready_at_pipe, here_in, go_out) for _ in range(workers)
        ]
        arrived = 0
        while arrived < workers:
            arrived += len(os.read(here, workers))
        os.write(go, b"." * workers)
        for future in ready:
            future.result()
    finally:
        for fd in (here, here_in, go_out, go):
            os.close(fd)


def start_threads(workers, _start_method):
    pool = concurrent.futures.ThreadPoolExecutor(workers)
    meet_at_pipe(pool, workers)
    return pool


def start_interpreters(workers, _start_method):
    paths = f"import sys; sys.path[:] = {sys.path!r}"
    pool = concurrent.futures.InterpreterPoolExecutor(workers, initializer=exec, initargs=(paths,))
    meet_at_pipe(pool, workers)
    return pool


def start_processes(workers, start_method):
    context = multiprocessing.get_context(start_method)
    barrier = context.Barrier(workers)
    pool = concurrent.futures.ProcessPoolExecutor(
        workers, mp_context=context, initializer=lane_worker.start_process, initargs=(barrier,)
    )
    ready = [
        pool.submit(lane_worker.stand_ready_in_process, START_LIMIT_S) for _ in range(workers)
    ]
    for future in ready:
        future.result()
    return pool


def remove_folder():
    """The one that multiprocessing makes for a forkserver's socket: it would go
    at the interpreter's exit, and a run ends without one."""
    own = multiprocessing.current_process()._config.get("tempdir")
    if own is not None:
        shutil.rmtree(own, ignore_errors=True)


def start_serial(_workers, _start_method):
    return Serial()


STARTERS = {
    "serial": start_serial,
    "thread": start_threads,
    "process": start_processes,
    "interpreter": start_interpreters,
}


@contextlib.contextmanager
def silent_about_forks():
    """3.12 warns of a fork in a process with threads: our workers' own start."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def start(executor, workers, start_method=None):
    """A pool whose `workers` workers all stand ready."""
    with silent_about_forks():
        return STARTERS[executor](workers, start_method)
