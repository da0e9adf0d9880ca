/* SPDX-License-Identifier: MIT */
/*
 * Where a process that is not the program's first leaves the way of main: an
 * exec'ed one in this constructor, or in cf_worker_entry() where the program
 * calls that; a rank of an MPI job there, too.
 *
 * The marker is removed at once, so that no program started by a task finds
 * it, and believed only if it names a connected socket of our kind whose other
 * end belongs to the same user. A program with more rights than its user
 * (AT_SECURE) ignores it: whoever starts one could have set it.
 *
 * The constructor also sees to it that a library which has libcf.a in it stays
 * when it is unloaded: every thread that has used it calls it once more when it
 * ends. libcf.so is linked so. Not later, since whoever loads an object would
 * have to be waited for.
 */
#include <cf/worker_entry.h>

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <unistd.h>

#include "code_object.h"
#include "mpi_world.h"
#include "process_entry.h"
#include "program.h"
#include "worker_entry.h"

/* Of the process as a whole, like its environment: what main is to do with
 * the marker, and whether main asks. */
static int socket_for_main = -1;
static bool is_in_main;

bool cfi_entry_is_in_main(void)
{
    return is_in_main;
}

static bool is_ours(int descriptor)
{
    struct ucred peer;
    socklen_t bytes = sizeof peer;
    int kind;

    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &bytes) != 0 ||
        peer.uid != getuid())
        return false;
    bytes = sizeof kind;
    return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &kind, &bytes) == 0 &&
           kind == SOCK_SEQPACKET &&
           fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0;
}

/* The socket that the marker names for `place`, -1 where it names none. */
static int socket_in(const char *marker, const char *place)
{
    size_t length = strlen(place);
    char *end;

    if (strncmp(marker, place, length) != 0 || marker[length] != ':')
        return -1;
    long descriptor = strtol(marker + length + 1, &end, 10);
    if (*end != '\0' || descriptor <= STDERR_FILENO || descriptor > 1 << 30 ||
        !is_ours((int)descriptor))
        return -1;
    return (int)descriptor;
}

bool cfi_entry_is_due(void)
{
    const char *marker = getenv(CFI_ENTRY_MARKER);

    if (marker == NULL || getauxval(AT_SECURE) != 0)
        return socket_for_main >= 0;
    return socket_in(marker, CFI_ENTRY_START) >= 0 ||
           socket_in(marker, CFI_ENTRY_MAIN) >= 0;
}

__attribute__((constructor)) static void enter_at_start(void)
{
    const char *marker = getenv(CFI_ENTRY_MARKER);

    /* an object pointer and a function pointer are the same on POSIX */
    cfi_code_keep((const void *)(uintptr_t)enter_at_start);
    if (marker == NULL || getauxval(AT_SECURE) != 0)
        return;
    int socket = socket_in(marker, CFI_ENTRY_START);
    socket_for_main = socket_in(marker, CFI_ENTRY_MAIN);
    unsetenv(CFI_ENTRY_MARKER);
    cfi_program_restore_environment();
    if (socket >= 0)
        cfi_process_enter(socket);
}

void cf_worker_entry(void)
{
    int socket = socket_for_main;

    is_in_main = true;
    socket_for_main = -1;
    if (socket >= 0)
        cfi_process_enter(socket);
    cfi_mpi_enter();
}
