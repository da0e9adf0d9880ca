/* SPDX-License-Identifier: MIT */
/*
 * The loop around all measuring.
 *
 *     for each block
 *         for each case, in the block's order
 *             rest a little -> measure in a fresh child -> record, journal
 *         stop here?   interrupted, precise enough, or out of budget
 *
 * What a resumed run has already is left out; the orders are functions of the
 * seed and the block, so the rest runs as it would have.
 */
#include "runner.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "exclusion.h"
#include "hooks.h"
#include "interrupt.h"
#include "keepers.h"
#include "leftover.h"
#include "precision.h"
#include "pressure.h"
#include "sample.h"
#include "sample_record.h"
#include "say.h"
#include "trace.h"

struct runner {
    const struct runner_setup *setup;
    struct sample_room *room;
    struct keepers *keepers;
    struct progress *progress;
    bool
        *is_done; /* of (block, case): measured in an earlier part of the run */
    size_t *order;
    int64_t start_ns;
};

static bool is_wanted(const struct runner *runner, size_t block, size_t index)
{
    const struct runner_setup *setup = runner->setup;

    return setup->record->cases[index].status == CASE_MEASURED &&
           !runner->is_done[block * setup->plan->case_count + index];
}

/* Marks what the record has, and tells the progress what it lacks. */
static void look_back(struct runner *runner)
{
    const struct plan *plan = runner->setup->plan;
    const struct record *record = runner->setup->record;

    for (size_t i = 0; i < record->sample_count; i++) {
        const struct record_sample *sample = &record->samples[i];

        if (sample->warmup || sample->block >= plan->blocks)
            continue;
        runner->is_done[sample->block * plan->case_count + sample->case_index] =
            true;
        progress_measured(runner->progress, sample->case_index,
                          sample->elapsed_s);
    }
    for (size_t block = 0; block < plan->blocks; block++)
        for (size_t i = 0; i < plan->case_count; i++)
            if (is_wanted(runner, block, i))
                progress_expect(runner->progress, i);
}

static void rest(double seconds)
{
    struct pollfd wake = {.fd = interrupt_fd(), .events = POLLIN};

    poll(&wake, 1, (int)(seconds * 1000 + 0.5));
}

/* No two samples of a run have the same, whatever is left out or resumed. */
static uint64_t seed_of(const struct plan *plan, size_t block, size_t index)
{
    const unsigned case_bits = 24;

    return plan->seed + (((uint64_t)block << case_bits) + index + 1) *
                            UINT64_C(0x9e3779b97f4a7c15);
}

/* How many tasks of a batch a trace holds. */
static size_t runner_spans(const struct runner_setup *setup)
{
    return setup->is_traced ? TRACE_SPANS_MAX : 0;
}

static struct sample_setup setup_of(const struct runner *runner, size_t block,
                                    size_t index)
{
    const struct plan *plan = runner->setup->plan;
    const struct plan_case *one = &plan->cases[index];
    const struct plan_workload *work = &plan->workloads[one->workload];

    return (struct sample_setup){
        .workload = work->workload,
        .work = &work->work,
        .tasks = plan_tasks(plan, one),
        .seed = seed_of(plan, block, index),
        .values = work->values,
        .input_seed = plan->seed,
        .backend = one->backend,
        .lane = one->lane,
        .rank_workers = one->rank_workers,
        .observe = runner->setup->joblog != NULL ? joblog_observe : NULL,
        .observer = runner->setup->joblog,
        .workers = one->workers,
        .chunk = plan_chunk(plan, one),
        .warmup = plan->warmup,
        .loop = plan->loop,
        .spans = runner_spans(runner->setup),
        .limit_ns = (int64_t)(runner->setup->limit_s * 1e9)};
}

