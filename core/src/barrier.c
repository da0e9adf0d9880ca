/* SPDX-License-Identifier: MIT */
/*
 * membarrier(), which glibc does not wrap. A process has to say once that it
 * will use the fast kind; a forked child inherits that.
 */
#include "barrier.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <stdatomic.h>
#include <sys/single_threaded.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "futex.h"

enum { UNKNOWN, EXISTS, NEVER };
static _Atomic int answer;

static long membarrier(int command)
{
    int saved_errno = errno;
    long rc = syscall(SYS_membarrier, command, 0, 0);

    errno = saved_errno;
    return rc;
}

/* Two who do so at a time do no harm. */
void cfi_barrier_all_announce(bool patiently)
{
    if (atomic_load(&answer) != UNKNOWN ||
        (!patiently && !__libc_single_threaded))
        return;
    bool exists = membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0 &&
                  membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0;
    atomic_store(&answer, exists ? EXISTS : NEVER);
}

bool cfi_barrier_all_exists(void)
{
    return atomic_load(&answer) == EXISTS;
}

void cfi_barrier_all(void)
{
    if (membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0)
        return;
    cfi_barrier_all_announce(true); /* nobody has, so far */
    if (membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0)
        return;
    atomic_store(&answer, NEVER); /* for whoever has not begun to rely on it */
    /* A filter that the process has put up since then forbids it: no store
     * stays in a processor for so long, nor in one that runs something else.
     * Whatever a signal's handler does, and no point of cancellation. */
    static const _Atomic uint32_t nobody_writes_it;
    int64_t deadline_ns = cfi_deadline_ns(20000000);
    while (cfi_now_ns() < deadline_ns)
        cfi_futex_wait(&nobody_writes_it, 0, deadline_ns);
}
