/* SPDX-License-Identifier: MIT */
/* A rank's part in an executor of rank 0: an executor of its own, which begins
 * and ends as the host says. It ends on a thread of its own, since the one that
 * calls MPI serves the other parts meanwhile. */
#include "mpi_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cf/cpus.h>

#include "completion.h"
#include "executor_impl.h"
#include "last_error.h"
#include "text.h"

/* Of the process, which is one rank; the thread that calls MPI alone has it. */
static TAILQ_HEAD(, cfi_part) parts = TAILQ_HEAD_INITIALIZER(parts);
static size_t closing; /* so many that are not in there any more */

/* Those that have ended, the latest first: whoever ends one puts it there. */
static _Atomic(struct cfi_part *) closed;

struct cfi_part *cfi_part_find(uint32_t id)
{
    struct cfi_part *part;

    TAILQ_FOREACH(part, &parts, link)
    if (part->id == id)
        return part;
    return NULL;
}

void cfi_part_say(const struct cfi_part *part, struct cfi_mpi_record record,
                  const void *payload, size_t bytes)
{
    record.executor = part->id;
    cfi_mpi_say(0, &record, payload, bytes);
}

/* --- an executor begins and ends --- */

static void *resolve(struct cfi_part *part, uint32_t is_there,
                     struct cfi_code_address address)
{
    if (!is_there)
        return NULL;
    void *function = cfi_code_address_resolve(address);
    if (function == NULL) {
        part->failure = CF_UNSUPPORTED;
        snprintf(part->why, sizeof part->why,
                 "a rank has not loaded the object that the initializer or "
                 "finalizer lies in");
    }
    return function;
}

/* Ranks that the launcher has bound to CPUs of their own share with nobody;
 * others share their machine. */
static size_t choose_inner_threads(const struct cfi_mpi_opening *opening)
{
    struct cf_cpus cpus = cf_usable_cpus();
    bool is_bound = strcmp(cpus.reason, "affinity") == 0;
    uint64_t sharing = is_bound ? opening->workers : opening->host_workers;
    size_t share = (size_t)(cpus.usable / (double)sharing);

    if (opening->inner_threads != 0)
        return opening->inner_threads;
    return share > 0 ? share : 1;
}

static void make_executor(struct cfi_part *part,
                          const struct cfi_mpi_opening *opening)
{
    struct cf_options options = {
        .max_workers = opening->workers,
        .max_spare_workers = opening->most_spare,
        .start_all = opening->start_all != 0,
        .record_times = true,
        .inner_threads = choose_inner_threads(opening),
        .initializer_arg = part->arg,
        .initializer_arg_bytes = opening->initializer_arg_bytes,
        .initializer = (cf_initializer *)(uintptr_t)resolve(
            part, opening->has_initializer, opening->initializer),
        .finalizer = (cf_finalizer *)(uintptr_t)resolve(
            part, opening->has_finalizer, opening->finalizer),
    };

    if (part->failure != CF_OK)
        return;
    part->failure = cfi_executor_create_part(
        opening->is_process ? CF_PROCESS : CF_THREAD, &options,
        opening->first_worker, opening->first_spare, &part->executor);
    if (part->failure != CF_OK)
        snprintf(part->why, sizeof part->why, "%s", cf_last_error().text);
}

void cfi_part_open(const struct cfi_mpi_record *record,
                   const struct cfi_mpi_opening *opening)
{
    struct cfi_mpi_record reply = {.kind = CFI_MPI_OPENED,
                                   .task = record->task};
    struct cfi_part *part = calloc(1, sizeof *part);

    if (part == NULL)
        abort();
    TAILQ_INIT(&part->jobs);
    part->id = record->executor;
    part->lane = record->task;
    part->first_worker = opening->first_worker;
    part->is_process = opening->is_process != 0;
    TAILQ_INSERT_TAIL(&parts, part, link);
    part->arg = (void *)(uintptr_t)(opening + 1);
    make_executor(part, opening);
    reply.report.status = part->failure;
    cfi_part_say(part, reply, part->why, strlen(part->why) + 1);
}

/* What its tasks have left behind may run for long, and a finalizer too. */
static void *close_part(void *context)
{
    struct cfi_part *part = context;

    cf_executor_destroy(part->executor); /* every task has ended */
    /* release: pairs with the acquire in cfi_parts_tell_closed() */
    part->next = atomic_load_explicit(&closed, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(
        &closed, &part->next, part, memory_order_release, memory_order_relaxed))
        ;
    cfi_mpi_wake();
    return NULL;
}

void cfi_part_close(struct cfi_part *part)
{
    TAILQ_REMOVE(&parts, part, link);
    closing++;
    part->has_closer =
        cfi_thread_start(&part->closer, close_part, part) == CF_OK;
    if (!part->has_closer)
        close_part(part);
}

bool cfi_parts_tell_closed(void)
{
    /* acquire: pairs with the release in close_part() */
    struct cfi_part *part =
        atomic_exchange_explicit(&closed, NULL, memory_order_acquire);
    struct cfi_part *next;
    bool has_said = part != NULL;

    for (; part != NULL; part = next) {
        next = part->next;
        if (part->has_closer)
            pthread_join(part->closer, NULL);
        cfi_text_flush();
        cfi_part_say(
            part,
            (struct cfi_mpi_record){.kind = CFI_MPI_CLOSED, .task = part->lane},
            NULL, 0);
        free(part);
        closing--;
    }
    return has_said;
}

/* A shutdown by a task is the whole executor's. It closes the part at once, so
 * that the task may rely on it; nobody wakes us for that, but it is seen before
 * the task's end is told. */
static void tell_shut(struct cfi_part *part)
{
    struct cf_executor *executor = part->executor;
    uint32_t how = CF_SHUTDOWN_DRAIN;

    if (executor == NULL || atomic_load(&executor->closed) == 0)
        return;
    if (atomic_load(&executor->cancels) != 0)
        how = atomic_load(&executor->stopping) != 0 ? CF_SHUTDOWN_STOP
                                                    : CF_SHUTDOWN_CANCEL;
    if (part->has_told_shut && part->told_how == how)
        return;
    part->has_told_shut = true;
    part->told_how = how;
    cfi_part_say(part,
                 (struct cfi_mpi_record){
                     .kind = CFI_MPI_SHUT, .task = part->lane, .number = how},
                 NULL, 0);
}

void cfi_parts_tell_shut(void)
{
    struct cfi_part *part;

    TAILQ_FOREACH(part, &parts, link)
    tell_shut(part);
}

bool cfi_part_is_any(void)
{
    return !TAILQ_EMPTY(&parts) || closing > 0;
}
