/* SPDX-License-Identifier: MIT */
/*
 * Reading of /proc and /sys: what is not there, or is not as expected, is
 * simply unknown; a benchmark must run where half of these files are missing.
 */
#include "system_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool system_file_read(const char *path, char *text, size_t text_bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    ssize_t count = 0;

    if (fd < 0)
        return false;
    while (length + 1 < text_bytes &&
           (count = read(fd, text + length, text_bytes - 1 - length)) > 0)
        length += (size_t)count;
    close(fd);
    text[length] = '\0';
    return count >= 0;
}

bool system_file_line(const char *path, char *line, size_t line_bytes)
{
    if (!system_file_read(path, line, line_bytes))
        return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

bool system_file_value(const char *text, const char *key, char *value,
                       size_t value_bytes)
{
    size_t key_length = strlen(key);
    size_t length;

    while (strncmp(text, key, key_length) != 0 ||
           strchr(" \t:=", text[key_length]) == NULL) {
        text = strchr(text, '\n');
        if (text == NULL)
            return false;
        text++;
    }
    text += key_length;
    text += strspn(text, " \t:=\"");
    length = strcspn(text, "\"\n");
    snprintf(value, value_bytes, "%.*s", (int)length, text);
    return true;
}

double system_file_number(const char *text, const char *key, double fallback)
{
    char value[64];
    char *end;
    double number;

    if (!system_file_value(text, key, value, sizeof value))
        return fallback;
    number = strtod(value, &end);
    return end == value ? fallback : number;
}
