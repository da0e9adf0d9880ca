/* SPDX-License-Identifier: MIT */
/*
 * Under which MPI, if any, does this process run? A library of MPI that the
 * program brings decides; else what the launcher has put into the environment,
 * which each kind of MPI does in its own words. What was built for the other
 * kind is not tried: its ranks would each think they were alone.
 */
#include "mpi_launch.h"

#include <dlfcn.h>
#include <stdlib.h>

#pragma weak cf_module_mpi /* the program may have linked it */

static const struct cfi_module_wish open_mpi = {
    CFI_MODULE_REASONS("libcf-mpi-openmpi.so.0"),
    .symbol = "cf_module_mpi",
    .linked = &cf_module_mpi,
    .head = CFI_MODULE_HEAD(CFI_MPI_INTERFACE, struct cfi_mpi_module),
};

static const struct cfi_module_wish mpich = {
    CFI_MODULE_REASONS("libcf-mpi-mpich.so.0"),
    .symbol = "cf_module_mpi",
    .linked = &cf_module_mpi,
    .head = CFI_MODULE_HEAD(CFI_MPI_INTERFACE, struct cfi_mpi_module),
};

static bool is_initialised(void)
{
    /* an object pointer and a function pointer are the same on POSIX */
    int (*ask)(int *) =
        (int (*)(int *))(uintptr_t)dlsym(RTLD_DEFAULT, "MPI_Initialized");
    int answer = 0;

    return ask != NULL && ask(&answer) == 0 && answer != 0;
}

bool cfi_mpi_is_launched(void)
{
    return getenv("OMPI_COMM_WORLD_SIZE") != NULL || /* Open MPI's mpirun */
           getenv("PMI_SIZE") != NULL ||  /* MPICH's, Slurm's pmi2    */
           getenv("PMIX_RANK") != NULL || /* Slurm's pmix             */
           is_initialised();
}

const struct cfi_mpi_module *cfi_mpi_find_module(const char **why)
{
    bool is_open_mpi =
        getenv("OMPI_COMM_WORLD_SIZE") != NULL || getenv("PMIX_RANK") != NULL;

    if (dlsym(RTLD_DEFAULT, "MPI_Init") != NULL)
        is_open_mpi = dlsym(RTLD_DEFAULT, "ompi_mpi_comm_world") != NULL;
    return cfi_module_find(is_open_mpi ? &open_mpi : &mpich, why);
}
