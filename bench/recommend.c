/* SPDX-License-Identifier: MIT */
/*
 * `cfbench recommend`, from the command line to the last line it prints:
 *
 *     options -> plan of one worker a lane -> workloads prepared -> journal
 *             -> for each workload: pilot, limits, grid, race, confirmation
 *             -> models, causes -> document -> answers
 */
#include "commands.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cause.h"
#include "clock.h"
#include "environment.h"
#include "fill.h"
#include "interrupt.h"
#include "journal.h"
#include "machine.h"
#include "options.h"
#include "output.h"
#include "plan.h"
#include "recommend_course.h"
#include "recommend_print.h"
#include "run_facts.h"
#include "say.h"
#include "scaling.h"

struct recommend {
    struct options options;
    struct machine_cpu cpu;
    struct plan plan;
    struct record *record;
    char *output;
    char *journal_path;
    int64_t start_ns;
    bool is_budget_up;
};

/* A percentile stands on 10 / (1 - p) tasks. */
static size_t tasks_for_slo(const struct advice_options *advice)
{
    return advice->slo_p > 0 ? (size_t)ceil(10 / (1 - advice->slo_p) - 1e-6)
                             : 0;
}

/* Enough that the most workers have two each, where nobody said how many, and
 * the percentile stands where some are left out for as many to each worker. */
static size_t fewest_tasks(const struct options *options)
{
    const size_t standard = 64;
    size_t for_slo = tasks_for_slo(&options->advice);
    size_t cap = options->workers.length == 0
                     ? 0
                     : options->workers.counts[options->workers.length - 1];
    size_t fewest = 2 * cap > standard ? 2 * cap : standard;

    if (for_slo > 0 && cap > 0)
        for_slo += cap - 1;
    return for_slo > fewest ? for_slo : fewest;
}

/* So few as make 0.4 s would leave the others without work, which looks as if
 * more workers brought nothing: two for each, or all where their number is the
 * user's or a percentile's. */
static size_t fewest_lane_tasks(const struct options *options, bool is_told,
                                size_t usable)
{
    size_t length = options->workers.length;

    if (is_told || tasks_for_slo(&options->advice) > 0)
        return SIZE_MAX;
    return 2 * (length > 0 ? options->workers.counts[length - 1] : usable);
}

/* A percentile needs its tasks: where no --workers says how many any count may
 * leave out, so that there are as many more, all are done at every count. */
static bool may_leave_out(const struct options *options)
{
    return tasks_for_slo(&options->advice) == 0 || options->workers.length > 0;
}

/* A command that starts its own workers has no tasks to tell apart. */
static bool are_enough_for_slo(const struct plan *plan,
                               const struct advice_options *advice)
{
    size_t needed = tasks_for_slo(advice);

    for (size_t i = 0; i < plan->workload_count; i++) {
        const struct plan_workload *work = &plan->workloads[i];

        if (work->lane_only != NULL || work->tasks >= needed)
            continue;
        say_trouble("--slo: this percentile needs %zu tasks in a sample, not "
                    "%zu (--tasks)",
                    needed, work->tasks);
        return false;
    }
    return true;
}

/* Has the user said how many tasks there are? Then it is they that are to be
 * done, and not as many as can be dealt out evenly. */
static bool is_told_tasks(const struct options *options)
{
    const struct command_options *command = &options->command;

    return options->tasks > 0 || command->has_inputs ||
           command->input_file != NULL ||
           fill_is_in(command->words, command->word_count, FILL_INPUT);
}

static bool begin(struct recommend *recommend, int argc, char **argv)
{
    bool is_told = is_told_tasks(&recommend->options);
    struct options one_worker;
    struct plan_machine machine;

    recommend->cpu = machine_cpu();
    machine = (struct plan_machine){.usable = recommend->cpu.usable.count,
                                    .cores = recommend->cpu.cores};
    recommend->options.tasks_least = fewest_tasks(&recommend->options);
    recommend->options.lane_tasks_least =
        fewest_lane_tasks(&recommend->options, is_told, machine.usable);
    /* whoever starts a command, it is the same processes that run then */
    if (recommend->options.command.word_count > 0)
        recommend->options.backends_default = "thread";
    one_worker = recommend->options;
    one_worker.workers = (struct workers){.counts = {1}, .length = 1};
    if (!plan_make(&one_worker, &machine, &recommend->plan) ||
        !are_enough_for_slo(&recommend->plan, &recommend->options.advice))
        return false;
    recommend->plan.is_in_rounds =
        !is_told && may_leave_out(&recommend->options);
    recommend->record = record_create();
    if (recommend->record != NULL && run_facts_tool(recommend->record->tool) &&
        run_facts_begin(&recommend->options, argc, argv, &recommend->plan,
                        recommend->record->run) &&
        environment_describe(&recommend->cpu, recommend->record->env) &&
        plan_record(&recommend->plan, recommend->record))
        return true;
    say_trouble("recommend: no memory");
    return false;
}

