# SPDX-License-Identifier: MIT
"""CPython's pools, and pebble's and mpi4py's where they are installed.

python_pools.py CASE TASKS WORKERS PEER: as peer.h says. PEER is threads,
processes (ProcessPoolExecutor), multiprocessing, pebble or mpi4py (which is to
be run as `mpiexec -n WORKERS+1 python3 -m mpi4py.futures python_pools.py`).
"""
import concurrent.futures as futures
import multiprocessing
import os
import signal
import sys
import time

PASSES = 2
now = time.monotonic


def empty():
    pass


def echo(payload):
    return payload


def square(x):
    return x * x


def nap(is_killer):
    if is_killer:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.001)


class Executor:
    """A concurrent.futures executor, pebble's included."""

    def __init__(self, make, workers):
        self.pool = make(workers)
        self.submit = self.pool.submit

    def result(self, future):
        return future.result(timeout=60)

    def map(self, items, workers):
        chunk = max(1, len(items) // (workers * 4))
        return list(self.pool.map(square, items, chunksize=chunk))

    def stop(self):
        self.pool.shutdown()


class Pebble(Executor):
    def __init__(self, workers):
        import pebble
        self.pool = pebble.ProcessPool(max_workers=workers)
        self.submit = lambda function, *args: self.pool.schedule(
            function, args=args)

    def map(self, items, workers):
        chunk = max(1, len(items) // (workers * 4))
        return list(self.pool.map(square, items, chunksize=chunk).result())

    def stop(self):
        self.pool.close()
        self.pool.join()


class Multiprocessing:
    def __init__(self, workers):
        self.pool = multiprocessing.get_context("fork").Pool(workers)

    def submit(self, function, *args):
        return self.pool.apply_async(function, args)

    def result(self, future):
        return future.get(timeout=1)  # of a killed worker's task: never

    def map(self, items, _workers):
        return self.pool.map(square, items)

    def stop(self):
        self.pool.terminate()
        self.pool.join()


def mpi(workers):
    from mpi4py.futures import MPIPoolExecutor
    return MPIPoolExecutor(workers)


def forked(workers):
    context = multiprocessing.get_context("fork")
    return futures.ProcessPoolExecutor(workers, mp_context=context)


MAKERS = {
    "threads": lambda n: Executor(futures.ThreadPoolExecutor, n),
    "processes": lambda n: Executor(forked, n),
    "multiprocessing": Multiprocessing,
    "pebble": Pebble,
    "mpi4py": lambda n: Executor(mpi, n),
}


def say(number, tasks, elapsed_s, **more):
    words = {"pass": number, "tasks": tasks, "elapsed_s": f"{elapsed_s:.9f}"}
    words.update((key, f"{value:.9f}") for key, value in more.items())
    print(*(f"{key}={value}" for key, value in words.items()), flush=True)


def run_empty(pool, tasks):
    for number in range(PASSES):
        begun = now()
        for future in [pool.submit(empty) for _ in range(tasks)]:
            pool.result(future)
        say(number, tasks, now() - begun)


def run_trips(pool, tasks):
    for number in range(PASSES):
        trips = []
        for _ in range(tasks):
            begun = now()
            pool.result(pool.submit(empty))
            trips.append(now() - begun)
        total = sum(trips)
        trips.sort()
        say(number, tasks, total, p50_s=trips[tasks // 2],
            p99_s=trips[tasks * 99 // 100], max_s=trips[-1])


def run_map(pool, tasks, workers):
    for number in range(PASSES):
        begun = now()
        squares = pool.map(range(tasks), workers)
        say(number, tasks, now() - begun)
        assert squares == [x * x for x in range(tasks)]


def run_payload(pool, tasks, size):
    payload = b"\x5a" * size
    for number in range(PASSES):
        begun = now()
        for _ in range(tasks):
            back = pool.result(pool.submit(echo, payload))
        say(number, tasks, now() - begun)
        assert back == payload


def run_idle(pool, milliseconds):
    for _ in range(200):
        pool.result(pool.submit(empty))
    for number in range(PASSES):
        begun, cpu = now(), time.process_time()
        time.sleep(milliseconds / 1000)
        say(number, 1, now() - begun, cpu_s=time.process_time() - cpu)


def run_life(make, workers):
    for number in range(PASSES):
        begun = now()
        pool = make(workers)
        pool.result(pool.submit(empty))
        ready, stopping = now(), now()
        pool.stop()
        end = now()
        say(number, 1, end - begun, pool_create_s=ready - begun,
            pool_destroy_s=end - stopping)


def run_killed(make, tasks, workers):
    """How many tasks fail when one of them kills its worker."""
    for number in range(PASSES):
        pool = make(workers)
        begun, failed, submitted = now(), 0, []
        for i in range(tasks):
            try:
                submitted.append(pool.submit(nap, i == tasks // 2))
            except Exception:
                failed += 1
        for future in submitted:
            try:
                pool.result(future)
            except Exception:
                failed += 1
        say(number, tasks, now() - begun, failed=failed)
        pool.stop()


def main():
    case, tasks, workers, peer = (sys.argv[1], int(sys.argv[2]),
                                  int(sys.argv[3]), sys.argv[4])
    make = MAKERS[peer]
    if (case[0] == "t") != (peer == "threads"):
        return 3
    if case == "p4":
        run_life(make, workers)
        return 0
    if case == "p5":
        run_killed(make, tasks, workers)
        return 0
    pool = make(workers)
    for future in [pool.submit(empty) for _ in range(workers * 2)]:
        pool.result(future)
    if case in ("t1", "p1"):
        run_empty(pool, tasks)
    elif case in ("t2", "p2"):
        run_trips(pool, tasks)
    elif case in ("t5", "p1m"):
        run_map(pool, tasks, workers)
    elif case == "t6":
        run_idle(pool, tasks)
    elif case.startswith("p3_"):
        run_payload(pool, tasks, int(case[3:]))
    else:
        return 3
    pool.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
