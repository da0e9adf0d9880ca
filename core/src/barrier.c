/* SPDX-License-Identifier: MIT */
/*
 * membarrier(), which glibc does not wrap. A process has to say once that it
 * will use the fast kind; a forked child inherits that.
 */
#include "barrier.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "futex.h"

static bool exists;

static long membarrier(int command)
{
    int saved_errno = errno;
    long rc = syscall(SYS_membarrier, command, 0, 0);

    errno = saved_errno;
    return rc;
}

static void announce(void)
{
    exists = membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0 &&
             membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0;
}

bool cfi_barrier_all_exists(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, announce);
    return exists;
}

void cfi_barrier_all(void)
{
    if (membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0)
        return;
    /* A filter that the process has put up since then forbids it: no store
     * stays in a processor for so long, nor in one that runs something else.
     * Whatever a signal's handler does, and no point of cancellation. */
    static const _Atomic uint32_t nobody_writes_it;
    int64_t deadline_ns = cfi_deadline_ns(20000000);
    while (cfi_now_ns() < deadline_ns)
        cfi_futex_wait(&nobody_writes_it, 0, deadline_ns);
}
