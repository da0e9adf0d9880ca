/* SPDX-License-Identifier: MIT */
/*
 * How a worker process asks its host. Whoever asks looks for the answer for a
 * while before it sleeps: the host answers within microseconds where it is
 * awake, and being woken costs more than that.
 */
#include "worker_desk.h"

#include <sched.h>

#include "chaos.h"
#include "clock.h"

#define LOOK_NS 20000

void cfi_worker_desk_init(struct cfi_worker_desk *desk,
                          struct cfi_region *region, struct cfi_bell *bell)
{
    *desk = (struct cfi_worker_desk){.region = region, .bell = bell};
}

enum cf_status cfi_worker_desk_open(struct cfi_worker_desk *desk)
{
    return cfi_region_reserve(desk->region->desk, sizeof(struct cfi_desk));
}

struct cfi_window *cfi_worker_desk_begin(struct cfi_worker_desk *desk,
                                         size_t which)
{
    cfi_lock(&desk->locks[which]);
    return &desk->region->desk->windows[which];
}

void cfi_worker_desk_end(struct cfi_worker_desk *desk, size_t which)
{
    cfi_unlock(&desk->locks[which]);
}

static void await_answer(struct cfi_window *window, uint32_t number,
                         bool is_near)
{
    int64_t until_ns = is_near ? cfi_now_ns() + LOOK_NS : 0;
    uint32_t seen;

    while (is_near && atomic_load(&window->answered) != number &&
           cfi_now_ns() < until_ns)
        sched_yield();
    while ((seen = atomic_load(&window->answered)) != number)
        cfi_futex_wait_shared(&window->answered, seen, INT64_MAX);
}

const struct cfi_reply *cfi_worker_desk_ask(struct cfi_worker_desk *desk,
                                            size_t which,
                                            const struct cfi_question *asked)
{
    struct cfi_window *window = &desk->region->desk->windows[which];
    uint32_t number = atomic_load(&window->asked) + 1;

    window->question = *asked;
    cfi_chaos(CFI_CHAOS_ASKING);
    /* seq_cst, all: releases the question; and it precedes the look at the
     * bell's sleepers */
    atomic_store(&window->asked, number);
    atomic_fetch_add(&desk->region->rings->questions, 1);
    cfi_chaos(CFI_CHAOS_ASKED);
    cfi_bell_ring(desk->bell, &desk->ringers[which]);
    await_answer(window, number, which == CFI_WINDOW_NOW);
    /* acquires what other threads here did before they asked: the answer does
     * so by way of the host, which the thread sanitizer does not see */
    (void)atomic_load(&desk->region->rings->questions);
    cfi_chaos(CFI_CHAOS_TOLD);
    return &window->reply;
}

struct cfi_reply cfi_worker_desk_ask_now(struct cfi_worker_desk *desk,
                                         const struct cfi_question *asked)
{
    cfi_worker_desk_begin(desk, CFI_WINDOW_NOW);
    struct cfi_reply reply = *cfi_worker_desk_ask(desk, CFI_WINDOW_NOW, asked);
    cfi_worker_desk_end(desk, CFI_WINDOW_NOW);
    return reply;
}
