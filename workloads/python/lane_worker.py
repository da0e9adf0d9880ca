# SPDX-License-Identifier: MIT
"""What runs in the workers of a lane; importable in any process or interpreter."""
import os
import signal
import threading
import time

_barrier = None  # a process worker's, from start_process


def call(function, arguments):
    """Calls the task: output, start, end, and who ran it."""
    start = time.perf_counter()
    output = function(*arguments)
    return output, start, time.perf_counter(), threading.get_ident()


def call_far(function, arguments):
    """The same in another process, and the CPU time in it, which its host
    cannot see."""
    cpu = time.process_time()  # of the threads that a task starts, too
    start = time.perf_counter()
    output = function(*arguments)
    end = time.perf_counter()
    return output, start, end, os.getpid(), time.process_time() - cpu


def die_with_parent():
    """Nobody is left where a lane is killed. Only Linux can be asked for it."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    except (ImportError, OSError, AttributeError):
        pass


def start_process(barrier):
    """What a worker process does first."""
    global _barrier
    _barrier = barrier
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for who measures
    die_with_parent()


def stand_ready_in_process(limit_s):
    """A process's first task: ends when every worker has got one."""
    _barrier.wait(limit_s)


def stand_ready_at_pipe(here_fd, go_fd):
    """The same for a thread or an interpreter: says so, and waits for a byte."""
    os.write(here_fd, b".")
    os.read(go_fd, 1)
