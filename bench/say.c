/* SPDX-License-Identifier: MIT */
/*
 * One place through which every complaint goes, so that all of them look alike
 * and none can carry an escape sequence to the terminal. A line is put together
 * in memory first and written whole: two processes never mix within a line.
 */
#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "utf8.h"

enum { LINE_BYTES = 1024, TEXT_BYTES = 900 };

/* Puts the character at the start of `text` to `to`, or what stands for it. */
static size_t put(char *to, const char *text, struct utf8_char c)
{
    if (c.is_plain)
        memcpy(to, text, c.bytes);
    else
        *to = '?';
    return c.is_plain ? c.bytes : 1;
}

char *say_safe(const char *text, char *safe, size_t safe_bytes)
{
    size_t left = strlen(text), used = 0, cut = 0;

    while (left > 0) {
        struct utf8_char c = utf8_take(text, left);

        if (used + (c.is_plain ? c.bytes : 1) >= safe_bytes)
            break;
        used += put(safe + used, text, c);
        if (used + sizeof "..." <= safe_bytes)
            cut = used;
        text += c.bytes;
        left -= c.bytes;
    }
    if (left > 0 && safe_bytes > sizeof "...") {
        memcpy(safe + cut, "...", 3);
        used = cut + 3;
    }
    safe[used] = '\0';
    return safe;
}

char *say_cell(const char *text, size_t least, size_t most, char *cell)
{
    size_t left = strlen(text), count = 0, used = 0;

    while (left > 0) {
        struct utf8_char c = utf8_take(text, left);

        if (count + c.columns > most)
            break;
        count += c.columns;
        used += put(cell + used, text, c);
        text += c.bytes;
        left -= c.bytes;
    }
    for (; count < least; count++)
        cell[used++] = ' ';
    cell[used] = '\0';
    return cell;
}

size_t say_width(const char *text)
{
    size_t left = strlen(text), count = 0;

    while (left > 0) {
        struct utf8_char c = utf8_take(text, left);

        count += c.columns;
        text += c.bytes;
        left -= c.bytes;
    }
    return count;
}

void say_text(const char *text, size_t length)
{
    while (length > 0) {
        struct utf8_char c = utf8_take(text, length);
        char character[4];

        fwrite(character, 1, put(character, text, c), stdout);
        text += c.bytes;
        length -= c.bytes;
    }
}

void say_written(const char *path)
{
    fputs("\nwritten: ", stdout);
    say_text(path, strlen(path));
    putchar('\n');
}

static void say(const char *prefix, const char *format, va_list arguments)
{
    char text[LINE_BYTES * 4];
    char safe[TEXT_BYTES];
    char line[LINE_BYTES];

    vsnprintf(text, sizeof text, format, arguments);
    say_safe(text, safe, sizeof safe);
    snprintf(line, sizeof line, "cfbench: %s%s\n", prefix, safe);
    fputs(line, stderr);
    fflush(stderr);
}

int say_trouble(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say("", format, arguments);
    va_end(arguments);
    return EXIT_TROUBLE;
}

void say_warning(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say("warning: ", format, arguments);
    va_end(arguments);
}

const char *say_plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* Has the reader of our standard output, a pipe, gone away? */
static bool is_broken_pipe(int error)
{
    struct stat out;

    if (error != 0)
        return error == EPIPE;
    return fstat(STDOUT_FILENO, &out) == 0 &&
           (S_ISFIFO(out.st_mode) || S_ISSOCK(out.st_mode));
}

int say_end(void)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return EXIT_FINE;
    if (is_broken_pipe(errno))
        return EXIT_FINE;
    return say_trouble("standard output: %s",
                       errno != 0 ? strerror(errno) : "cannot be written");
}
