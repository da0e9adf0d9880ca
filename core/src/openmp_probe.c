/* SPDX-License-Identifier: MIT */
/*
 * How large an OpenMP team may be. gcc's runtime ends the process where it
 * cannot start a thread that it wants; so as many are started first as the team
 * will have, which sleep until all are there, and end. What happens between
 * that and the runtime's own start is not known: where not all could be had, a
 * quarter of them is left to others, and to the runtime's memory.
 */
#include "openmp_probe.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "eventcount.h"
#include "thread_options.h"

struct probe {
    _Atomic uint32_t is_over;
    struct cfi_eventcount over;
};

static void *sleep_until_over(void *argument)
{
    struct probe *probe = argument;

    for (;;) {
        uint32_t key = cfi_eventcount_prepare(&probe->over);
        if (atomic_load(&probe->is_over) != 0) {
            cfi_eventcount_cancel(&probe->over);
            return NULL;
        }
        cfi_eventcount_wait(&probe->over, key, INT64_MAX);
    }
}

static size_t start(struct probe *probe, pthread_t *threads, size_t count)
{
    size_t started = 0;

    while (started < count && cfi_thread_create(&threads[started], NULL,
                                                sleep_until_over, probe) == 0)
        started++;
    return started;
}

size_t cfi_openmp_probe(size_t members)
{
    struct probe probe = {0};
    size_t wanted = members - 1;

    pthread_t *threads = calloc(wanted, sizeof threads[0]);
    if (threads == NULL) /* none is wanted, or there is no memory */
        return 1;
    size_t started = start(&probe, threads, wanted);
    atomic_store(&probe.is_over, 1);
    cfi_eventcount_notify(&probe.over, CFI_EVERYBODY);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    return 1 + (started < wanted ? started - started / 4 : started);
}
