/* SPDX-License-Identifier: MIT */
/*
 * Which process a handle belongs to. A forked child inherits handles whose
 * workers it does not have; the generation, raised in every child, tells them
 * apart. One of the few things that the library keeps outside its executors
 * (others are each thread's last error and block.c): a fork concerns them all.
 *
 * Any lock may be held by another thread at a fork, and what it guards be half
 * changed; in the child nobody will ever give it back. So the child takes no
 * lock of an object that was made before: every call that would looks at the
 * generation first, which every executor, future and iterator has from its
 * birth. No handler has to take all locks before a fork, in whatever order, and
 * a host that forks waits for none of ours.
 *
 *      descriptors closed at once, or what they stand for (a buffer's memory)
 *                  would last as long as the child; later their numbers may
 *                  be those of its own files
 *      executor    refused; destroyed, it leaves its memory, which may be half
 *                  changed
 *      future      final: read as ever, that takes no lock. Not final: nobody
 *                  will end it, so whoever would wait is refused. Freed with
 *                  its last reference: then no other thread had one at the
 *                  fork, and nothing of it is half changed. Its watches, which
 *                  belong to who waits, are left alone
 *      iterator    refused; released, it gives back its futures
 *      the library's own locks (block.c, waits_for.c): free again, and what
 *                  they guard is dropped where it may be half changed
 *      a task that forks: the child runs no task, is no worker, has no gil;
 *                  where it comes back from what a worker's own thread called,
 *                  it ends
 */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "block.h"
#include "descriptor.h"
#include "executor_impl.h"
#include "heap.h"
#include "task_impl.h"
#include "thread_slot.h"
#include "waits_for.h"
#include "watch.h"

_Atomic uint64_t cfi_generation;

/* Of this process and those that it was forked from, the latest so many. */
enum { KNOWN = 64 };
static _Atomic pid_t pids[KNOWN];

static void note_pid(uint64_t generation)
{
    atomic_store(&pids[generation % KNOWN], getpid());
}

void cfi_fork_note(void)
{
    note_pid(atomic_fetch_add(&cfi_generation, 1) + 1);
    cfi_block_after_fork();
    cfi_heap_after_fork();
    cfi_waits_for_after_fork();
    cfi_watch_after_fork();
    cfi_worker_after_fork();
    cfi_thread_slot_after_fork();
}

pid_t cfi_fork_pid_of(uint16_t generation)
{
    uint64_t now = cfi_fork_generation();
    uint16_t ago = (uint16_t)(now - generation);

    if (ago == 0)
        return getpid();
    return ago < KNOWN ? atomic_load(&pids[(now - ago) % KNOWN]) : 0;
}

/* What we fork ourselves sees to it which descriptors it needs. */
static _Thread_local bool is_own_fork;

static void begin_as_child(void)
{
    cfi_fork_note();
    if (!is_own_fork)
        cfi_descriptors_leave();
}

static void watch_forks(void)
{
    note_pid(cfi_fork_generation());
    pthread_atfork(NULL, NULL, begin_as_child);
}

void cfi_fork_watch(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
}

pid_t cfi_executor_fork(const struct cf_executor *executor, bool exec_follows)
{
    cf_fork_hook *hook = executor->options.fork;
    uint64_t before = cfi_fork_generation();

    is_own_fork = true;
    pid_t pid = hook != NULL
                    ? hook(exec_follows, executor->options.fork_context)
                    : fork();
    is_own_fork = false;
    if (pid == 0 && cfi_fork_generation() == before)
        cfi_fork_note(); /* it forked by a call that runs no handlers */
    return pid;
}
