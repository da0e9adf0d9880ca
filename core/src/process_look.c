/* SPDX-License-Identifier: MIT */
/*
 * Before a worker sleeps it looks for its next request for MOST_NS, and longer
 * where arguments are large: to be woken costs both sides more than that. The
 * first STARE_NS are without a system
 * call; then it gives way to whoever else wants the processor. Where the last
 * request came from this very processor it gives way at once, or it would keep
 * the one off who is to send the next.
 *
 * After MOST_VAIN looks in a row that brought nothing, or one that lost it the
 * processor, it sleeps at once. Each request that is there in that time all the
 * same counts against one of those, and against a lost processor MOST_LOST less
 * MOST_VAIN. Without looks a round trip takes so much longer, by its wakes,
 * that no request might come in time any more; so the host has both sides stay
 * awake for one in a few (see process_lane.c), which is enough where requests do
 * follow each other closely.
 */
#include "process_look.h"

#include <sched.h>

#include "clock.h"
#include "spin.h"

#define MOST_NS   20000
#define STARE_NS  2000 /* there and back takes one, on two processors */
#define MOST_VAIN 4
#define MOST_LOST 16

void cfi_look_note(struct cfi_look *look, const struct cfi_request *request)
{
    look->is_tried = request->is_tried != 0;
    look->has_served = true;
    look->host_cpu = request->cpu;
    look->most_ns = MOST_NS + cfi_copying_ns(request->arg_bytes);
}

bool cfi_look_pays(const struct cfi_look *look)
{
    return look->has_served && (look->vain < MOST_VAIN || look->is_tried);
}

void cfi_look_begin(struct cfi_look *look, const struct cfi_request *request,
                    uint64_t position)
{
    look->begun_ns = cfi_now_ns();
    if (sched_getcpu() == look->host_cpu) {
        sched_yield();
        return;
    }
    while (!cfi_request_is_there(request, position) &&
           cfi_now_ns() - look->begun_ns < STARE_NS)
        cfi_spin_pause();
}

bool cfi_look_end(struct cfi_look *look, const struct cfi_request *request,
                  uint64_t position)
{
    int64_t took_ns = cfi_now_ns() - look->begun_ns;
    bool has_come;

    for (unsigned round = 0;
         !(has_come = cfi_request_is_there(request, position)) &&
         took_ns < look->most_ns;
         round++) {
        cfi_spin_rest(round);
        took_ns = cfi_now_ns() - look->begun_ns;
    }
    if (took_ns > look->most_ns + 3 * MOST_NS)
        look->vain = MOST_LOST; /* others want the processor */
    else if (has_come)
        look->vain = 0;
    else if (look->vain < MOST_VAIN)
        look->vain++;
    return has_come;
}

void cfi_look_note_wait(struct cfi_look *look, int64_t waited_ns)
{
    if (waited_ns < look->most_ns && look->vain > 0)
        look->vain--;
}
