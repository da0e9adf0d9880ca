/* SPDX-License-Identifier: MIT */
/* Done-callbacks: watches that run user code, once, with no lock held. */
#include <stdlib.h>

#include "future_impl.h"
#include "last_error.h"

struct callback {
    struct cfi_watch watch; /* first: it is cast back */
    cf_done_callback *function;
    void *context;
};

static void fire(struct cfi_watch *watch, struct cf_future *future)
{
    struct callback *callback = (struct callback *)watch;
    callback->function(future, callback->context);
    free(callback);
}

enum cf_status cf_add_done_callback(struct cf_future *future,
                                    cf_done_callback *function, void *context)
{
    if (future == NULL || function == NULL)
        return cfi_fail(CF_INVALID, "no future or no callback given");
    struct callback *callback = malloc(sizeof *callback);
    if (callback == NULL)
        return cfi_fail(CF_NOMEM, "no memory for a callback");
    *callback = (struct callback){
        .watch = {.fire = fire, .is_callback = true},
        .function = function,
        .context = context,
    };
    if (!cfi_future_watch(future, &callback->watch))
        fire(&callback->watch, future);
    return CF_OK;
}
