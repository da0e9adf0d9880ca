/* SPDX-License-Identifier: MIT */
/* What a process weighs: resident pages that are not a file's and not shared
 * memory. Pages that a fork left in common with its parent count, too: compare
 * with what it was at birth. */
#include "own_bytes.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const char statm_path[] = "/proc/self/statm";

bool cfi_own_bytes_are_told(void)
{
    return access(statm_path, R_OK) == 0;
}

size_t cfi_own_bytes(void)
{
    char text[128], *at = text;
    int statm = open(statm_path, O_RDONLY | O_CLOEXEC);

    if (statm < 0)
        return 0;
    ssize_t bytes = read(statm, text, sizeof text - 1);
    close(statm);
    text[bytes > 0 ? bytes : 0] = '\0';
    strtoul(at, &at, 10); /* all of its address space */
    size_t resident = strtoul(at, &at, 10), shared = strtoul(at, &at, 10);
    return resident > shared
               ? (resident - shared) * (size_t)sysconf(_SC_PAGESIZE)
               : 0;
}
