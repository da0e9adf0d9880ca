/* SPDX-License-Identifier: MIT */
/*
 * How large an OpenMP team may be. gcc's runtime ends the process where it
 * cannot start a thread that it wants; so as many are started first as the team
 * will have, which sleep until all are there, and end. What happens between
 * that and the runtime's own start is not known: where not all could be had, a
 * quarter of them is left to others, and to the runtime's memory.
 */
#include "openmp_probe.h"

#include <ctype.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* OMP_STACKSIZE or gcc's own name for it, "512 k": KiB where no unit stands
 * there. 0: neither is set, or not so. */
static size_t stack_bytes(void)
{
    static const char units[] = "BKMG";
    const char *text = getenv("OMP_STACKSIZE");
    char unit = 'K';
    size_t number, bytes;

    if (text == NULL)
        text = getenv("GOMP_STACKSIZE");
    if (text == NULL || sscanf(text, " %zu %c", &number, &unit) < 1)
        return 0;
    const char *found = strchr(units, toupper((unsigned char)unit));
    if (found == NULL || __builtin_mul_overflow(
                             number, (size_t)1 << (found - units) * 10, &bytes))
        return 0;
    return bytes;
}

/* With the stacks that they will have. */
static size_t start(struct probe *probe, pthread_t *threads, size_t count)
{
    pthread_attr_t attributes;
    size_t started = 0, bytes = stack_bytes();

    if (pthread_attr_init(&attributes) != 0)
        return 0;
    if (bytes > 0) /* refused where it is no size for a stack: by gcc's too */
        (void)pthread_attr_setstacksize(&attributes, bytes);
    while (started < count && cfi_thread_create(&threads[started], &attributes,
                                                sleep_until_over, probe) == 0)
        started++;
    pthread_attr_destroy(&attributes);
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
    return 1 + (started < wanted ? started - (started + 3) / 4 : started);
}
