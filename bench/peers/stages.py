# SPDX-License-Identifier: MIT
"""Where a case's CPU time goes: libcf's driver under perf, by thread and stage.

    python3 bench/peers/stages.py --drivers build/bench/peers t1

A sample is STEP_NS of CPU time of one thread, whatever else the machine does;
stages are told by the functions that were running. Both passes count, so fresh
memory has a line of its own.
"""
import argparse
import collections
import fnmatch
import os
import re
import shutil
import subprocess
import sys
import tempfile

from plan import CASES

STEP_NS = 100000
PASSES = 2
FIB_SPAWNS = 196417  # of t3: see PEER_FIB in peer.h

# Stage, and its functions: the first line that has one counts. The kernel's
# stand behind a "k:".
STAGES = [line.split(": ", 1) for line in """\
fresh pages: k:*clear_page* k:*folio* k:*page_fault* k:*anonymous* k:*pte* k:*pmd* k:*zap* k:*unmap* k:*alloc_pages*
kernel (sleeping, waking, giving way): k:* syscall cfi_futex_* wake_on wait_on *sched_yield
makes the future: cfi_future_create new_future make cfi_block_take take_slowly fetch cfi_slab_cut touch unpack
makes the future: cfi_block_bytes
counts it in: cfi_tally_enter knock cfi_executor_enter* cfi_thread_slot cfi_executor_check_ours cfi_executor_is_broken
queues it: cf_submit* submit push push_here has_room make_room resize cfi_deque_push* cfi_deque_reserve
queues it: cfi_pool_submit* thread_submit process_submit* enqueue come_in
sees to workers: cfi_pool_thread_* cfi_pool_threads_* are_enough cfi_pool_call
takes it: cfi_deque_take* cfi_deque_steal look_in_order take_outside take_own take_oldest steal cfi_station_look
takes it: cfi_pool_next portion cfi_pool_take_back
claims it: cfi_future_claim cfi_request_claim cfi_future_send
runs it: cfi_future_run* cfi_future_help cfi_help_* call attempt cfi_task_call cf_return* cfi_outcome_* libcf_empty
runs it: fib fib_task run serve cfi_process_worker_main cfi_future_times cfi_future_space cf_task_executor
completes it: cfi_future_end_run cfi_tally_end account tell cfi_executor_outcome_known cfi_executor_raise_event
completes it: move* cfi_ending_of cfi_observe_* cfi_future_publish cfi_completion_publish commit cfi_bell_ring
completes it: cfi_answers_* place*
counts it out: cfi_tally_leave cfi_executor_leave cfi_executor_task_ended count_out here
awaits it: cf_result* ending cfi_future_is_final cfi_future_await cfi_future_state cfi_future_outcome cfi_future_is_open
awaits it: cfi_future_is_ours sleep_* spin_until_final cfi_waits_for* cfi_absence* cfi_host_fetch cfi_host_sleep
awaits it: cfi_host_look cfi_host_gather is_near choose_pace nap
releases it: cf_future_release destroy free_future cfi_block_give give_slowly push_batch cfi_watches_drop
releases it: cfi_future_is_flagged cfi_future_is_written_off cfi_executor_re*
host's end of the rings: cfi_lane_* cfi_host_* read_answer let_go feed give choose_lane identity find_quickly
host's end of the rings: _dl_find_object cfi_code_address_* cfi_report_* cfi_payload_* held_at learn drain is_code
looks for work: search spin wait_for_work thread_main cfi_spin_* cfi_pool_is_empty await_request look_for is_there
clock: *clock_gettime* cfi_now_ns lap
gives memory back: cfi_block_trim trim sort_out cfi_deque_trim cfi_slab_* count_free zero_counts
copies: *memcpy* *memmove* *memset*
the driver: libcf_* submit_empty main peer_* trips msort_with_tmp qsort*""".splitlines()]


def stage_of(function):
    for stage, patterns in STAGES:
        if any(fnmatch.fnmatchcase(function, pattern) for pattern in patterns.split()):
            return stage
    return "other"


def thread_of(comm):
    if comm.startswith("cf-thre"):
        return "worker"
    return comm if comm.startswith("cf-") else "caller"


def record(command):
    """Samples as (thread, function)."""
    with tempfile.TemporaryDirectory() as folder:
        data = os.path.join(folder, "perf.data")
        perf = ["perf", "record", "-q", "-e", "cpu-clock", "-c", str(STEP_NS), "-o", data]
        done = subprocess.run(perf + command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"stages.py: {' '.join(command)}: exit {done.returncode}: {done.stderr.strip()}")
        script = subprocess.run(["perf", "script", "-i", data, "-F", "comm,ip,sym,dso"],
                                capture_output=True, text=True, check=True).stdout
    for line in script.splitlines():
        seen = re.match(r"\s*(.+?)\s+[0-9a-f]+ (\S+).* \((.*)\)$", line)
        if seen:
            comm, function, dso = seen.groups()
            function = re.sub(r"(\.(isra|constprop|part|cold)\.?\d*)+$|'\d+$|@.*$", "", function)
            is_kernel = dso.startswith("[kernel") or dso == "[guest.kernel.kallsyms]"
            yield thread_of(comm), "k:" + function if is_kernel else function


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--drivers", required=True, metavar="FOLDER")
    parser.add_argument("--workers", default="2")
    parser.add_argument("--tasks", type=int, default=0)
    parser.add_argument("--least", type=float, default=1, help="percent that a line must have")
    parser.add_argument("case", choices=CASES)
    options = parser.parse_args()
    if shutil.which("perf") is None:
        sys.exit("stages.py: perf is not installed (Debian package linux-perf)")
    tasks = options.tasks or CASES[options.case].tasks
    counts, others = collections.Counter(), collections.Counter()
    driver = os.path.join(options.drivers, "libcf")
    for thread, function in record([driver, options.case, str(tasks), options.workers]):
        stage = stage_of(function)
        counts[thread, stage] += 1
        if stage == "other":
            others[function] += 1
    done = PASSES * (FIB_SPAWNS if options.case == "t3" else tasks)
    total = sum(counts.values())
    print(f"{options.case}: {total * STEP_NS / done:.0f} ns of CPU a task, {done} tasks\n")
    print("| CPU, ns | share | thread | stage |\n|---|---|---|---|")
    for (thread, stage), count in counts.most_common():
        if count * 100 >= options.least * total:
            print(f"| {count * STEP_NS / done:.0f} | {count * 100 / total:.0f} % | {thread} | {stage} |")
    if others:
        print("\nother: " + ", ".join(name for name, _ in others.most_common(8)))


if __name__ == "__main__":
    main()
