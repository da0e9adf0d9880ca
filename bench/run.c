/* SPDX-License-Identifier: MIT */
/*
 * `cfbench run`, from the command line to the last line it prints:
 *
 *     options -> plan -> output checked -> workloads prepared -> journal
 *             -> blocks measured -> document -> table, findings, files
 *
 * Whatever can be refused is refused before the first measurement. However the
 * measuring ends (all done, out of budget, interrupted, disk full), what was
 * measured is compiled into a valid document; where that cannot be written, the
 * journal stays.
 */
#include "commands.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "clock.h"
#include "dry_run.h"
#include "environment.h"
#include "findings.h"
#include "first_run.h"
#include "interrupt.h"
#include "joblog.h"
#include "journal.h"
#include "options.h"
#include "output.h"
#include "plan.h"
#include "precision.h"
#include "run_facts.h"
#include "runner.h"
#include "say.h"
#include "scaling.h"
#include "table.h"

struct run {
    struct options options;
    int argc;
    char **argv;
    struct plan plan;
    struct record *record;
    char *output;
    char *journal_path;
    struct joblog *joblog; /* NULL: none is asked for */
    double elapsed_s;      /* of earlier parts of a resumed run */
    int64_t start_ns;
};

static bool begin_new(struct run *run)
{
    struct machine_cpu cpu = machine_cpu();
    struct plan_machine machine = {.usable = cpu.usable.count,
                                   .cores = cpu.cores};

    if (!plan_make(&run->options, &machine, &run->plan))
        return false;
    run->record = record_create();
    if (run->record != NULL && run_facts_tool(run->record->tool) &&
        run_facts_begin(&run->options, run->argc, run->argv, &run->plan,
                        run->record->run) &&
        environment_describe(&cpu, run->record->env) &&
        plan_record(&run->plan, run->record))
        return true;
    say_trouble("run: no memory");
    return false;
}

/* Halves that two machines have measured do not make one whole. */
static void warn_of_other_host(const struct facts *env)
{
    const char *host = facts_text(env, "host", "");
    struct utsname name;

    if (uname(&name) == 0 && strcmp(host, name.nodename) != 0)
        say_warning("--resume: the record is of host %.60s, this is %.60s",
                    host, name.nodename);
}

static bool begin_resumed(struct run *run)
{
    struct record_error error;
    double last_s = 0;

    run->record = record_read(run->options.resume, &error);
    if (run->record == NULL) {
        say_trouble("--resume: %s", error.text);
        return false;
    }
    for (size_t i = 0; i < run->record->sample_count; i++) {
        const struct record_sample *sample = &run->record->samples[i];

        if (isfinite(sample->started_s) && isfinite(sample->elapsed_s))
            last_s = fmax(last_s, sample->started_s + sample->elapsed_s);
    }
    run->elapsed_s = last_s;
    warn_of_other_host(run->record->env);
    return plan_resume(run->record, &run->plan);
}

/* "out.json" for the journal "out.jsonl", else the record's own path. */
static char *resumed_output(const struct run *run)
{
    char *path = strdup(run->options.resume);
    size_t length = path ? strlen(path) : 0;

    if (run->record->from_journal && length > 6 &&
        strcmp(path + length - 6, ".jsonl") == 0)
        path[length - 1] = '\0';
    return path;
}

static bool choose_output(struct run *run)
{
    const struct options *options = &run->options;

    if (options->output != NULL)
        run->output = strdup(options->output);
    else if (options->resume != NULL)
        run->output = resumed_output(run);
    else
        run->output =
            output_default(facts_text(run->record->run, "name", "run"));
    if (run->output != NULL)
        run->journal_path = journal_path_for(run->output);
    if (run->journal_path == NULL) {
        say_trouble("run: no memory");
        return false;
    }
    return output_check(run->output, options->force);
}

/* Nothing was measured: what stands at the output is worth more. */
static bool forget(const struct run *run)
{
    struct record_error error;

    say_warning("interrupted before the first sample: nothing is written");
    if (journal_remove(run->journal_path, &error))
        return true;
    say_trouble("%s", error.text);
    return false;
}

/* Compiles the document; then the journal has done its duty. */
static bool finish(struct run *run, enum runner_end end)
{
    static const char *const stop_reasons[] = {
        [RUNNER_COMPLETE] = "blocks",     [RUNNER_PRECISION] = "precision",
        [RUNNER_BUDGET] = "budget",       [RUNNER_INTERRUPTED] = "interrupted",
        [RUNNER_TROUBLE] = "interrupted",
    };
    bool partial = end == RUNNER_INTERRUPTED || end == RUNNER_TROUBLE;
    struct record_error error = {"no memory"};
    const char *no_model;

    if (run_facts_end(run->record->run, partial, stop_reasons[end],
                      run->elapsed_s +
                          clock_seconds(clock_now_ns() - run->start_ns)) &&
        record_summarize(run->record) &&
        scaling_fit_record(run->record, &(struct scaling_request){0},
                           &no_model) &&
        record_write(run->record, run->output, &error) &&
        journal_remove(run->journal_path, &error))
        return true;
    say_trouble("%s", error.text);
    say_warning("the samples are in %.300s; cfbench run --resume takes it",
                run->journal_path);
    return false;
}

