/* SPDX-License-Identifier: MIT */
/*
 * The first task of a batch is not known as such, only that what was noted is
 * too long ago. Two that find that at once must agree: the one that has changed
 * it is the first, and the other has come just after it.
 */
#include "synthetic_round.h"

#include <stdbool.h>

/* The part of its wait by which a task may come late. */
static const double LATE = 0.1;

static bool is_late(int64_t now_ns, int64_t due_ns, double wait_ms)
{
    double late_ns = (double)(now_ns - due_ns);

    return late_ns >= 0 && late_ns <= LATE * wait_ms * 1e6;
}

int64_t wl_rounds_join(struct wl_rounds *rounds, int64_t now_ns,
                       double after_ms, double wait_ms)
{
    int64_t begun_ns = atomic_load(&rounds->begun_ns);
    int64_t due_ns = begun_ns + (int64_t)(after_ms * 1e6);

    if (is_late(now_ns, due_ns, wait_ms))
        return due_ns;
    if (after_ms == 0)
        atomic_compare_exchange_strong(&rounds->begun_ns, &begun_ns, now_ns);
    return now_ns;
}
