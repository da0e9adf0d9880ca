/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

const char *file_of(const uint8_t *data, size_t bytes)
{
    static char path[40];
    static int fd = -1;

    if (fd < 0) {
        fd = memfd_create("input", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    MUST(fd >= 0 && ftruncate(fd, 0) == 0);
    MUST(pwrite(fd, data, bytes, 0) == (ssize_t)bytes);
    return path;
}

FILE *nowhere(void)
{
    static FILE *null;

    if (null == NULL)
        null = fopen("/dev/null", "we");
    MUST(null != NULL);
    return null;
}

static char folder[PATH_MAX], file[PATH_MAX + 16];

static void remove_folder(void)
{
    unlink(file);
    rmdir(folder);
}

const char *output_path(void)
{
    const char *parent = getenv("TMPDIR");

    if (folder[0] != '\0')
        return file;
    snprintf(folder, sizeof folder, "%s/cfbench-fuzz-XXXXXX",
             parent != NULL ? parent : "/tmp");
    MUST(mkdtemp(folder) != NULL);
    snprintf(file, sizeof file, "%s/record.json", folder);
    atexit(remove_folder);
    return file;
}
