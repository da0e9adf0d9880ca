/* SPDX-License-Identifier: MIT */
#ifndef CFI_MPI_POST_H
#define CFI_MPI_POST_H

#include "mpi_world.h"

/* What goes to other ranks, and comes. All on the thread that calls MPI, which
 * says things with cfi_mpi_say(). Without memory for it the job ends. */

void cfi_post_begin(const struct cfi_mpi_module *mpi,
                    const struct cfi_mpi_place *place);

/* Hands over what has come, record by record. True: something had. */
bool cfi_post_hear(const struct cfi_mpi_role *role);

/* How many ranks have said where they run. */
int cfi_post_known(void);

/* How many ranks have said that nothing more comes from them. */
int cfi_post_left(void);

/* Sends what was said. True: something was. */
bool cfi_post_send(void);

/* Frees what has been sent. True: something is still on its way. */
bool cfi_post_land(void);

#endif
