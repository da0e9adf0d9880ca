# SPDX-License-Identifier: MIT
"""Where a case's CPU time goes: libcf's driver under perf, by thread and stage.

    python3 bench/peers/stages.py --drivers build/bench/peers t1

A sample is so much CPU time of one thread, whatever else the machine does;
stages are told by the functions that were running. Both passes count, so fresh
memory has a line of its own. In p4, where nearly all is the kernel's, they are
told by what the kernel was asked for, and the driver runs many times; its own
start (exec, the loader) is left out.
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
RUNS = {"p4": 40}
STEPS = {"p4": 5 * STEP_NS}  # a sample with its callers costs some 10 us itself
# Of t5 is left out what the caller does with its arrays before and after.
LEFT_OUT = {"t5": ("caller", ("the driver", "copies", "fresh pages", "other",
                              "kernel (sleeping, waking, giving way)"))}

# Stage, and its functions: the first line that has one counts. The kernel's
# stand behind a "k:", what it was asked for behind a "sys:".
STAGES = [line.split(": ", 1) for line in """\
the program's start: sys:execve sys:loader
forks: sys:clone* sys:fork sys:vfork sys:child _Fork __libc_fork clone3 __clone* cfi_fork* run_atfork*
ends, and is reaped: sys:exit* sys:wait* _exit
fresh pages, and pages copied after a fork: sys:fault
maps and unmaps memory: sys:mmap sys:munmap sys:mprotect sys:madvise sys:brk sys:ftruncate sys:memfd_create
maps and unmaps memory: __mmap* __munmap *madvise *mprotect memfd_create
sleeps, wakes, gives way: sys:futex* sys:poll sys:sched_yield sys:*nanosleep sys:interrupt __poll
descriptors and messages: sys:sendmsg sys:recvmsg sys:socketpair sys:close sys:pidfd* sys:open* sys:read sys:fcntl
descriptors and messages: sys:dup* sys:*stat* sys:shutdown __close *sendmsg *recvmsg *socketpair
other system calls: sys:*
fresh pages: k:*clear_page* k:*folio* k:*page_fault* k:*anonymous* k:*pte* k:*pmd* k:*zap* k:*unmap* k:*alloc_pages*
kernel (sleeping, waking, giving way): k:* syscall cfi_futex_* wake_on wait_on *sched_yield
makes the future: cfi_future_create* new_future new_large make make_one create cfi_block_take cfi_block_fetch* lay_below fetch cfi_slab_cut touch unpack
makes the future: cfi_block_bytes cfi_submit_make make_any make_large no_memory
counts it in: cfi_tally_enter cfi_outside_enter enter_bounded cfi_executor_knock cfi_executor_enter* cfi_thread_slot* cfi_biased_* revoke cfi_barrier_all
counts it in: cfi_executor_check_ours cfi_executor_is_broken
queues it: cf_submit* submit* push push_* put_quickly has_room make_room resize cfi_deque_push* cfi_deque_reserve
queues it: cfi_pool_submit* thread_submit process_submit* enqueue come_in
sees to workers: see_to_workers cfi_pool_thread_* cfi_pool_threads_* are_enough cfi_pool_call
takes it: cfi_deque_take* cfi_deque_steal look_in_order take_outside take_own take_oldest steal cfi_station_look
takes it: cfi_pool_next portion_size take_along cfi_portion_* steal_portion cfi_pool_take_back
claims it: cfi_future_claim* cfi_future_unbind cfi_future_confirm cfi_request_claim cfi_future_send
runs it: run_claimed run_in_wait cfi_shift_* cfi_future_run* cfi_future_help cfi_help_* call attempt cfi_task_call cfi_task_judge cf_return* cfi_outcome_* libcf_empty
runs it: square pull take_chunk cfi_range_run fib fib_task run serve cfi_process_worker_main cfi_future_times cfi_future_space cf_task_executor
completes it: cfi_future_is_asked cfi_future_end_run cfi_tally_end account tell cfi_executor_outcome_known cfi_executor_raise_event
completes it: move* cfi_ending_of cfi_observe_* cfi_future_publish cfi_completion_publish commit cfi_bell_ring
completes it: cfi_answers_* place* tell_of_answer
counts it out: cfi_tally_leave* cfi_worker_ended_task cfi_executor_leave cfi_executor_task_ended count_out here
awaits it: cf_result* await_result run_or_await_result ending* cfi_future_is_final cfi_future_await cfi_future_state cfi_future_outcome cfi_future_is_open
awaits it: cfi_future_is_ours sleep_* spin_until_final cfi_waits_for* cfi_absence* cfi_host_fetch cfi_host_sleep
awaits it: cfi_host_look cfi_host_gather choose_patience choose_pace nap
releases it: cf_future_release cfi_future_free free_any free_special free_abroad destroy free_future cfi_block_give cfi_block_put_away push_batch cfi_watches_drop
releases it: cfi_future_is_flagged cfi_future_is_written_off cfi_executor_re*
host's end of the rings: cfi_lane_* cfi_host_* read_answer let_go feed give choose_lane identity find_quickly
host's end of the rings: _dl_find_object cfi_code_address_* cfi_report_* cfi_payload_* held_at learn drain is_code
looks for work: search spin glance watch look_last cfi_pool_let_gather rest_until cfi_pool_has_portions cfi_station_look_behind step_down cfi_pool_count_outside wait_for_work thread_main cfi_spin_* cfi_pool_is_empty await_request look_for cfi_look_*
clock: *clock_gettime* cfi_now_ns lap
gives memory back: cfi_block_trim trim sort_out cfi_deque_trim cfi_slab_* count_free zero_counts
copies: *memcpy* *memmove* *memset*
the driver: libcf_* submit_empty main peer_* trips msort_with_tmp qsort*""".splitlines()]


def stage_of(function):
    for stage, patterns in STAGES:
        if any(fnmatch.fnmatchcase(function, pattern) for pattern in patterns.split()):
            return stage
    return "other"


def number(ns):
    return f"{ns:.0f}" if ns >= 10 else f"{ns:.2g}"


def thread_of(comm):
    if comm.startswith("cf-thre"):
        return "worker"
    return comm if comm.startswith("cf-") else "caller"


def script_of(command, step_ns, flags):
    """What perf saw of one run, as text."""
    with tempfile.TemporaryDirectory() as folder:
        data = os.path.join(folder, "perf.data")
        perf = ["perf", "record", "-q", "-e", "cpu-clock", "-c", str(step_ns), "-o", data] + flags
        done = subprocess.run(perf + command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"stages.py: {' '.join(command)}: exit {done.returncode}: {done.stderr.strip()}")
        return subprocess.run(["perf", "script", "-i", data, "-F", "comm,ip,sym,dso"],
                              capture_output=True, text=True, check=True).stdout


def function_of(name, dso):
    if dso == "[vdso]":
        return "clock_gettime"
    name = re.sub(r"(\.(isra|constprop|part|cold)\.?\d*)+$|'\d+$|@.*$", "", name)
    return "k:" + name if dso.startswith("[kernel") or dso == "[guest.kernel.kallsyms]" else name


def record(command, step_ns):
    """Samples as (thread, function)."""
    for line in script_of(command, step_ns, []).splitlines():
        seen = re.match(r"\s*(.+?)\s+[0-9a-f]+ (\S+).* \((.*)\)$", line)
        if seen:
            comm, name, dso = seen.groups()
            yield thread_of(comm), function_of(name, dso)


def asked_for(frames):
    """The function of a sample from its frames, innermost first; in the kernel,
    what for."""
    for name, dso in reversed(frames):
        function = function_of(name, dso)
        if "/ld-linux" in dso or function == "_dl_start":
            return "sys:loader"
        call = re.match(r"k:__(?:x64|arm64)_sys_(\w+)", function)
        if call:
            return "sys:" + call.group(1)
        if function.endswith("exc_page_fault") or function == "k:do_page_fault":
            return "sys:fault"
        if function.startswith("k:ret_from_fork"):
            return "sys:child"
    function = function_of(*frames[0])
    return "sys:interrupt" if function.startswith("k:") else function


def record_asked(command, step_ns):
    """The same by asked_for()."""
    for block in script_of(command, step_ns, ["-g"]).split("\n\n"):
        comm, *lines = block.strip("\n").split("\n")
        frames = [re.match(r"\s+[0-9a-f]+ (\S+).* \((.*)\)$", line) for line in lines]
        frames = [frame.groups() for frame in frames if frame]
        if frames:
            yield thread_of(comm.strip()), asked_for(frames)


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
    runs = RUNS.get(options.case, 1)
    step_ns = STEPS.get(options.case, STEP_NS)
    sample = record_asked if runs > 1 else record
    command = [driver, options.case, str(tasks), options.workers]
    for _ in range(runs):
        for thread, function in sample(command, step_ns):
            stage = stage_of(function)
            left_thread, left_stages = LEFT_OUT.get(options.case, ("", ()))
            if stage == "the program's start" or (thread == left_thread and stage in left_stages):
                continue
            counts[thread, stage] += 1
            if stage == "other":
                others[function] += 1
    done = PASSES * runs * (FIB_SPAWNS if options.case == "t3" else tasks)
    total = sum(counts.values())
    print(f"{options.case}: {number(total * step_ns / done)} ns of CPU a task, {done} tasks\n")
    print("| CPU, ns | share | thread | stage |\n|---|---|---|---|")
    for (thread, stage), count in counts.most_common():
        if count * 100 >= options.least * total:
            print(f"| {number(count * step_ns / done)} | {count * 100 / total:.0f} % | {thread} | {stage} |")
    if others:
        print("\nother: " + ", ".join(name for name, _ in others.most_common(8)))


if __name__ == "__main__":
    main()
