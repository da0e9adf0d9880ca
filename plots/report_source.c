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

/* The end of the path, with so many folders before the file. */
static const char *end_of(const char *path, size_t folders)
{
    const char *at = path + strlen(path);

    while (at > path && (at[-1] != '/' || folders-- > 0))
        at--;
    return at;
}

static void set_name(struct report_source *source, const char *path,
                     size_t folders)
{
    findings_plain(source->name, sizeof source->name, end_of(path, folders),
                   60);
}

static bool is_doubtful(struct report_source *const sources[],
                        char *const paths[], size_t count, size_t index)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(sources[i]->name, sources[index]->name) == 0 &&
            strcmp(paths[i], paths[index]) != 0)
            return true;
    return false;
}

void report_source_tell_apart(struct report_source *const sources[],
                              char *const paths[], size_t count)
{
    enum { FOLDERS_MAX = 8 };

    for (size_t folders = 1; folders <= FOLDERS_MAX; folders++) {
        bool doubtful[SOURCES_MAX];

        for (size_t i = 0; i < count; i++)
            doubtful[i] = is_doubtful(sources, paths, count, i);
        for (size_t i = 0; i < count; i++)
            if (doubtful[i])
                set_name(sources[i], paths[i], folders);
    }
}

bool report_source_read(struct report_source *source, const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);

    *source = (struct report_source){0};
    set_name(source, path, 0);
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
