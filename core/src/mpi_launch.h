/* SPDX-License-Identifier: MIT */
#ifndef CFI_MPI_LAUNCH_H
#define CFI_MPI_LAUNCH_H

#include <stdbool.h>

#include "mpi_module.h"

/* Is this process one of an MPI job: started by a launcher, or has its program
 * initialised MPI? */
bool cfi_mpi_is_launched(void);

/* The module of the MPI that this process runs under. NULL: `*why`, constant. */
const struct cfi_mpi_module *cfi_mpi_find_module(const char **why);

#endif
