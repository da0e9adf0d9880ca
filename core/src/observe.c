/* SPDX-License-Identifier: MIT */
/*
 * Telling an observer what happens. What an attempt took (CPU, switches) is
 * known to the thread that ran it, which is also the one that ends it; so it
 * waits there, in a thread's own variable, for the event. An outcome that
 * another thread sets has none.
 */
#include "observe.h"

#include <unistd.h>

#include "clock.h"
#include "future_impl.h"

struct usage {
    int64_t cpu_ns;
    uint64_t voluntary;
    uint64_t involuntary;
};

static _Thread_local struct usage last;

static int64_t cpu_ns(const struct rusage *usage)
{
    return (int64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) *
               1000000000 +
           (int64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * 1000;
}

void cfi_observe_usage(const struct rusage *before)
{
    struct rusage now;

    getrusage(RUSAGE_THREAD, &now);
    last = (struct usage){
        .cpu_ns = cpu_ns(&now) - cpu_ns(before),
        .voluntary = (uint64_t)(now.ru_nvcsw - before->ru_nvcsw),
        .involuntary = (uint64_t)(now.ru_nivcsw - before->ru_nivcsw),
    };
}

static struct cf_event event_of(struct cf_future *future,
                                enum cf_event_kind kind)
{
    uint32_t worker = future->worker;

    return (struct cf_event){
        .kind = kind,
        .future = future,
        .name = cf_future_name(future),
        .worker = worker != CFI_NO_WORKER ? worker : SIZE_MAX,
        .pid = cfi_rest(future)->pid != 0 ? cfi_rest(future)->pid : getpid(),
        .time_ns = cfi_now_ns(),
        .attempt = future->attempt,
    };
}

static void tell(struct cf_executor *executor, const struct cf_event *event)
{
    executor->observer(event, executor->options.observer_context);
}

void cfi_observe_submitted(struct cf_future *future)
{
    if (future->executor->observer == NULL)
        return;
    struct cf_event event = event_of(future, CF_EVENT_SUBMITTED);
    event.worker = SIZE_MAX; /* it may be running by now */
    event.attempt = 0;
    tell(future->executor, &event);
}

void cfi_observe_started(struct cf_future *future)
{
    if (future->executor->observer == NULL)
        return;
    struct cf_event event = event_of(future, CF_EVENT_STARTED);
    tell(future->executor, &event);
}

void cfi_observe_finished(struct cf_future *future, enum cf_status status)
{
    if (future->executor->observer == NULL)
        return;
    struct cf_event event = event_of(future, CF_EVENT_FINISHED);
    event.status = status;
    event.cpu_ns = last.cpu_ns;
    event.voluntary_switches = last.voluntary;
    event.involuntary_switches = last.involuntary;
    last = (struct usage){0};
    tell(future->executor, &event);
}

void cfi_observe_worker(struct cf_executor *executor, enum cf_event_kind kind,
                        size_t worker, int64_t pid)
{
    if (executor->observer == NULL)
        return;
    struct cf_event event = {
        .kind = kind,
        .name = "",
        .worker = worker,
        .pid = pid,
        .time_ns = cfi_now_ns(),
    };
    tell(executor, &event);
}
