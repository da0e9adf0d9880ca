/* SPDX-License-Identifier: MIT */
/* A descriptor that becomes readable when tasks end, for programs that sleep
 * in a loop of their own (epoll, poll, libuv). Made when it is first asked
 * for; an executor without it writes nothing. */
#include <errno.h>
#include <sys/eventfd.h>

#include "descriptor.h"
#include "executor_impl.h"
#include "last_error.h"

enum cf_status cf_executor_fd(struct cf_executor *executor, int *fd)
{
    if (executor == NULL || fd == NULL)
        return cfi_fail(CF_INVALID, "no executor, or no place for the "
                                    "descriptor");
    enum cf_status status = cfi_executor_check_ours(executor);
    if (status != CF_OK)
        return status;
    int none = 0, made = 0;
    if (atomic_load(&executor->event_fd) == 0) {
        made = cfi_descriptor_adopt(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        if (made < 0)
            return cfi_fail_errno(CF_SYSTEM, "no descriptor for events");
        cfi_descriptor_lend(made);
        /* kept one higher, so that 0 means none */
        if (!atomic_compare_exchange_strong(&executor->event_fd, &none,
                                            made + 1))
            cfi_descriptor_close(&made); /* another thread was first */
    }
    *fd = atomic_load(&executor->event_fd) - 1;
    return CF_OK;
}

void cfi_executor_write_event(int fd)
{
    int saved_errno = errno;
    uint64_t one = 1;
    /* fails only where 2^64 - 2 ends are unread: it is readable then */
    (void)cfi_descriptor_write(fd, &one, sizeof one);
    errno = saved_errno;
}

void cfi_executor_close_fd(struct cf_executor *executor)
{
    int fd = atomic_load(&executor->event_fd) - 1;

    cfi_descriptor_close(&fd);
}
