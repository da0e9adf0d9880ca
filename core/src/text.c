/* SPDX-License-Identifier: MIT */
/*
 * What a task has printed goes out before its outcome does; what the host has, before
 * it forks. Both would wait for ever for a thread that never gives a stream back
 * (flockfile(), or a print into a pipe which nobody reads), and that is nothing to
 * the task, nor to who makes an executor. So there is a limit to it.
 */
#include "text.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <unistd.h>

#include "clock.h"
#include "spin.h"

#define MOST_NS ((int64_t)1000000000)
#define PAUSES  100 /* before it sleeps between two tries */
#define REST_US 200

/* False: another thread has it locked. */
static bool flush(FILE *stream)
{
    if (__fpending(stream) == 0)
        return true;
    if (ftrylockfile(stream) != 0)
        return false;
    fflush_unlocked(stream);
    funlockfile(stream);
    return true;
}

/* `*is_kept`: the last one waited in vain. */
static void flush_in_time(FILE *stream, _Atomic bool *is_kept)
{
    int64_t deadline_ns = 0;

    for (int tries = 0; !flush(stream); tries++) {
        if (atomic_load(is_kept))
            return;
        if (tries < PAUSES) {
            cfi_spin_pause();
            continue;
        }
        if (deadline_ns == 0)
            deadline_ns = cfi_deadline_ns(MOST_NS);
        if (cfi_now_ns() > deadline_ns) {
            atomic_store(is_kept, true);
            return;
        }
        usleep(REST_US);
    }
    atomic_store(is_kept, false);
}

/* Global, as the streams are. */
void cfi_text_flush(void)
{
    static _Atomic bool is_stdout_kept, is_stderr_kept;

    flush_in_time(stdout, &is_stdout_kept);
    flush_in_time(stderr, &is_stderr_kept);
}
