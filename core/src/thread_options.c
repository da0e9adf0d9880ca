/* SPDX-License-Identifier: MIT */
/*
 * What a worker's thread is: its name, its stack, its CPU, its signals.
 *
 * Compact and spread are orders of the CPUs that may be used, found once, at
 * create, from what the kernel tells of each: its package, its core in there,
 * and which thread of that core it is. Sorted by (package, core, thread)
 * neighbours come first; by (thread, core, package) every package gets one,
 * then each its second core, and second threads of a core come last. A machine
 * that tells nothing has its CPUs in the order of their numbers.
 */
#include "thread_options.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "last_error.h"

struct place {
    int cpu;
    int package;
    int core_id; /* the kernel's number, which has gaps  */
    int core;    /* which of its package, counted from 0 */
    int thread;  /* which of its core                    */
};

static int read_number(int cpu, const char *what)
{
    char path[96];
    int number = 0;

    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/%s",
             cpu, what);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%d", &number) != 1)
        number = 0;
    fclose(file);
    return number;
}

static struct place place_of(int cpu)
{
    return (struct place){
        .cpu = cpu,
        .package = read_number(cpu, "physical_package_id"),
        .core_id = read_number(cpu, "core_id"),
    };
}

static int by_neighbourhood(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->package != y->package)
        return x->package - y->package;
    return x->core_id != y->core_id ? x->core_id - y->core_id : x->cpu - y->cpu;
}

static int by_distance(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->thread != y->thread)
        return x->thread - y->thread;
    return x->core != y->core ? x->core - y->core : x->package - y->package;
}

/* Counts cores and threads; the places are in order of neighbourhood. */
static void count_up(struct place *places, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const struct place *before = &places[i - 1];
        if (places[i].package != before->package)
            continue; /* the first core, its first thread: both 0 */
        bool is_same_core = places[i].core_id == before->core_id;
        places[i].core = before->core + !is_same_core;
        places[i].thread = is_same_core ? before->thread + 1 : 0;
    }
}

static enum cf_status list_places(struct cf_executor *executor,
                                  const cpu_set_t *usable)
{
    size_t count = (size_t)CPU_COUNT(usable), found = 0;
    struct place *places = calloc(count, sizeof places[0]);
    int *cpus = calloc(count, sizeof cpus[0]);

    if (places == NULL || cpus == NULL) {
        free(places);
        free(cpus);
        return cfi_fail(CF_NOMEM, "no memory for a list of CPUs");
    }
    for (size_t cpu = 0; cpu < CPU_SETSIZE && found < count; cpu++)
        if (CPU_ISSET(cpu, usable))
            places[found++] = place_of((int)cpu);
    qsort(places, found, sizeof places[0], by_neighbourhood);
    count_up(places, found);
    if (executor->options.bind == CF_BIND_SPREAD)
        qsort(places, found, sizeof places[0], by_distance);
    for (size_t i = 0; i < found; i++)
        cpus[i] = places[i].cpu;
    free(places);
    executor->options.cpus = cpus;
    executor->options.cpu_count = found;
    return CF_OK;
}

enum cf_status cfi_binding_find(struct cf_executor *executor)
{
    const struct cf_options *options = &executor->options;
    cpu_set_t usable;

    if (options->bind == CF_BIND_NONE)
        return CF_OK;
    if (sched_getaffinity(0, sizeof usable, &usable) != 0)
        return cfi_fail_errno(CF_SYSTEM, "cannot tell the usable CPUs");
    if (options->bind != CF_BIND_LIST)
        return list_places(executor, &usable);
    for (size_t i = 0; i < options->cpu_count; i++)
        if (options->cpus[i] < 0 || options->cpus[i] >= CPU_SETSIZE ||
            !CPU_ISSET((size_t)options->cpus[i], &usable))
            return cfi_fail(CF_INVALID, "CPU %d is none that may be used",
                            options->cpus[i]);
    return CF_OK;
}

int cfi_binding_of(const struct cf_executor *executor, size_t worker)
{
    const struct cf_options *options = &executor->options;

    return options->bind != CF_BIND_NONE
               ? options->cpus[worker % options->cpu_count]
               : -1;
}

static bool binding(const struct cf_executor *executor, size_t worker,
                    cpu_set_t *cpus)
{
    int cpu = cfi_binding_of(executor, worker);

    CPU_ZERO(cpus);
    if (cpu >= 0)
        CPU_SET((size_t)cpu, cpus);
    return cpu >= 0;
}

int cfi_thread_attributes(const struct cf_executor *executor, size_t worker,
                          pthread_attr_t *attributes)
{
    size_t stack_bytes = executor->options.stack_bytes;
    cpu_set_t cpus;
    int error = pthread_attr_init(attributes);

    if (error != 0)
        return error;
    if (stack_bytes > 0)
        error = pthread_attr_setstacksize(attributes, stack_bytes);
    if (error == 0 && binding(executor, worker, &cpus))
        error = pthread_attr_setaffinity_np(attributes, sizeof cpus, &cpus);
    if (error != 0)
        pthread_attr_destroy(attributes);
    return error;
}

int cfi_thread_create(pthread_t *thread, const pthread_attr_t *attributes,
                      void *(*run)(void *), void *context)
{
    sigset_t blocked, before;

    sigfillset(&blocked);
    sigdelset(&blocked, SIGSEGV);
    sigdelset(&blocked, SIGBUS);
    sigdelset(&blocked, SIGFPE);
    sigdelset(&blocked, SIGILL);
    sigdelset(&blocked, SIGTRAP);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    int error = pthread_create(thread, attributes, run, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

void cfi_thread_prepare(const struct cf_executor *executor, size_t worker)
{
    char name[16]; /* what the kernel keeps */
    const char *prefix = executor->options.name;

    if (prefix != NULL)
        snprintf(name, sizeof name, "%.10s-%zu", prefix, worker % 10000);
    else
        snprintf(name, sizeof name, "cf-%.4s-%zu", executor->backend->name,
                 worker);
    prctl(PR_SET_NAME, name);
}

void cfi_thread_bind(const struct cf_executor *executor, size_t worker)
{
    cpu_set_t cpus;

    if (binding(executor, worker, &cpus))
        sched_setaffinity(0, sizeof cpus, &cpus);
}

bool cfi_thread_bring(pthread_t thread, bool here, cpu_set_t *own_cpus)
{
    size_t cpu = (size_t)sched_getcpu(); /* unknown: too high */
    cpu_set_t cpus;

    if (cpu >= CPU_SETSIZE ||
        pthread_getaffinity_np(thread, sizeof *own_cpus, own_cpus) != 0 ||
        !CPU_ISSET(cpu, own_cpus))
        return false;
    if (here) {
        CPU_ZERO(&cpus);
        CPU_SET(cpu, &cpus);
    } else {
        cpus = *own_cpus;
        CPU_CLR(cpu, &cpus);
    }
    return pthread_setaffinity_np(thread, sizeof cpus, &cpus) == 0;
}
