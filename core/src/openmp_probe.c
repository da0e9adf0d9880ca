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
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
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

/* "512 k": KiB where no unit stands there. False: it is not set, or not all of
 * it is that, so that gcc's runtime does not heed it. */
static bool read_bytes(const char *name, size_t *bytes)
{
    static const char blanks[] = " \t\n\v\f\r", units[] = "BKMG";
    const char *text = getenv(name), *unit = "K";
    char *end;

    if (text == NULL)
        return false;
    errno = 0;
    size_t number = strtoul(text, &end, 10);
    if (errno != 0 || end == text)
        return false;
    end += strspn(end, blanks);
    if (*end != '\0')
        unit = end++;
    const char *found = strchr(units, toupper((unsigned char)*unit));
    return end[strspn(end, blanks)] == '\0' && found != NULL &&
           !__builtin_mul_overflow(number, (size_t)1 << (found - units) * 10,
                                   bytes);
}

/* As the runtime finds it. 0: the system's. */
static size_t stack_bytes(void)
{
    size_t bytes;

    return read_bytes("OMP_STACKSIZE", &bytes) ||
                   read_bytes("GOMP_STACKSIZE", &bytes)
               ? bytes
               : 0;
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
