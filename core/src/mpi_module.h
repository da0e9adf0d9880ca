/* SPDX-License-Identifier: MIT */
#ifndef CFI_MPI_MODULE_H
#define CFI_MPI_MODULE_H

#include <stdbool.h>
#include <stddef.h>

#include "module.h"

#define CFI_MPI_INTERFACE 2

/* What MPI says of this process. */
struct cfi_mpi_place {
    int rank;
    int ranks;
    bool is_ours;        /* begin() initialised MPI, and end() ends it */
    bool is_for_all;     /* any thread may call it                     */
    const char *trouble; /* why it cannot serve, NULL where it can      */
};

/* What libcf asks of an MPI library. All calls come from one thread, the one
 * that called begin(). Messages between two ranks stay in order. */
struct cfi_mpi_module {
    struct cfi_module_head head;

    /*
     * Initialises MPI (MPI_THREAD_FUNNELED), unless the program has: then it
     * must have been given MPI_THREAD_SERIALIZED at least, and `at_finalize`
     * is called when it ends MPI. Every rank calls it.
     */
    struct cfi_mpi_place (*begin)(void (*at_finalize)(void));

    /* Starts to send; `bytes` stay as they are until is_sent(), which is not
     * asked again after a true. NULL: no memory. */
    void *(*send)(int rank, const void *bytes, size_t count);
    bool (*is_sent)(void *send);

    /* Has a message come? Then receive() must take it next: `count` bytes. */
    bool (*probe)(int *rank, size_t *count);
    void (*receive)(void *bytes, size_t count);

    /* Ends what begin() began: every rank calls it. */
    void (*end)(void);

    /* Ends the job, this process too. */
    void (*abort)(int code);
};

extern CF_API const struct cfi_mpi_module cf_module_mpi;

#endif
