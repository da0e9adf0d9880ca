/* SPDX-License-Identifier: MIT */
/*
 * The workers go with us by themselves, each a moment after its parent, and may
 * start one more program in that moment: so it is looked for them for a while.
 */
#include "watch.h"

#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "attendant.h"
#include "leftover.h"
#include "refuse.h"

enum { LOOKS = 10 };

struct wl_watch {
    struct wl_attendant attendant;
};

static void attend(void *context, int ready_fd, int owner_fd)
{
    const struct timespec pause = {.tv_nsec = 30000000};
    struct pollfd owner = {.fd = owner_fd, .events = POLLIN};
    uint32_t ready = 1;

    (void)context;
    if (write(ready_fd, &ready, sizeof ready) != sizeof ready)
        return;
    close(ready_fd);
    while (poll(&owner, 1, -1) <= 0)
        ;
    for (int i = 0; i < LOOKS; i++) {
        wl_leftover_end();
        nanosleep(&pause, NULL);
    }
}

enum cf_status wl_watch_start(struct wl_watch **watch, char *why,
                              size_t why_bytes)
{
    struct wl_watch *made = calloc(1, sizeof *made);
    enum cf_status status = CF_NOMEM;
    uint32_t ready;

    if (made != NULL && wl_leftover_mark())
        status = wl_attendant_start(&made->attendant, "the watch", attend, NULL,
                                    &ready, why, why_bytes);
    if (status == CF_OK)
        *watch = made;
    else
        free(made);
    return status;
}

void wl_watch_stop(struct wl_watch *watch)
{
    if (watch == NULL)
        return;
    wl_attendant_stop(&watch->attendant);
    free(watch);
}
