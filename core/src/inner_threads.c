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
#include <stdint.h>

#include <cf/cpus.h>

#include "executor_impl.h"

/* Each is `void name(int threads)`; only the first is the thread's own. */
static const char *const names[CFI_INNER_SETTERS] = {
    "omp_set_num_threads",
    "openblas_set_num_threads",
    "MKL_Set_Num_Threads",
    "bli_thread_set_num_threads",
};

static size_t share_of(const struct cf_executor *executor)
{
    size_t share =
        (size_t)(cf_usable_cpus().usable / (double)executor->max_workers);
    return share > 0 ? share : 1;
}

/* Also in a runtime that came with a plugin or a module, and so is nobody
 * else's to see. An object pointer and a function pointer are the same on
 * POSIX. */
static cfi_inner_setter *find_setter(const char *name)
{
    static const char *const runtimes[] = {"libgomp.so.1", "libomp.so.5"};
    void *setter = dlsym(RTLD_DEFAULT, name);

    for (size_t i = 0;
         setter == NULL && i < sizeof runtimes / sizeof runtimes[0]; i++) {
        void *runtime = dlopen(runtimes[i], RTLD_LAZY | RTLD_NOLOAD);
        if (runtime == NULL)
            continue;
        setter = dlsym(runtime, name);
        dlclose(runtime); /* the count that NOLOAD took */
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
    for (size_t i = 0; i < setters; i++)
        executor->inner_setters[i] = find_setter(names[i]);
}

void cfi_inner_threads_limit(const struct cf_executor *executor)
{
    for (size_t i = 0; i < CFI_INNER_SETTERS; i++)
        if (executor->inner_setters[i] != NULL)
            executor->inner_setters[i](executor->inner_threads);
}
