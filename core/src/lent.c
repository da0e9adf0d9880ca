/* SPDX-License-Identifier: MIT */
/* Told by what is to be done with the argument at the end, and where it is. */
#include "lent.h"

#include <string.h>

#include "heap.h"

/* Of one that is lent or placed. */
static void do_nothing(void *object)
{
    (void)object;
}

static bool ends_by(const struct cf_future *future, cf_destructor *destroy)
{
    const struct cfi_extra *extra = cfi_future_extra(future);
    return extra != NULL && extra->arg_destroy == destroy;
}

struct cf_call cfi_lending(const struct cf_call *call)
{
    struct cf_call lending = call != NULL ? *call : (struct cf_call){0};

    lending.arg_destroy = do_nothing;
    return lending;
}

bool cfi_argument_is_lent(const struct cf_future *future)
{
    return ends_by(future, do_nothing) &&
           cfi_rest(future)->extra->object != NULL;
}

bool cfi_argument_is_placed(const struct cf_future *future)
{
    return ends_by(future, do_nothing) &&
           cfi_rest(future)->extra->object == NULL;
}

bool cfi_argument_is_lost(const struct cf_future *future)
{
    return ends_by(future, cfi_heap_give) &&
           cfi_rest(future)->extra->object == NULL;
}

void cfi_argument_let_go(struct cf_future *future)
{
    cfi_rest(future)->extra->object = NULL;
}

bool cfi_argument_keep(struct cf_future *future, const void *from)
{
    struct cfi_extra *extra = cfi_rest(future)->extra;

    extra->object = cfi_heap_take_whole(extra->object_bytes);
    extra->arg_destroy = cfi_heap_give;
    if (extra->object == NULL)
        return false;
    memcpy(extra->object, from, extra->object_bytes);
    return true;
}
