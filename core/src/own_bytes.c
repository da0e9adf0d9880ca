/* SPDX-License-Identifier: MIT */
/* What a process weighs, as the system tells it. */
#include "own_bytes.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const char statm_path[] = "/proc/self/statm";

bool cfi_own_bytes_are_told(void)
{
    return access(statm_path, R_OK) == 0;
}

/* In pages; all 0 where it is not told. */
struct pages {
    size_t all, resident, shared;
};

static struct pages read_pages(void)
{
    char text[128], *at = text;
    struct pages pages = {0};
    int statm = open(statm_path, O_RDONLY | O_CLOEXEC);

    if (statm < 0)
        return pages;
    ssize_t bytes = read(statm, text, sizeof text - 1);
    close(statm);
    text[bytes > 0 ? bytes : 0] = '\0';
    pages.all = strtoul(at, &at, 10);
    pages.resident = strtoul(at, &at, 10);
    pages.shared = strtoul(at, &at, 10);
    return pages;
}

size_t cfi_own_bytes(void)
{
    struct pages pages = read_pages();

    return pages.resident > pages.shared
               ? (pages.resident - pages.shared) * (size_t)sysconf(_SC_PAGESIZE)
               : 0;
}

size_t cfi_own_address_bytes(void)
{
    return read_pages().all * (size_t)sysconf(_SC_PAGESIZE);
}