/* Puts a sample into record and journal; a failure marks the case. */
static bool keep(struct runner *runner, const struct sample_taken *taken)
{
    struct record *record = runner->setup->record;
    struct record_case *one = &record->cases[taken->case_index];
    size_t before = record->sample_count;
    struct record_error error;

    if (!sample_record(taken, record)) {
        say_trouble("run: no memory for a sample");
        return false;
    }
    for (size_t i = before; i < record->sample_count; i++) {
        record->samples[i].warmup |= runner->setup->is_pilot;
        if (!journal_append(runner->setup->journal, record, &record->samples[i],
                            &error))
            goto trouble;
    }
    if (taken->numbers->why[0] == '\0') {
        progress_measured(runner->progress, taken->case_index,
                          record->samples[record->sample_count - 1].elapsed_s);
        return true;
    }
    one->status = CASE_FAILED;
    one->reason = strdup(taken->numbers->why);
    progress_give_up(runner->progress, taken->case_index);
    progress_clear(runner->progress);
    say_trouble("%s on %s with %zu worker%s: %s", one->workload, one->backend,
                one->workers, say_plural(one->workers), taken->numbers->why);
    if (journal_append_case(runner->setup->journal, record, taken->case_index,
                            &error))
        return true;
trouble:
    progress_clear(runner->progress);
    say_trouble("%s", error.text);
    return false;
}

/* A sample, between the lines that are to be run around it. */
static struct child_report measure(struct runner *runner, size_t index,
                                   const struct sample_setup *setup,
                                   const struct sample_numbers **numbers)
{
    const struct plan *plan = runner->setup->plan;
    const struct plan_workload *work =
        &plan->workloads[plan->cases[index].workload];
    struct child_report report = {.end = CHILD_ENDED};
    char why[HOOK_WHY_BYTES];

    if (!hook_run(work, COMMAND_PREPARE, setup->workers, setup->limit_ns,
                  why)) {
        *numbers = sample_refuse(runner->room, why);
        report.end = interrupt_count() > 1 ? CHILD_INTERRUPTED : CHILD_ENDED;
        return report;
    }
    report = keepers_measure(runner->keepers, plan->cases[index].workload,
                             setup, numbers);
    wl_leftover_end();
    if (!hook_run(work, COMMAND_CONCLUDE, setup->workers, setup->limit_ns,
                  why) &&
        (*numbers)->why[0] == '\0')
        *numbers = sample_refuse(runner->room, why);
    return report;
}

/* Measures one case once. False: the run cannot go on. */
static bool take(struct runner *runner, size_t block, size_t position,
                 size_t index)
{
    const struct record_case *one = &runner->setup->record->cases[index];
    struct sample_setup setup = setup_of(runner, block, index);
    struct pressure before = pressure_read();
    int64_t start_ns = clock_now_ns();
    struct sample_taken taken = {.setup = &setup,
                                 .case_index = index,
                                 .block = block,
                                 .position = position,
                                 .epoch_ns = runner->start_ns};
    struct progress_step step = {.case_index = index, .block = block};
    char label[128];

    snprintf(label, sizeof label, "%s %s %zu", one->workload, one->backend,
             one->workers);
    step.label = label;
    progress_start(runner->progress, &step);
    taken.report = measure(runner, index, &setup, &taken.numbers);
    taken.pressure = pressure_since(&before);
    progress_end(runner->progress, &step,
                 clock_seconds(clock_now_ns() - start_ns) +
                     runner->setup->gap_s);
    if (taken.report.end == CHILD_INTERRUPTED)
        return true; /* half a sample is none */
    return keep(runner, &taken);
}

static bool take_block(struct runner *runner, size_t block)
{
    const struct plan *plan = runner->setup->plan;

    order_block(plan->order, plan->seed, block, plan->case_count,
                runner->order);
    for (size_t i = 0; i < plan->case_count; i++) {
        size_t index = runner->order[i];

        if (!is_wanted(runner, block, index))
            continue;
        if (interrupt_count() > 0)
            return true;
        rest(runner->setup->gap_s);
        if (interrupt_count() == 0 && !take(runner, block, i, index))
            return false;
    }
    return true;
}

/* Are the intervals narrow enough, if this is the time to ask? */
static bool is_precise(const struct runner *runner, size_t blocks)
{
    const struct runner_setup *setup = runner->setup;

    return setup->precision > 0 && precision_is_look(blocks) &&
           exclusion_apply(setup->record) && record_summarize(setup->record) &&
           precision_widest(setup->record) <= setup->precision;
}

static enum runner_end take_blocks(struct runner *runner)
{
    const struct plan *plan = runner->setup->plan;
    int64_t begin_ns = clock_now_ns();

