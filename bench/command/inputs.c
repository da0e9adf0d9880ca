/* SPDX-License-Identifier: MIT */
/* Read as a whole: the record has them all, so that a run can be resumed. */
#include "inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

enum { BLOCK_BYTES_MAX = 16 << 20 };

static bool refuse(const char *path, const char *why)
{
    say_trouble("inputs %.200s: %s", strcmp(path, "-") == 0 ? "stdin" : path,
                why);
    return false;
}

static bool read_block(const char *path, int fd, char **block, size_t *length)
{
    *length = 0;
    *block = malloc(BLOCK_BYTES_MAX + 1); /* touched as far as it is used */
    if (*block == NULL)
        return refuse(path, "no memory");
    for (;;) {
        ssize_t got = read(fd, *block + *length, BLOCK_BYTES_MAX + 1 - *length);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return refuse(path, strerror(errno));
        if (got == 0)
            return true;
        *length += (size_t)got;
        if (*length > BLOCK_BYTES_MAX)
            return refuse(path, "more than 16 MiB");
    }
}

/* Cuts the block at each separator. */
static bool cut(struct inputs *inputs, size_t length, char separator)
{
    size_t most = 1;
    char *at = inputs->block, *end = inputs->block + length;

    for (size_t i = 0; i < length; i++)
        most += inputs->block[i] == separator;
    inputs->words = calloc(most + 1, sizeof *inputs->words);
    if (inputs->words == NULL)
        return false;
    while (at < end) {
        char *stop = memchr(at, separator, (size_t)(end - at));

        if (stop == NULL)
            stop = end;
        *stop = '\0';
        if (*at != '\0')
            inputs->words[inputs->count++] = at;
        at = stop + 1;
    }
    return true;
}

bool inputs_read(const char *path, bool is_null_separated,
                 struct inputs *inputs)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    size_t length;
    bool is_read;

    *inputs = (struct inputs){0};
    if (fd < 0)
        return refuse(path, strerror(errno));
    is_read = read_block(path, fd, &inputs->block, &length);
    if (!is_stdin)
        close(fd);
    if (!is_read)
        return false;
    if (!is_null_separated && memchr(inputs->block, '\0', length) != NULL)
        return refuse(path, "has a 0 byte; separated by them? then -0");
    if (!cut(inputs, length, is_null_separated ? '\0' : '\n'))
        return refuse(path, "no memory");
    return inputs->count > 0 || refuse(path, "no input in it");
}

void inputs_free(struct inputs *inputs)
{
    free(inputs->words);
    free(inputs->block);
}
