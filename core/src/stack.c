/* SPDX-License-Identifier: MIT */
/* How much of its stack a thread has used. */
#include "stack.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

/* Half way down the thread's stack, and its end; 0: not asked yet. */
static _Thread_local uintptr_t half;
static _Thread_local uintptr_t end;

/* So many tasks inside each other fit on any stack. */
#define FEW 16u

/* Of this thread: tasks under way inside each other's submits. */
static _Thread_local unsigned nested;

static void find(void)
{
    pthread_attr_t attributes;
    void *lowest = NULL;
    size_t bytes = 0;

    half = end = UINTPTR_MAX; /* nothing is known: no room */
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return;
    if (pthread_attr_getstack(&attributes, &lowest, &bytes) == 0) {
        half = (uintptr_t)lowest + bytes / 2;
        end = (uintptr_t)lowest + bytes;
    }
    pthread_attr_destroy(&attributes);
}

/* Is less than half of the thread's stack in use? False as well where it runs on
 * a stack that is not its own, of which nothing is known. */
static bool has_room(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);

    if (end == 0)
        find();
    return here >= half && here < end;
}

bool cfi_stack_may_nest(void)
{
    return nested < FEW || has_room();
}

void cfi_stack_nest_begin(void)
{
    nested++;
}

void cfi_stack_nest_end(void)
{
    nested--;
}