/* With -q and no -o nothing is written, and the folder need not bear it. */
static bool is_kept(const struct options *options)
{
    return options->output != NULL || !options->advice.is_number_alone;
}

static bool choose_output(struct recommend *recommend)
{
    const struct options *options = &recommend->options;

    if (!is_kept(options))
        return true;
    recommend->output = options->output != NULL
                            ? strdup(options->output)
                            : output_default(facts_text(recommend->record->run,
                                                        "name", "recommend"));
    if (recommend->output != NULL)
        recommend->journal_path = journal_path_for(recommend->output);
    if (recommend->journal_path != NULL)
        return output_check(recommend->output, options->force);
    say_trouble("recommend: no memory");
    return false;
}

/* What needs all samples: summaries, models, and from those the causes. */
static bool compute(struct recommend *recommend)
{
    struct record *record = recommend->record;
    const struct cf_cpus *usable = &recommend->cpu.usable;
    const struct scaling_request request = {
        .cores = (double)recommend->cpu.cores,
        .threads = (double)recommend->cpu.usable.count};
    const char *reason;

    if (!record_summarize(record) ||
        (!(recommend->plan.loop.rate_per_s > 0) &&
         !scaling_fit_record(record, &request, &reason)))
        return false;
    for (size_t i = 0; i < record->recommendation_count; i++) {
        struct record_recommendation *one = &record->recommendations[i];
        bool is_more_better;

        if (one->backend == NULL)
            continue;
        is_more_better = !(one->good_set[1] > one->workers) &&
                         one->best_workers <= one->workers;
        if (!cause_find(record, usable->usable, usable->quota, is_more_better,
                        one))
            return false;
    }
    return true;
}

static const char *stop_reason(const struct recommend *recommend,
                               enum course_end end)
{
    if (end != COURSE_ANSWERED)
        return "interrupted";
    return recommend->is_budget_up ? "budget" : "precision";
}

/* From the samples to the answers. */
static bool compile(struct recommend *recommend, enum course_end end)
{
    if (run_facts_end(recommend->record->run, end != COURSE_ANSWERED,
                      stop_reason(recommend, end),
                      clock_seconds(clock_now_ns() - recommend->start_ns)) &&
        compute(recommend))
        return true;
    say_trouble("recommend: no memory");
    return false;
}

/* The document, where one is wanted. */
static bool keep(const struct recommend *recommend)
{
    struct record_error error;

    if (!is_kept(&recommend->options) ||
        (record_write(recommend->record, recommend->output, &error) &&
         journal_remove(recommend->journal_path, &error)))
        return true;
    say_trouble("%s", error.text);
    output_rescue(recommend->record, recommend->journal_path, "cfbench report");
    return false;
}

static enum course_end take_all(struct recommend *recommend,
                                struct journal *journal)
{
    struct course course = {.options = &recommend->options,
                            .cpu = &recommend->cpu,
                            .plan = &recommend->plan,
                            .record = recommend->record,
                            .journal = journal,
                            .start_ns = recommend->start_ns};
    enum course_end end = COURSE_ANSWERED;

    for (size_t i = 0;
         i < recommend->plan.workload_count && end == COURSE_ANSWERED; i++)
        end = course_take(&course, i);
    recommend->is_budget_up = course.is_budget_up;
    return end;
}

/* A count that failed is a case that failed, whatever the others say. */
static bool has_failed(const struct recommend *recommend)
{
    const struct record *record = recommend->record;

    for (size_t i = 0; i < record->case_count; i++)
        if (record->cases[i].status == CASE_FAILED)
            return !recommend->options.ignore_failure;
    return false;
}

static bool has_every_answer(const struct record *record)
{
    for (size_t i = 0; i < record->recommendation_count; i++)
        if (record->recommendations[i].backend == NULL)
            return false;
    return true;
}