static void print_findings(const char *label, struct findings *findings)
{
    const size_t most = 3;

    if (findings->count > 0)
        putchar('\n');
    for (size_t i = 0; i < findings->count && i < most; i++)
        table_sentence(label, findings->list[i].text);
    findings_finish(findings);
}

static void print_results(const struct run *run)
{
    struct findings answers = {0};
    struct findings notes = {0};

    putchar('\n');
    table_print(run->record);
    if (findings_answers(run->record, &answers))
        print_findings("", &answers);
    if (findings_notes(run->record, &notes))
        print_findings("note: ", &notes);
    printf("\nwritten: %s\n", run->output);
}

static bool has_failed_case(const struct record *record)
{
    for (size_t i = 0; i < record->case_count; i++)
        if (record->cases[i].status == CASE_FAILED)
            return true;
    return false;
}

static int measure(struct run *run, struct journal *journal)
{
    const struct runner_setup setup = {
        .plan = &run->plan,
        .record = run->record,
        .journal = journal,
        .joblog = run->joblog,
        .precision = facts_number(run->record->run, PRECISION_FACT, 0),
        .budget_s = run->options.budget_s,
        .limit_s = run->options.limit_s,
        .gap_s = run->options.gap_s,
        .elapsed_s = run->elapsed_s};
    enum runner_end end = runner_run(&setup);

    journal_close(journal);
    if (end == RUNNER_INTERRUPTED && run->record->sample_count == 0)
        return forget(run) ? EXIT_FINE : EXIT_TROUBLE;
    if (!finish(run, end))
        return EXIT_TROUBLE;
    if (end == RUNNER_INTERRUPTED)
        say_warning("interrupted: the record is partial; go on with cfbench "
                    "run --resume %.300s",
                    run->output);
    if (end == RUNNER_BUDGET)
        say_warning("stopped within the budget, after %zu samples of %zu",
                    run->record->sample_count, plan_sample_count(&run->plan));
    if (setup.precision > 0 && (end == RUNNER_BUDGET || end == RUNNER_COMPLETE))
        say_warning("the widest interval is +-%.2g %%, not +-%g %%",
                    100 * precision_widest(run->record), 100 * setup.precision);
    print_results(run);
    first_run_warn(run->record);
    if (end == RUNNER_TROUBLE)
        return EXIT_TROUBLE;
    return has_failed_case(run->record) && !run->options.ignore_failure
               ? EXIT_TROUBLE
               : EXIT_FINE;
}

static int carry_out(struct run *run)
{
    struct record_error error;
    struct journal *journal;
    bool is_left;

    if (!choose_output(run))
        return EXIT_TROUBLE;
    if (!interrupt_catch())
        return say_trouble("run: no descriptor left");
    if (!plan_prepare(&run->plan))
        return EXIT_TROUBLE;
    if (run->options.command.joblog != NULL &&
        (run->joblog = joblog_open(run->options.command.joblog,
                                   run->options.resume != NULL)) == NULL)
        return EXIT_TROUBLE;
    if (!run_facts_end(run->record->run, true, "interrupted", run->elapsed_s))
        return say_trouble("run: no memory");
    is_left =
        run->options.resume == NULL && access(run->journal_path, F_OK) == 0;
    journal = journal_create(run->journal_path, run->record, &error);
    if (journal == NULL)
        return say_trouble("%s", error.text);
    if (is_left)
        say_warning("%.300s: the journal of a run that did not end is replaced",
                    run->journal_path);
    return measure(run, journal);
}

int run_command(int argc, char **argv)
{
    struct run run = {.argc = argc, .argv = argv, .start_ns = clock_now_ns()};
    enum options_end end = options_read(argc, argv, &run.options);
    int code = EXIT_TROUBLE;

    if (end == OPTIONS_HELPED)
        code = EXIT_FINE;
    else if (end == OPTIONS_READ && run.options.resume == NULL
                 ? begin_new(&run)
                 : end == OPTIONS_READ && begin_resumed(&run))
        code = run.options.dry_run ? dry_run_print(&run.plan) : carry_out(&run);
    if (!joblog_close(run.joblog))
        code = EXIT_TROUBLE;
    plan_free(&run.plan);
    record_destroy(run.record);
    options_free(&run.options);
    free(run.output);
    free(run.journal_path);
    if (fflush(stdout) == 0)
        interrupt_end();
    return code;
}
