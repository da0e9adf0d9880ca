/* SPDX-License-Identifier: MIT */
/* How much of its stack a thread has used: asked of the system once, then a
 * comparison of addresses. */
#include "stack.h"

#include <pthread.h>
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

/* So many tasks are let inside each other on a stack of which nothing is
 * known. */
#define FEW 16u

/* Where the size of the first thread's stack is not told: at most this. */
#define MOST_GUESSED ((size_t)64 << 20)

/* Of this thread: its stack's lowest address, half way up, and its end (0: not
 * asked yet); and tasks under way inside each other's submits. */
static _Thread_local struct {
    uintptr_t lowest;
    uintptr_t half;
    uintptr_t end;
    unsigned nested;
} own;

/* The system tells of all threads but, without /proc, of the first one, whose
 * stack may grow up to a limit: it ends no farther from here, either way. */
static void guess(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    struct rlimit limit;
    size_t bytes = MOST_GUESSED;

    if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < bytes)
        bytes = limit.rlim_cur;
    own.lowest = here - bytes;
    own.half = here - bytes / 2;
    own.end = here + bytes;
}

static void find(void)
{
    pthread_attr_t attributes;
    void *lowest = NULL;
    size_t bytes = 0;

    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        if (pthread_attr_getstack(&attributes, &lowest, &bytes) == 0) {
            own.lowest = (uintptr_t)lowest;
            own.half = own.lowest + bytes / 2;
            own.end = own.lowest + bytes;
        }
        pthread_attr_destroy(&attributes);
    }
    if (own.end == 0 && gettid() == getpid())
        guess();
}

struct cfi_stack cfi_stack_of_this_thread(void)
{
    if (own.end == 0)
        find();
    return (struct cfi_stack){own.half, own.end - own.half};
}

bool cfi_stack_has_room(unsigned nested)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);

    if (own.end == 0)
        find();
    return here >= own.lowest && here < own.end ? here >= own.half
                                                : nested < FEW;
}

bool cfi_stack_may_nest(void)
{
    return own.nested == 0 || cfi_stack_has_room(own.nested);
}

void cfi_stack_nest_begin(void)
{
    own.nested++;
}

void cfi_stack_nest_end(void)
{
    own.nested--;
}
