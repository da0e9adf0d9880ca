/* SPDX-License-Identifier: MIT */
/*
 * An executor's settings on their way into an exec'ed process: a head and,
 * behind it, the initializer's argument, in memory without a name. Functions
 * travel by their address in an object, with its path, since an exec'ed
 * process may not have loaded it yet.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "code_address.h"
#include "code_object.h"
#include "descriptor.h"
#include "executor_impl.h"
#include "inner_threads.h"
#include "last_error.h"
#include "process_entry.h"
#include "region.h"

struct named_function {
    struct cfi_code_address address; /* of no object: there is none */
    char path[CFI_PATH_BYTES];
};

struct settings {
    uint64_t bytes; /* of everything */
    uint64_t max_workers;
    uint64_t first_worker;
    uint64_t inner_threads;
    uint32_t start_method;
    struct named_function initializer;
    struct named_function finalizer;
    uint64_t arg_bytes;
    alignas(max_align_t) unsigned char arg[];
};

static bool name_function(const void *function, struct named_function *named)
{
    return function == NULL ||
           (cfi_code_address_of(function, &named->address) &&
            cfi_code_path(function, named->path));
}

static bool fill(struct settings *settings, const struct cf_executor *executor)
{
    settings->max_workers = executor->max_workers;
    settings->first_worker = executor->first_worker;
    settings->inner_threads = executor->inner_threads > 0
                                  ? (uint64_t)executor->inner_threads
                                  : CF_INNER_THREADS_AS_THEY_ARE;
    settings->start_method = executor->start_method;
    settings->arg_bytes = executor->initializer_arg_bytes;
    if (executor->initializer_arg_bytes > 0)
        memcpy(settings->arg, executor->initializer_arg,
               executor->initializer_arg_bytes);
    /* an object pointer and a function pointer are the same on POSIX */
    return name_function((const void *)(uintptr_t)executor->initializer,
                         &settings->initializer) &&
           name_function((const void *)(uintptr_t)executor->finalizer,
                         &settings->finalizer);
}

static bool write_all(int descriptor, const void *start, size_t bytes)
{
    const unsigned char *at = start;

    if (bytes > cfi_file_limit()) {
        errno = EFBIG;
        return false;
    }
    while (bytes > 0) {
        ssize_t written = write(descriptor, at, bytes);
        if (written < 0)
            return false;
        at += written;
        bytes -= (size_t)written;
    }
    return true;
}

enum cf_status cfi_settings_write(const struct cf_executor *executor,
                                  int *descriptor)
{
    size_t bytes = sizeof(struct settings) + executor->initializer_arg_bytes;
    enum cf_status status = CF_OK;
    struct settings *settings = calloc(1, bytes);
    if (settings == NULL)
        return cfi_fail(CF_NOMEM, "no memory for a worker's settings");

    settings->bytes = bytes;
    *descriptor =
        cfi_descriptor_adopt(memfd_create("cf-settings", MFD_CLOEXEC));
    if (!fill(settings, executor))
        status = cfi_fail(CF_UNSUPPORTED,
                          "the initializer or finalizer lies in no file that "
                          "a worker process could load");
    else if (*descriptor < 0 || !write_all(*descriptor, settings, bytes))
        status = cfi_fail_errno(CF_SYSTEM, "a worker's settings");
    free(settings);
    if (status != CF_OK)
        cfi_descriptor_close(descriptor);
    return status;
}

/* False: it cannot be had here. */
static bool find_function(const struct named_function *named, void **function,
                          char *why, size_t why_bytes)
{
    char reason[160] = "is another version of the program";

    *function = NULL;
    if (named->address.object == 0)
        return true;
    *function = cfi_code_address_resolve(named->address);
    if (*function == NULL && named->path[0] != '\0' &&
        cfi_code_load(named->path, reason, sizeof reason)) {
        snprintf(reason, sizeof reason, "is not what its host has loaded");
        *function = cfi_code_address_resolve(named->address);
    }
    if (*function == NULL)
        snprintf(why, why_bytes, "the initializer's or finalizer's object %s",
                 reason);
    return *function != NULL;
}

static struct cf_executor *make(const struct settings *settings, char *why,
                                size_t why_bytes)
{
    void *initializer, *finalizer;

    if (!find_function(&settings->initializer, &initializer, why, why_bytes) ||
        !find_function(&settings->finalizer, &finalizer, why, why_bytes))
        return NULL;
    struct cf_executor *executor = calloc(1, sizeof *executor);
    void *arg = malloc(settings->arg_bytes + 1);
    if (executor == NULL || arg == NULL) {
        free(executor);
        free(arg);
        snprintf(why, why_bytes, "a worker process has no memory");
        return NULL;
    }
    memcpy(arg, settings->arg, settings->arg_bytes);
    cfi_fork_watch();
    executor->backend = &cf_backend_process;
    executor->max_workers = settings->max_workers;
    executor->first_worker = settings->first_worker;
    executor->start_method = settings->start_method;
    executor->initializer = (cf_initializer *)(uintptr_t)initializer;
    executor->finalizer = (cf_finalizer *)(uintptr_t)finalizer;
    executor->initializer_arg = arg;
    executor->initializer_arg_bytes = settings->arg_bytes;
    cfi_inner_threads_find(executor, settings->inner_threads);
    executor->fork_generation = cfi_fork_generation();
    executor->references = 1;
    return executor;
}

struct cf_executor *cfi_settings_read(int descriptor, char *why,
                                      size_t why_bytes)
{
    struct stat about;
    struct cf_executor *executor = NULL;
    const struct settings *settings = MAP_FAILED;

    if (fstat(descriptor, &about) == 0 &&
        (size_t)about.st_size >= sizeof *settings)
        settings = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE,
                        descriptor, 0);
    if (settings == MAP_FAILED || settings->bytes != (uint64_t)about.st_size ||
        settings->arg_bytes != settings->bytes - sizeof *settings)
        snprintf(why, why_bytes, "a worker's settings cannot be read");
    else
        executor = make(settings, why, why_bytes);
    if (settings != MAP_FAILED)
        munmap((void *)(uintptr_t)settings, (size_t)about.st_size);
    return executor;
}