/* NULL in `*journal`: none is kept. False: one line has been said. */
static bool open_journal(struct recommend *recommend, struct journal **journal)
{
    struct record_error error = {"recommend: no memory"};

    *journal = NULL;
    if (!is_kept(&recommend->options))
        return true;
    if (run_facts_end(recommend->record->run, true, "interrupted", 0))
        *journal =
            journal_create(recommend->journal_path, recommend->record, &error);
    if (*journal == NULL)
        say_trouble("%s", error.text);
    return *journal != NULL;
}

/* Nothing was measured: what stands at the output is worth more. */
static int forget(const struct recommend *recommend)
{
    struct record_error error;

    say_warning("interrupted before the first sample: nothing is written");
    if (!is_kept(&recommend->options) ||
        journal_remove(recommend->journal_path, &error))
        return EXIT_FINE;
    return say_trouble("%s", error.text);
}

static int carry_out(struct recommend *recommend)
{
    const struct options *options = &recommend->options;
    struct journal *journal;
    enum course_end end;
    bool is_safe;

    if (!choose_output(recommend))
        return EXIT_TROUBLE;
    if (!interrupt_catch())
        return say_trouble("recommend: no descriptor left");
    if (!plan_prepare(&recommend->plan))
        return EXIT_TROUBLE;
    if (!open_journal(recommend, &journal))
        return EXIT_TROUBLE;
    end = take_all(recommend, journal);
    journal_close(journal);
    if (end == COURSE_INTERRUPTED && recommend->record->sample_count == 0)
        return forget(recommend);
    if (!compile(recommend, end))
        return EXIT_TROUBLE;
    is_safe = keep(recommend);
    if (end == COURSE_TROUBLE)
        return EXIT_TROUBLE;
    if (end == COURSE_INTERRUPTED) {
        bool is_there = is_safe && is_kept(options);

        say_warning("interrupted: there is no answer yet%s%s",
                    is_there ? "; what was measured is in " : "",
                    is_there ? recommend->output : "");
        return is_safe ? EXIT_FINE : EXIT_TROUBLE;
    }
    recommend_print(recommend->record, options->advice.is_number_alone);
    if (is_safe && !options->advice.is_number_alone)
        say_written(recommend->output);
    return is_safe && has_every_answer(recommend->record) &&
                   !has_failed(recommend)
               ? EXIT_FINE
               : EXIT_TROUBLE;
}

/* The limits that are known without a pilot. */
static int dry_run(const struct recommend *recommend)
{
    const struct cf_cpus *usable = &recommend->cpu.usable;

    printf("%.3g usable CPU%s (%s), %zu core%s; goal %s within %g %%\n",
           usable->usable, usable->usable == 1 ? "" : "s", usable->reason,
           recommend->cpu.cores, recommend->cpu.cores == 1 ? "" : "s",
           advice_goal_name(recommend->options.advice.goal),
           100 * recommend->options.advice.within);
    for (size_t i = 0; i < recommend->plan.case_count; i++) {
        const struct plan_case *one = &recommend->plan.cases[i];
        const struct plan_workload *work =
            &recommend->plan.workloads[one->workload];
        size_t tasks = one->tasks > 0 ? one->tasks : work->tasks;
        char name[200], why[300];

        printf("%s on %s: %zu task%s%s%s\n",
               say_safe(work->workload->name, name, sizeof name),
               plan_backend_name(one), tasks, say_plural(tasks),
               one->skipped != NULL ? ", skipped: " : "",
               say_safe(one->skipped != NULL ? one->skipped : "", why,
                        sizeof why));
    }
    printf("then: %d samples with one worker, from which the limits follow; "
           "grid, race, confirmation\n",
           2);
    return EXIT_FINE;
}

int recommend_command(int argc, char **argv)
{
    struct recommend recommend = {.start_ns = clock_now_ns()};
    enum options_end end = options_read(argc, argv, &recommend.options);
    int code = EXIT_TROUBLE;

    if (end == OPTIONS_HELPED)
        code = EXIT_FINE;
    else if (end == OPTIONS_READ && begin(&recommend, argc, argv))
        code = recommend.options.dry_run ? dry_run(&recommend)
                                         : carry_out(&recommend);
    if (!plan_free(&recommend.plan))
        code = EXIT_TROUBLE;
    record_destroy(recommend.record);
    options_free(&recommend.options);
    free(recommend.output);
    free(recommend.journal_path);
    if (fflush(stdout) == 0)
        interrupt_end();
    return code;
}
