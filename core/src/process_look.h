/* SPDX-License-Identifier: MIT */
#ifndef CFI_PROCESS_LOOK_H
#define CFI_PROCESS_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "ring.h"

/* A worker process's looking for its next request before it sleeps. Zero is a
 * good start: it does not look for the first one, while others start. */
struct cfi_look {
    unsigned vain; /* looks in a row that brought nothing              */
    bool is_tried; /* the host wants one more, all the same            */
    bool has_served;
    int host_cpu;    /* where the host's thread ran that sent the last one */
    int64_t most_ns; /* how long to look: as long as a sleep would cost, and
                        what it takes to copy the next argument        */
    int64_t begun_ns;
};

/* What the request at hand says of looking for the next one. */
void cfi_look_note(struct cfi_look *look, const struct cfi_request *request);

/* So long it took until the request at hand came, from the end of the last
 * task: though it was slept for, a look may have brought it. */
void cfi_look_note_wait(struct cfi_look *look, int64_t waited_ns);

/* Looking has paid of late, or is to be tried again. */
bool cfi_look_pays(const struct cfi_look *look);

/* The first look, of about the time that a round trip takes. */
void cfi_look_begin(struct cfi_look *look, const struct cfi_request *request,
                    uint64_t position);

/* The rest, if it has not come yet. False: it was in vain. */
bool cfi_look_end(struct cfi_look *look, const struct cfi_request *request,
                  uint64_t position);

#endif
