# SPDX-License-Identifier: MIT
"""Runs tasks with Python's own executors, on requests from a pipe.

    lane  <-- request, answer -->  cfbench     one JSON object a line
      | fork, for each run
      v
    run --> a pool, its workers                ends with the lane

Each run is a process of its own, so that a task which ends its process, or
never comes back, costs that run and not the lane. protocol.md has the protocol.
"""
import contextlib
import json
import multiprocessing
import os
import platform
import select
import signal
import sys
import time

if os.path.dirname(os.path.abspath(__file__)) not in sys.path:  # PYTHONSAFEPATH
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import lane_pool
import lane_run
import lane_work
import lane_worker
import twins
from twins import _squares

PROTOCOL = 1


class ChildError(Exception):
    """What went wrong in a forked process, in the words that it was told in."""


def is_gil_enabled():
    """Read at run time: a free-threaded build may have it on all the same."""
    return getattr(sys, "_is_gil_enabled", lambda: True)()


def usable_cpus():
    return len(os.sched_getaffinity(0))


def has_threads():
    """Also those that Python knows nothing of."""
    return len(os.listdir("/proc/self/task")) > 1


class Lane:
    """What is prepared, and how requests are answered."""

    def __init__(self):
        self.work = None
        self.later = None  # a request: each run prepares the work itself

    def hello(self, _request):
        return {
            "protocol": PROTOCOL,
            "implementation": sys.implementation.name,
            "version": platform.python_version(),
            "executable": sys.executable,
            "gil_enabled": is_gil_enabled(),
            "usable_cpus": usable_cpus(),
            "executors": lane_pool.names(),
            "start_method": multiprocessing.get_start_method(),
            "steps_per_ms": _squares.steps_per_ms(),
            "workloads": twins.names(),
        }

    def prepare(self, request):
        self.dispose()
        if "callable" in request and self.is_for_each_run(request):
            self.later = request
            return {"tasks": int(request["tasks"]), "parameters": {}}
        self.work, values = lane_work.prepare(request)
        parameters = {name: str(value) for name, value in values.items()}
        return {"tasks": len(self.work.items), "parameters": parameters}

    @staticmethod
    def is_for_each_run(request):
        """Its import may end the process, which is tried in another one, or
        start threads, which a run that is forked later would not have."""

        def try_it():
            lane_work.prepare(request)
            return {"has_threads": has_threads()}

        return in_a_fork(try_it, None)["has_threads"]

    def run(self, request):
        executor, workers = request.get("executor"), int(request.get("workers", 1))
        warmup, limit_s = int(request.get("warmup", 0)), request.get("limit_s")
        if self.work is None and self.later is None:
            raise ValueError("run: nothing is prepared")
        if executor not in lane_pool.names():
            raise ValueError(f"no executor {executor!r}: there are {', '.join(lane_pool.names())}")
        if not 1 <= workers <= 65536 or warmup < 0:
            raise ValueError("workers: from 1 to 65536; warmup: at least 0")
        start_method = request.get("start_method")

        def run():
            work = self.work or lane_work.prepare(self.later)[0]
            return lane_run.run(work, executor, workers, warmup, start_method)

        return in_a_fork(run, limit_s)

    def dispose(self):
        work, self.work, self.later = self.work, None, None
        if work is not None and work.dispose is not None:
            work.dispose()

    def answer(self, request):
        try:
            do = request.get("do")
            if do not in ("hello", "prepare", "run"):
                raise ValueError(f"no request {do!r}: there are hello, prepare, run, quit")
            return {"ok": True, **getattr(self, do)(request)}
        except ChildError as error:
            return {"ok": False, "error": str(error)}
        except BaseException as error:  # whatever user's code may raise
            return {"ok": False, "error": lane_run.describe(error)}


def answer_of(function):
    try:
        return {"ok": True, "answer": function()}
    except BaseException as error:
        return {"ok": False, "error": lane_run.describe(error)}


def be_child(function, answer_fd):
    """The forked process: one answer, and no way back."""
    code = 1
    try:
        os.setpgid(0, 0)
        lane_worker.die_with_parent()
        answer = answer_of(function)
        with contextlib.suppress(Exception):  # a task may have closed them
            sys.stdout.flush()
            sys.stderr.flush()
        with os.fdopen(answer_fd, "w") as stream:
            stream.write(json.dumps(answer) + "\n")
        code = 0
    finally:
        os._exit(code)


def read_line(fd, limit_s):
    """What comes up to the end of the line, or of the file; None where that
    lasts too long. Whatever a task has left running may keep the other end."""
    deadline = None if limit_s is None else time.monotonic() + float(limit_s)
    parts = []
    while True:
        rest = None if deadline is None else max(0.0, deadline - time.monotonic())
        if not select.select([fd], [], [], rest)[0]:
            return None
        part = os.read(fd, 1 << 20)
        parts.append(part)
        if not part or part.endswith(b"\n"):
            return b"".join(parts)


def end_of(status):
    if os.WIFSIGNALED(status):
        return f"its process was ended by signal {os.WTERMSIG(status)}"
    return f"its process ended with code {os.WEXITSTATUS(status)}"


def in_a_fork(function, limit_s):
    """Calls it in a process of its own and returns its answer, a dict."""
    read_fd, write_fd = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        os.close(read_fd)
        be_child(function, write_fd)
    os.close(write_fd)
    try:
        data = read_line(read_fd, limit_s)
    finally:
        os.close(read_fd)
        try:
            os.killpg(pid, signal.SIGKILL)  # whatever it has left; not reaped yet
        except ProcessLookupError:
            os.kill(pid, signal.SIGKILL)  # it has made no group yet
        _, status = os.waitpid(pid, 0)
    if data is None:
        raise TimeoutError(f"not done within {limit_s} s")
    if not data.endswith(b"\n"):
        raise ChildError(end_of(status))
    answer = json.loads(data)
    if not answer["ok"]:
        raise ChildError(answer["error"])
    return answer["answer"]


def take_pipes():
    """The two ends of the protocol for us alone; tasks get other ones."""
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return requests, answers


def read_request(line):
    """A request without a meaning where the line is no JSON object."""
    try:
        request = json.loads(line)
    except ValueError:
        request = None
    return request if isinstance(request, dict) else {"do": None}


def main():
    if len(sys.argv) > 1:
        sys.exit("usage: python3 lane.py  (requests on standard input: see protocol.md)")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for who measures
    requests, answers = take_pipes()
    lane = Lane()
    for line in requests:
        request = read_request(line)
        quits = request.get("do") == "quit"
        answer = {"ok": True} if quits else lane.answer(request)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
        if quits:
            break
    lane.dispose()


if __name__ == "__main__":
    main()
