/* SPDX-License-Identifier: MIT */
/* Done-callbacks: watches that run user code, once, with no lock held. */
#include <stdlib.h>

#include "future_impl.h"
#include "last_error.h"
#include "watch.h"

struct callback {
    struct cfi_watch watch; /* first: it is cast back */
    cf_done_callback *function;
    void *context;
    cf_destructor *destroy; /* of the context; NULL: nothing to do */
};

static void fire(struct cfi_watch *watch, struct cf_future *future)
{
    struct callback *callback = (struct callback *)watch;
    if (future != NULL)
        callback->function(future, callback->context);
    if (callback->destroy != NULL)
        callback->destroy(callback->context);
    free(callback);
}

enum cf_status cf_add_done_callback(struct cf_future *future,
                                    cf_done_callback *function, void *context)
{
    return cf_add_done_callback_owned(future, function, context, NULL);
}

enum cf_status cf_add_done_callback_owned(struct cf_future *future,
                                          cf_done_callback *function,
                                          void *context, cf_destructor *destroy)
{
    if (future == NULL || function == NULL)
        return cfi_fail(CF_INVALID, "no future or no callback given");
    if (!cfi_future_is_final(future) && !cfi_future_is_ours(future))
        return cfi_fail(CF_BROKEN, "the task belongs to the process that "
                                   "forked this one");
    struct callback *callback = malloc(sizeof *callback);
    if (callback == NULL)
        return cfi_fail(CF_NOMEM, "no memory for a callback");
    *callback = (struct callback){
        .watch = {.fire = fire, .is_callback = true},
        .function = function,
        .context = context,
        .destroy = destroy,
    };
    /* final ones are not even locked: another process's thread may have */
    if (cfi_future_is_final(future) || !cfi_watch_add(future, &callback->watch))
        fire(&callback->watch, future);
    return CF_OK;
}
