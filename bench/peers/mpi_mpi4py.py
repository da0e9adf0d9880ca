"""mpi4py.futures on the ranks of an MPI job: as mpi_libcf.c, one line a figure."""
import statistics
import time

from mpi4py.futures import MPIPoolExecutor

EMPTY, PAYLOADS, TRIPS, PAUSES = 5000, 60, 200, 15


def nothing():
    pass


def echo(data):
    return data


def used():
    return time.process_time()


def run(pool, function, arguments, count):
    start = time.monotonic()
    futures = [pool.submit(function, *arguments) for _ in range(count)]
    for future in futures:
        future.result()
    return (time.monotonic() - start) / count


def median_trip(pool, count, pause_s):
    trips = []
    for _ in range(count):
        if pause_s:
            time.sleep(pause_s)
        trips.append(run(pool, nothing, (), 1))
    return statistics.median(trips)


def idle_share(pool):
    pool.submit(used).result()
    time.sleep(0.1)
    # with one worker the process that answers is always the same
    before, start = pool.submit(used).result(), time.monotonic()
    time.sleep(2)
    return (pool.submit(used).result() - before) / (time.monotonic() - start)


if __name__ == "__main__":
    with MPIPoolExecutor() as pool:
        pool.bootup()
        run(pool, nothing, (), EMPTY // 10)
        print(f"empty_task_s {run(pool, nothing, (), EMPTY):.3e}")
        print(f"payload_1mib_s {run(pool, echo, (bytes(1 << 20),), PAYLOADS):.3e}")
        print(f"round_trip_s {median_trip(pool, TRIPS, 0):.3e}")
        print(f"after_200ms_s {median_trip(pool, PAUSES, 0.2):.3e}")
        print(f"idle_cpu_share {idle_share(pool):.4f}")
