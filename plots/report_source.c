/* SPDX-License-Identifier: MIT */
#include "report_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "findings.h"

/* Hashes what is to be read; keeps it where it fits. False with errno. */
static bool read_all(struct report_source *source, int file)
{
    enum { STEP = 1 << 16 };
    char *room = malloc(SOURCE_KEPT_MAX + STEP);
    struct sha256 hash;
    ssize_t got;

    if (room == NULL)
        return false;
    sha256_begin(&hash);
    for (;;) {
        size_t at =
            source->bytes <= SOURCE_KEPT_MAX ? source->bytes : SOURCE_KEPT_MAX;
        do
            got = read(file, room + at, STEP);
        while (got < 0 && errno == EINTR);
        if (got <= 0)
            break;
        sha256_add(&hash, room + at, (size_t)got);
        source->bytes += (size_t)got;
    }
    sha256_end(&hash, source->sha256);
    if (got == 0 && source->bytes <= SOURCE_KEPT_MAX) {
        source->content = room;
        return true;
    }
    free(room);
    return got == 0;
}

bool report_source_read(struct report_source *source, const char *path)
{
    const char *slash = strrchr(path, '/');
    int file = open(path, O_RDONLY | O_CLOEXEC);

    *source = (struct report_source){0};
    findings_plain(source->name, sizeof source->name,
                   slash != NULL ? slash + 1 : path, 60);
    if (file < 0)
        return false;
    bool good = read_all(source, file);
    int why = errno;
    close(file);
    errno = why;
    return good;
}

void report_source_finish(struct report_source *source)
{
    free(source->content);
    *source = (struct report_source){0};
}

void report_source_address(FILE *out, const struct report_source *source)
{
    fputs("data:application/json,", out);
    for (size_t i = 0; i < source->bytes; i++) {
        unsigned char byte = (unsigned char)source->content[i];
        if (byte == '&')
            fputs("&amp;", out); /* the page's */
        else if (byte < ' ' || byte >= 0x7F || strchr("%#'<>", byte) != NULL ||
                 (byte == ' ' && i + 1 == source->bytes))
            fprintf(out, "%%%02X", byte);
        else
            putc(byte, out);
    }
}
