/* SPDX-License-Identifier: MIT */
/*
 * The file of this program, started anew: /proc/self/exe, with the environment
 * of the moment and a marker. The new process must come by our constructor
 * before its main, so a shared library of ours is preloaded: whether the
 * program is linked to it or, as interpreters do, loaded it itself.
 *
 * Constructors of a program that has libcf.a inside run before ours: one that
 * creates an executor would do so in each worker, and in each of that one's
 * workers, without end. So no process that is to become a worker starts another.
 *
 * A file that gives its process more rights than its user has is never started
 * so: there the marker would be ignored, and main would run. Nor is any while
 * the effective user or group is another one than the real: to the system that
 * is the same.
 */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "code_object.h"
#include "worker_entry.h"

#define PRELOAD "LD_PRELOAD"

static const char own_file[] = "/proc/self/exe";

/* The shared library that this code is in; "": it is in the program. */
static void find_library(char path[CFI_PATH_BYTES])
{
    /* an object pointer and a function pointer are the same on POSIX */
    if (!cfi_code_path((const void *)(uintptr_t)find_library, path))
        path[0] = '\0';
}

/* Constructors of the program proper; one is the compiler's own. */
static int count_constructors(struct dl_phdr_info *info, size_t size,
                              void *count)
{
    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type != PT_DYNAMIC)
            continue;
        /* an address from the loader's own tables */
        const ElfW(Dyn) *entry =
            (const ElfW(Dyn) *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
        for (; entry->d_tag != DT_NULL; entry++)
            if (entry->d_tag == DT_INIT_ARRAYSZ ||
                entry->d_tag == DT_PREINIT_ARRAYSZ)
                *(size_t *)count += entry->d_un.d_val / sizeof(void *);
    }
    return 1; /* the program is the first of all objects */
}

static bool has_constructors(void)
{
    size_t count = 0;

    dl_iterate_phdr(count_constructors, &count);
    return count > 1;
}

static bool gives_rights(void)
{
    struct stat about;
    char capability;

    return getauxval(AT_SECURE) != 0 || stat(own_file, &about) != 0 ||
           (about.st_mode & (S_ISUID | S_ISGID)) != 0 ||
           getxattr(own_file, "security.capability", &capability, 0) > 0;
}

const char *cfi_program_obstacle(void)
{
    char library[CFI_PATH_BYTES];

    if (cfi_entry_is_due()) /* its workers would come here in their turn */
        return "a process that was started as a worker, and is none yet, "
               "starts no program anew: a constructor makes executors there";
    if (access(own_file, X_OK) != 0)
        return "the program's own file cannot be started: /proc is not "
               "mounted, or it is not executable";
    if (gives_rights())
        return "the program's file gives more rights than its user has: it is "
               "not started as a worker";
    if (geteuid() != getuid() || getegid() != getgid())
        return "the program acts for another user or group than its own: its "
               "file is not started as a worker";
    find_library(library);
    if (library[0] == '\0' || cfi_entry_is_in_main())
        return NULL;
    if (strpbrk(library, ": ") != NULL)
        return "the path of the shared library has a blank or a colon: it "
               "cannot be preloaded";
    if (has_constructors())
        return "the program has constructors of its own, which would not have "
               "run in a worker: have main call cf_worker_entry() first";
    return NULL;
}

static size_t environment_size(void)
{
    size_t count = 0;

    while (environ != NULL && environ[count] != NULL)
        count++;
    return count;
}

/* The value of `name` where `entry` is that variable, else NULL. */
static char *value_in(char *entry, const char *name)
{
    size_t length = strlen(name);

    return strncmp(entry, name, length) == 0 && entry[length] == '='
               ? entry + length + 1
               : NULL;
}

/* Texts: the marker, and where need be what is to be preloaded. */
static bool write_variables(struct cfi_program *program, int socket)
{
    char library[CFI_PATH_BYTES];
    const char *before = getenv(PRELOAD);

    find_library(library);
    if (asprintf(&program->marker, "%s=%s:%d", CFI_ENTRY_MARKER,
                 cfi_entry_is_in_main() ? CFI_ENTRY_MAIN : CFI_ENTRY_START,
                 socket) < 0) {
        program->marker = NULL;
        return false;
    }
    if (library[0] != '\0' &&
        asprintf(&program->preload, "%s=%s%s%s", PRELOAD, library,
                 before != NULL ? ":" : "", before != NULL ? before : "") < 0) {
        program->preload = NULL;
        return false;
    }
    return true;
}

bool cfi_program_prepare(struct cfi_program *program, int socket)
{
    size_t size = environment_size(), count = 0;

    *program =
        (struct cfi_program){.arguments = {program_invocation_name, NULL},
                             .environment = calloc(size + 3, sizeof(char *))};
    if (program->environment == NULL || !write_variables(program, socket)) {
        cfi_program_finish(program);
        return false;
    }
    program->environment[count++] = program->marker;
    if (program->preload != NULL)
        program->environment[count++] = program->preload;
    for (size_t i = 0; i < size; i++)
        if (value_in(environ[i], CFI_ENTRY_MARKER) == NULL &&
            (program->preload == NULL || value_in(environ[i], PRELOAD) == NULL))
            program->environment[count++] = environ[i];
    return true;
}

void cfi_program_finish(struct cfi_program *program)
{
    free(program->environment);
    free(program->marker);
    free(program->preload);
    *program = (struct cfi_program){0};
}

void cfi_program_exec(const struct cfi_program *program, int socket)
{
    fcntl(socket, F_SETFD, 0);
    execve(own_file, program->arguments, program->environment);
}

void cfi_program_restore_environment(void)
{
    char library[CFI_PATH_BYTES];
    char *value = NULL;

    find_library(library);
    size_t length = strlen(library);
    for (size_t i = 0; environ[i] != NULL && value == NULL; i++)
        value = value_in(environ[i], PRELOAD);
    if (length == 0 || value == NULL || strncmp(value, library, length) != 0)
        return;
    if (value[length] == ':')
        memmove(value, value + length + 1, strlen(value + length + 1) + 1);
    else if (value[length] == '\0')
        unsetenv(PRELOAD);
}
