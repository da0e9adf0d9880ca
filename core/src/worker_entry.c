/* SPDX-License-Identifier: MIT */
/* Where a process that is not the program's first leaves the way of main. */
#include <cf/worker_entry.h>

#include "mpi_world.h"

void cf_worker_entry(void)
{
    cfi_mpi_enter();
}
