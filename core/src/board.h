/* SPDX-License-Identifier: MIT */
#ifndef CFI_BOARD_H
#define CFI_BOARD_H

#include <cf/status.h>

#include "bell.h"
#include "code_object.h"

/*
 * What all processes of one executor share: the bell, which workers ring, and
 * the catalogue, which they read. Memory without a name. The descriptors are
 * for exec'ed processes, which map it anew; forked ones have it as it is.
 */
struct cfi_board {
    struct cfi_bell *bell; /* NULL: there is no board */
    struct cfi_catalogue *catalogue;
    int bell_fd; /* negative once closed */
    int catalogue_fd;
};

/* In the host. CF_OK, CF_SYSTEM, CF_NOMEM. */
CF_MUST_CHECK enum cf_status cfi_board_create(struct cfi_board *board);

/* In an exec'ed process: maps what stands behind both descriptors, which it
 * takes over. */
CF_MUST_CHECK enum cf_status cfi_board_map(struct cfi_board *board);

/* In a forked process: the catalogue is only to be read there. */
void cfi_board_protect(const struct cfi_board *board);

void cfi_board_close_descriptors(struct cfi_board *board);

/* Undoes create() or map(); a zeroed board is allowed. */
void cfi_board_finish(struct cfi_board *board);

#endif
