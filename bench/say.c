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

enum { LINE_BYTES = 1024, TEXT_BYTES = 900 };

static bool is_control(unsigned char byte)
{
    return byte < 0x20 || byte == 0x7f;
}

char *say_safe(const char *text, char *safe, size_t safe_bytes)
{
    size_t length = strlen(text);
    bool is_cut = length >= safe_bytes;

    if (is_cut)
        length = safe_bytes - 1;
    for (size_t i = 0; i < length; i++)
        safe[i] = is_control((unsigned char)text[i]) ? '?' : text[i];
    safe[length] = '\0';
    if (is_cut && safe_bytes > 4)
        memcpy(safe + length - 3, "...", 3);
    return safe;
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
