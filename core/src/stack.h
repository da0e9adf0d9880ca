/* SPDX-License-Identifier: MIT */
#ifndef CFI_STACK_H
#define CFI_STACK_H

#include <stdbool.h>
#include <stdint.h>

/* The half of a thread's stack that is used first. */
struct cfi_stack {
    uintptr_t half; /* its lowest address; 0: not asked yet */
    uintptr_t bytes;
};

static inline bool cfi_stack_is_in(const struct cfi_stack *stack)
{
    return (uintptr_t)__builtin_frame_address(0) - stack->half < stack->bytes;
}

/* Of this thread; all zero where the system does not tell. Costs most when a
 * thread asks first, as has_room() does. */
struct cfi_stack cfi_stack_of_this_thread(void);

/*
 * Is there room for a task inside `nested` others, that is: is less than half
 * of this thread's stack in use? Where it runs on a stack that is not its own
 * nothing is known of that, and a few are thought to fit.
 */
bool cfi_stack_has_room(unsigned nested);

/* Around a task that runs inside a submit of this thread. may_nest(): is there
 * room for it? Always where it is the first. */
bool cfi_stack_may_nest(void);
void cfi_stack_nest_begin(void);
void cfi_stack_nest_end(void);

#endif
