/* SPDX-License-Identifier: MIT */
/*
 * How one sample is taken.
 *
 *   parent | child
 *          |  begin  (the workload hears of the case)
 *          |  create (every worker started and ready)     create_ns
 *          |  --- started -----------------------------
 *          |  cf_map: submit all tasks       submit_ns  |  elapsed_ns
 *          |  cf_next: consume each result, in order    |
 *          |  ------------------------------------------
 *          |  verify each result, sort its service time into the histogram
 *          |  destroy                                     destroy_ns
 *          |  _exit
 *   reap   |                                              CPU, faults, memory
 *
 * The ranks of an MPI job know this process, and no child of it: on mpi the
 * middle column is the parent itself, without a limit of time. CPU time then is
 * what the tasks used in their ranks, and memory is not known.
 *
 * What is between the lines is in batches.c. The numbers lie in shared memory
 * rather than in a pipe: a child that is killed leaves what it had.
 */
#include "sample.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "batches.h"
#include "clock.h"

struct sample_room {
    struct sample_numbers *shared; /* then batches, spans and histogram */
    size_t shared_bytes;
    size_t batch_capacity;
    size_t span_capacity;
    struct histogram *empty; /* what each sample's histogram starts as */
};

/* What the child's function is given. */
struct sample_child {
    const struct sample_setup *setup;
    struct sample_numbers *numbers;
};

void sample_blame(struct sample_numbers *numbers, const char *format, ...)
{
    va_list arguments;

    if (numbers->why[0] != '\0')
        return; /* the first cause is the one to tell */
    va_start(arguments, format);
    vsnprintf(numbers->why, sizeof numbers->why, format, arguments);
    va_end(arguments);
}

static struct cf_executor *create(const struct sample_setup *setup,
                                  struct sample_numbers *numbers)
{
    struct cf_options options = {.max_workers = setup->workers,
                                 .rank_workers = setup->rank_workers,
                                 .start_all = true,
                                 .record_times = true};
    struct cf_executor *executor = NULL;
    if (setup->backend == CF_PROCESS) /* tasks read what prepare() has made */
        options.start_method = CF_START_FORK;
    int64_t start_ns = clock_now_ns();
    enum cf_status status =
        cf_executor_create(setup->backend, &options, &executor);

    numbers->create_ns = clock_now_ns() - start_ns;
    if (status != CF_OK) {
        batches_blame(numbers, "starting the workers", status);
        return NULL;
    }
    if (cf_executor_workers(executor) != setup->workers)
        sample_blame(numbers, "only %zu of %zu workers could be started",
                     cf_executor_workers(executor), setup->workers);
    return executor;
}

static void add(struct timeval *sum, struct timeval more)
{
    timeradd(sum, &more, sum);
}

void sample_usage(struct rusage *usage)
{
    struct rusage reaped;

    getrusage(RUSAGE_SELF, usage);
    getrusage(RUSAGE_CHILDREN, &reaped);
    add(&usage->ru_utime, reaped.ru_utime);
    add(&usage->ru_stime, reaped.ru_stime);
    usage->ru_nvcsw += reaped.ru_nvcsw;
    usage->ru_nivcsw += reaped.ru_nivcsw;
    usage->ru_minflt += reaped.ru_minflt;
    usage->ru_majflt += reaped.ru_majflt;
    usage->ru_inblock += reaped.ru_inblock;
    usage->ru_oublock += reaped.ru_oublock;
}

const struct rusage *sample_usage_end(const struct sample_numbers *numbers,
                                      const struct rusage *all)
{
    return numbers->has_after && !numbers->is_foreign ? &numbers->after : all;
}

/* Tells the workload whose turn it is. What it does to `work`, it does to this
 * process' copy. */
static void begin(const struct sample_setup *setup, struct wl_work *work)
{
    const struct wl_start start = {
        .workers = setup->workers, .tasks = setup->tasks, .seed = setup->seed};

    if (wl_has(setup->workload, begin))
        setup->workload->begin(work, &start);
    child_end_copy();
}

static void measure_executor(const struct sample_setup *setup,
                             struct sample_numbers *numbers)
{
    struct cf_executor *executor = create(setup, numbers);
    int64_t start_ns;

    if (executor == NULL)
        return;
    if (numbers->why[0] == '\0')
        batches_take(executor, setup, numbers);
    start_ns = clock_now_ns();
    cf_executor_destroy(executor);
    numbers->destroy_ns = clock_now_ns() - start_ns;
    numbers->is_complete = true;
}

