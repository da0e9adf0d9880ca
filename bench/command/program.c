/* SPDX-License-Identifier: MIT */
/* Symbolic links stay as they are: some programs go by their name. */
#include "program.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"

static bool is_program(const char *path)
{
    struct stat about;

    if (stat(path, &about) != 0)
        return false;
    if (!S_ISREG(about.st_mode)) {
        errno = S_ISDIR(about.st_mode) ? EISDIR : EACCES;
        return false;
    }
    return access(path, X_OK) == 0;
}

static char *no_memory(const char *name)
{
    say_trouble("%.200s: no memory", name);
    return NULL;
}

static char *find_path(const char *name)
{
    char *folder = NULL, *path = NULL;

    if (!is_program(name)) {
        say_trouble("%.200s: %s", name, strerror(errno));
        return NULL;
    }
    if (name[0] == '/')
        return strdup(name);
    folder = getcwd(NULL, 0);
    if (folder == NULL || asprintf(&path, "%s/%s", folder, name) < 0)
        path = no_memory(name);
    free(folder);
    return path;
}

/* Is `folder` one to take programs from? Says so where not. */
static bool is_trusted(const char *folder, const char *name)
{
    struct stat about;

    if (folder[0] != '/') {
        say_trouble("%.200s: not looked for past the %s in PATH", name,
                    folder[0] == '\0' ? "empty element" : "relative folder");
        return false;
    }
    if (stat(folder, &about) == 0 && (about.st_mode & S_IWOTH) != 0) {
        say_trouble("%.100s: not looked for in %.100s, which is in PATH and "
                    "which everybody may write to",
                    name, folder);
        return false;
    }
    return true;
}

char *program_find(const char *name)
{
    const char *at = getenv("PATH");

    if (strchr(name, '/') != NULL)
        return find_path(name);
    if (name[strspn(name, " \t")] == '\0') { /* "$UNSET", most likely */
        say_trouble("command: the word that names it is empty");
        return NULL;
    }
    while (at != NULL) {
        size_t length = strcspn(at, ":");
        char *folder = strndup(at, length), *path = NULL;

        if (folder == NULL || asprintf(&path, "%s/%s", folder, name) < 0) {
            free(folder);
            return no_memory(name);
        }
        if (!is_trusted(folder, name)) {
            free(folder);
            free(path);
            return NULL;
        }
        free(folder);
        if (is_program(path))
            return path;
        free(path);
        at = at[length] == ':' ? at + length + 1 : NULL;
    }
    say_trouble("%.200s: no such command along PATH", name);
    return NULL;
}
