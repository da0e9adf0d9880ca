/* SPDX-License-Identifier: MIT */
#ifndef CFI_MPI_HOST_LIST_H
#define CFI_MPI_HOST_LIST_H

#include "mpi_host.h"

/* The executors of rank 0, which its one thread serves: linked by `next`, and
 * only looked at while the list is locked. Before any host's own lock. */
void cfi_mpi_hosts_lock(void);
void cfi_mpi_hosts_unlock(void);
struct cfi_mpi_host *cfi_mpi_hosts_first(void);

#endif