static void measure(void *context)
{
    struct sample_child *child = context;
    struct wl_work work = *child->setup->work;
    struct sample_setup setup = *child->setup;

    setup.work = &work;
    begin(&setup, &work);
    if (setup.lane != NULL)
        setup.lane->measure(&setup, child->numbers);
    else
        measure_executor(&setup, child->numbers);
}

/* What the child could not say itself. */
static void blame_end(struct sample_numbers *numbers,
                      const struct sample_setup *setup,
                      const struct child_report *report)
{
    switch (report->end) {
    case CHILD_ENDED:
        if (!numbers->is_complete)
            sample_blame(numbers, "the sample did not get to its end");
        return;
    case CHILD_DIED:
        if (WIFSIGNALED(report->status))
            sample_blame(numbers, "the sample's process died: %s",
                         strsignal(WTERMSIG(report->status)));
        else
            sample_blame(numbers,
                         "the sample's process ended with exit code %d",
                         WEXITSTATUS(report->status));
        return;
    case CHILD_TOO_LONG:
        sample_blame(numbers, "took longer than the limit of %g s",
                     clock_seconds(setup->limit_ns));
        return;
    case CHILD_INTERRUPTED:
        sample_blame(numbers, "interrupted");
        return;
    case CHILD_NOT_STARTED:
        sample_blame(numbers, "no process for the sample: %s", strerror(errno));
        return;
    }
}

static size_t room_bytes(size_t batches, size_t spans)
{
    return sizeof(struct sample_numbers) +
           batches * sizeof(struct sample_batch) +
           spans * sizeof(struct sample_span) + histogram_bytes();
}

struct sample_room *sample_room_create(size_t warmup, size_t spans)
{
    struct sample_room *room = calloc(1, sizeof *room);

    if (room == NULL)
        return NULL;
    room->batch_capacity = warmup + 1;
    room->span_capacity = spans;
    room->shared_bytes = room_bytes(room->batch_capacity, spans);
    room->shared = child_shared(room->shared_bytes);
    room->empty = histogram_create();
    if (room->shared != NULL && room->empty != NULL)
        return room;
    sample_room_destroy(room);
    return NULL;
}

void sample_room_destroy(struct sample_room *room)
{
    if (room == NULL)
        return;
    child_unshare(room->shared, room->shared_bytes);
    histogram_destroy(room->empty);
    free(room);
}

/* What they point at lies behind them. */
static struct sample_numbers *lay_out(struct sample_room *room)
{
    struct sample_numbers *numbers = room->shared;
    struct sample_span *spans;

    numbers->batches = (struct sample_batch *)(numbers + 1);
    spans = (struct sample_span *)(numbers->batches + room->batch_capacity);
    numbers->spans = room->span_capacity > 0 ? spans : NULL;
    numbers->service = (struct histogram *)(spans + room->span_capacity);
    return numbers;
}

const struct sample_numbers *sample_numbers(struct sample_room *room)
{
    struct sample_numbers *numbers = lay_out(room);

    if (numbers->batch_count > room->batch_capacity)
        numbers->batch_count = room->batch_capacity;
    if (numbers->span_count > room->span_capacity)
        numbers->span_count = room->span_capacity;
    numbers->why[sizeof numbers->why - 1] = '\0';
    return numbers;
}

static struct sample_numbers *clear(struct sample_room *room)
{
    memset(room->shared, 0, room->shared_bytes);
    struct sample_numbers *numbers = lay_out(room);
    memcpy(numbers->service, room->empty, histogram_bytes());
    return numbers;
}

const struct sample_numbers *sample_refuse(struct sample_room *room,
                                           const char *why)
{
    struct sample_numbers *numbers = clear(room);

    sample_blame(numbers, "%s", why);
    return numbers;
}

static struct child_report measure_here(struct sample_child *child)
{
    struct child_report report = {.end = CHILD_ENDED};

    child->numbers->is_told = true;
    child->numbers->told_rss_bytes = NAN;
    measure(child);
    sample_usage(&report.usage);
    return report;
}

struct child_report sample_measure(struct sample_room *room,
                                   const struct sample_setup *setup,
                                   const struct sample_numbers **numbers)
{
    struct sample_child child = {.setup = setup, .numbers = clear(room)};
    struct child_report report;

    if (setup->lane == NULL && setup->backend == CF_MPI)
        report = measure_here(&child);
    else
        report = child_run(measure, &child, setup->limit_ns);
    (void)sample_numbers(room);
    blame_end(child.numbers, setup, &report);
    *numbers = child.numbers;
    return report;
}
