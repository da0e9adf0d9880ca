/* SPDX-License-Identifier: MIT */
/*
 * libcf-mpi: all that libcf asks of an MPI library, and the only file that
 * knows one. It is built once for each MPI that is found, since their
 * binaries are not alike. What is said over it is in mpi_*.c of libcf.
 *
 * The messages have a communicator of their own, so that a program's cannot be
 * taken for ours. An error of MPI ends the job, as is MPI's own default.
 */
#include <mpi.h>
#include <stdlib.h>

#include "mpi_module.h"

/* MPI is one per process, and so is this. */
static struct {
    MPI_Comm comm;
    MPI_Message message; /* what probe() matched */
    void (*at_finalize)(void);
} mpi;

/* MPI_Finalize() begins with what hangs on MPI_COMM_SELF. */
static int is_finalizing(MPI_Comm comm, int keyval, void *value, void *extra)
{
    (void)comm;
    (void)keyval;
    (void)value;
    (void)extra;
    mpi.at_finalize();
    return MPI_SUCCESS;
}

static void watch_finalize(void (*at_finalize)(void))
{
    int keyval;

    mpi.at_finalize = at_finalize;
    MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, is_finalizing, &keyval, NULL);
    MPI_Comm_set_attr(MPI_COMM_SELF, keyval, NULL);
}

static struct cfi_mpi_place begin(void (*at_finalize)(void))
{
    struct cfi_mpi_place place = {0};
    int is_initialised, level, wanted;

    MPI_Initialized(&is_initialised);
    if (is_initialised) {
        wanted = MPI_THREAD_SERIALIZED;
        MPI_Query_thread(&level);
    } else {
        wanted = MPI_THREAD_FUNNELED;
        MPI_Init_thread(NULL, NULL, wanted, &level);
    }
    place.is_ours = !is_initialised;
    place.is_for_all = level >= MPI_THREAD_MULTIPLE;
    MPI_Comm_rank(MPI_COMM_WORLD, &place.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &place.ranks);
    if (level < wanted) {
        place.trouble =
            is_initialised
                ? "the program initialised MPI with less than "
                  "MPI_THREAD_SERIALIZED: libcf's own thread may not call it"
                : "this MPI does not give MPI_THREAD_FUNNELED";
        return place;
    }
    MPI_Comm_dup(MPI_COMM_WORLD, &mpi.comm);
    if (is_initialised && place.rank == 0)
        watch_finalize(at_finalize);
    return place;
}

static void *send(int rank, const void *bytes, size_t count)
{
    MPI_Request *request = malloc(sizeof *request);

    if (request != NULL)
        MPI_Isend(bytes, (int)count, MPI_BYTE, rank, 0, mpi.comm, request);
    return request;
}

static bool is_sent(void *send)
{
    MPI_Request *request = send;
    int is_done;

    MPI_Test(request, &is_done, MPI_STATUS_IGNORE);
    if (is_done)
        free(request);
    return is_done;
}

static bool probe(int *rank, size_t *count)
{
    MPI_Status status;
    int is_there, bytes;

    MPI_Improbe(MPI_ANY_SOURCE, 0, mpi.comm, &is_there, &mpi.message, &status);
    if (!is_there)
        return false;
    MPI_Get_count(&status, MPI_BYTE, &bytes);
    *rank = status.MPI_SOURCE;
    *count = (size_t)bytes;
    return true;
}

static void receive(void *bytes, size_t count)
{
    MPI_Mrecv(bytes, (int)count, MPI_BYTE, &mpi.message, MPI_STATUS_IGNORE);
}

static void end(void)
{
    MPI_Finalize(); /* our communicator ends with it */
}

static void abort_job(int code)
{
    MPI_Abort(MPI_COMM_WORLD, code);
}

const struct cfi_mpi_module cf_module_mpi = {
    .head = CFI_MODULE_HEAD(CFI_MPI_INTERFACE, struct cfi_mpi_module),
    .begin = begin,
    .send = send,
    .is_sent = is_sent,
    .probe = probe,
    .receive = receive,
    .end = end,
    .abort = abort_job,
};
