/* SPDX-License-Identifier: MIT */
/*
 * Keeping workers times the threads inside their tasks within the CPUs. A task
 * that calls OpenMP or a BLAS gets as many threads as there are CPUs from each,
 * in every worker; ten workers on ten CPUs then run a hundred. So each worker
 * tells the runtimes that are loaded its share.
 *
 * Only calls that act on the calling thread alone are made in a thread of the
 * host; those that act on the whole process belong to worker processes. Who to
 * call is looked up at create: a forked worker must not wait for the loader's
 * lock, which a thread of the host may have held.
 */
#include "inner_threads.h"

#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <string.h>

#include <cf/cpus.h>

#include "cpus_impl.h"
#include "executor_impl.h"

/* Each is `void name(int threads)`; only the first is the thread's own. */
static const char *const names[CFI_INNER_SETTERS] = {
    "omp_set_num_threads",
    "openblas_set_num_threads",
    "MKL_Set_Num_Threads",
    "bli_thread_set_num_threads",
};

/* Only where there are two CPUs for each worker does it matter how much of them
 * this process may use, which takes some 30 system calls to find out. */
static size_t share_of(const struct cf_executor *executor)
{
    size_t cpus = cfi_affinity_count();

    if (cpus != 0 && cpus / 2 < executor->max_workers)
        return 1;
    size_t share =
        (size_t)(cf_usable_cpus().usable / (double)executor->max_workers);
    return share > 0 ? share : 1;
}

static const char *const runtimes[] = {"libgomp.so.1", "libomp.so.5"};

enum { RUNTIMES = sizeof runtimes / sizeof runtimes[0] };

/* The first of the runtimes that is loaded; RUNTIMES: none is. Asked for one
 * that is not, dlopen() would look through the folders of libraries for it,
 * each time. */
static int find_runtime(struct dl_phdr_info *object, size_t bytes, void *found)
{
    size_t *first = found;
    const char *slash = strrchr(object->dlpi_name, '/');
    const char *name = slash != NULL ? slash + 1 : object->dlpi_name;

    (void)bytes;
    for (size_t i = 0; i < *first; i++)
        if (strcmp(name, runtimes[i]) == 0)
            *first = i;
    return 0;
}

/* Also in a runtime that came with a plugin or a module, and so is nobody
 * else's to see. An object pointer and a function pointer are the same on
 * POSIX. */
static cfi_inner_setter *find_setter(const char *name, size_t runtime)
{
    void *setter = dlsym(RTLD_DEFAULT, name), *handle = NULL;

    if (setter == NULL && runtime < RUNTIMES)
        handle = dlopen(runtimes[runtime], RTLD_LAZY | RTLD_NOLOAD);
    if (handle != NULL) {
        setter = dlsym(handle, name);
        dlclose(handle); /* the count that NOLOAD took */
    }
    return (cfi_inner_setter *)(uintptr_t)setter;
}

void cfi_inner_threads_find(struct cf_executor *executor, size_t wanted)
{
    bool is_remote = executor->backend->take_back != NULL;
    size_t setters = is_remote ? CFI_INNER_SETTERS : 1;

    if (wanted == CF_INNER_THREADS_AS_THEY_ARE || wanted > INT32_MAX)
        return;
    executor->inner_threads = (int)(wanted != 0 ? wanted : share_of(executor));
    size_t runtime = RUNTIMES;
    (void)dl_iterate_phdr(find_runtime, &runtime);
    for (size_t i = 0; i < setters; i++)
        executor->inner_setters[i] = find_setter(names[i], runtime);
}

void cfi_inner_threads_limit(const struct cf_executor *executor)
{
    for (size_t i = 0; i < CFI_INNER_SETTERS; i++)
        if (executor->inner_setters[i] != NULL)
            executor->inner_setters[i](executor->inner_threads);
}