    for (size_t block = 0; block < plan->blocks; block++) {
        int64_t block_ns = clock_now_ns();
        double elapsed_s;

        if (!take_block(runner, block))
            return RUNNER_TROUBLE;
        if (interrupt_count() > 0)
            return RUNNER_INTERRUPTED;
        progress_block(runner->progress, block);
        elapsed_s = clock_seconds(clock_now_ns() - begin_ns);
        if (is_precise(runner, block + 1))
            return RUNNER_PRECISION;
        if (block + 1 < plan->blocks &&
            elapsed_s + clock_seconds(clock_now_ns() - block_ns) >
                runner->setup->budget_s)
            return RUNNER_BUDGET;
    }
    return RUNNER_COMPLETE;
}

struct runner *runner_open(const struct runner_setup *setup)
{
    struct runner *runner = calloc(1, sizeof *runner);

    if (runner == NULL)
        return NULL;
    runner->setup = setup;
    runner->room = sample_room_create(setup->plan->warmup, runner_spans(setup));
    runner->keepers = keepers_create(setup->plan, runner->room);
    runner->start_ns = clock_now_ns() - (int64_t)(setup->elapsed_s * 1e9);
    if (runner->room != NULL && runner->keepers != NULL)
        return runner;
    runner_close(runner);
    return NULL;
}

void runner_close(struct runner *runner)
{
    if (runner == NULL)
        return;
    keepers_destroy(runner->keepers);
    sample_room_destroy(runner->room);
    free(runner);
}

bool runner_take(struct runner *runner, size_t block, size_t position,
                 size_t index)
{
    rest(runner->setup->gap_s);
    return interrupt_count() > 0 || take(runner, block, position, index);
}

bool runner_pilot(struct runner *runner, size_t index, double *times_s,
                  size_t *count)
{
    struct sample_setup setup = setup_of(runner, 0, index);
    struct sample_taken taken = {
        .setup = &setup, .case_index = index, .epoch_ns = runner->start_ns};

    *count = 0;
    rest(runner->setup->gap_s);
    if (interrupt_count() > 0)
        return true;
    taken.report = measure(runner, index, &setup, &taken.numbers);
    for (size_t i = 0; i < taken.numbers->batch_count; i++)
        if (taken.numbers->batches[i].is_verified)
            times_s[(*count)++] =
                clock_seconds(taken.numbers->batches[i].elapsed_ns);
    if (sample_record_warmups(&taken, runner->setup->record))
        return true;
    say_trouble("run: no memory for a sample");
    return false;
}

double runner_try(struct runner *runner, size_t index)
{
    struct sample_setup setup = setup_of(runner, 0, index);
    const struct sample_numbers *numbers;

    rest(runner->setup->gap_s);
    if (interrupt_count() > 0)
        return NAN;
    measure(runner, index, &setup, &numbers);
    if (numbers->why[0] != '\0' || !numbers->is_complete)
        return NAN;
    return clock_seconds(numbers->batches[numbers->batch_count - 1].elapsed_ns);
}

enum runner_end runner_run(const struct runner_setup *setup)
{
    const struct plan *plan = setup->plan;
    struct runner runner = {
        .setup = setup,
        .room = sample_room_create(plan->warmup, runner_spans(setup)),
        .progress = setup->is_quiet
                        ? NULL
                        : progress_create(plan->case_count, plan->blocks,
                                          setup->budget_s),
        .is_done = calloc(plan->blocks * plan->case_count, sizeof(bool)),
        .order = calloc(plan->case_count, sizeof(size_t)),
        .start_ns = clock_now_ns() - (int64_t)(setup->elapsed_s * 1e9)};
    enum runner_end end = RUNNER_TROUBLE;

    runner.keepers = keepers_create(plan, runner.room);
    if (runner.room != NULL && runner.keepers != NULL &&
        runner.is_done != NULL && runner.order != NULL) {
        look_back(&runner);
        end = take_blocks(&runner);
    } else {
        say_trouble("run: no memory to measure with");
    }
    progress_destroy(runner.progress);
    keepers_destroy(runner.keepers);
    sample_room_destroy(runner.room);
    free(runner.is_done);
    free(runner.order);
    return end;
}
