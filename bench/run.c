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

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <cf/version.h>

#include "build_info.h"
#include "clock.h"
#include "dry_run.h"
#include "environment.h"
#include "findings.h"
#include "interrupt.h"
#include "journal.h"
#include "options.h"
#include "output.h"
#include "plan.h"
#include "runner.h"
#include "say.h"
#include "table.h"

struct run {
    struct options options;
    int argc;
    char **argv;
    struct plan plan;
    struct record *record;
    char *output;
    char *journal_path;
    double elapsed_s; /* of earlier parts of a resumed run */
    int64_t start_ns;
};

/* --- what the record says about the run --- */

static bool describe_tool(struct facts *tool)
{
    return facts_set_text(tool, "version", CF_VERSION) &&
           facts_set_text(tool, "commit", BUILD_COMMIT) &&
           facts_set_bool(tool, "dirty", BUILD_DIRTY) &&
           facts_set_text(tool, "build.cc", BUILD_CC) &&
           facts_set_text(tool, "build.cflags", BUILD_CFLAGS);
}

static bool describe_start(struct facts *run)
{
    char started[32], id[32];
    time_t now = time(NULL);
    uint64_t random = 0;
    struct tm utc;

    gmtime_r(&now, &utc);
    strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", &utc);
    if (getrandom(&random, sizeof random, 0) < 0)
        random = (uint64_t)clock_now_ns();
    snprintf(id, sizeof id, "%016" PRIx64, random);
    return facts_set_text(run, "id", id) &&
           facts_set_text(run, "started", started);
}

/* The workloads' names, for a run that was given none: "a+b+c". */
static void make_name(const struct plan *plan, char name[64])
{
    size_t length = 0;

    name[0] = '\0';
    for (size_t i = 0; i < plan->workload_count && length < 63; i++)
        length += (size_t)snprintf(name + length, 64 - length, "%s%s",
                                   i == 0 ? "" : "+",
                                   plan->workloads[i].workload->name);
}

static bool describe_run(const struct run *run, struct facts *facts)
{
    const struct options *options = &run->options;
    char made[64];

    make_name(&run->plan, made);
    if (!describe_start(facts) ||
        !facts_set_text(facts, "name", options->name ? options->name : made))
        return false;
    for (int i = 0; i < run->argc; i++)
        if (!facts_add_text(facts, "argv", i == 0 ? "run" : run->argv[i]))
            return false;
    return !isfinite(options->budget_s) ||
           facts_set_number(facts, "budget_s", options->budget_s);
}

/* What holds if this process ends now; set again at the end. */
static bool describe_end(const struct run *run, struct facts *facts,
                         bool partial, const char *stop_reason)
{
    double elapsed_s = clock_seconds(clock_now_ns() - run->start_ns);

    return facts_set_bool(facts, "partial", partial) &&
           facts_set_text(facts, "stop_reason", stop_reason) &&
           facts_set_number(facts, "duration_s", run->elapsed_s + elapsed_s);
}

/* --- the steps --- */

static bool begin_new(struct run *run)
{
    struct machine_cpu cpu = machine_cpu();
    struct plan_machine machine = {.usable = cpu.usable.count,
                                   .cores = cpu.cores};

    if (!plan_make(&run->options, &machine, &run->plan))
        return false;
    run->record = record_create();
    if (run->record != NULL && describe_tool(run->record->tool) &&
        describe_run(run, run->record->run) &&
        environment_describe(&cpu, run->record->env) &&
        plan_record(&run->plan, run->record))
        return true;
    say_trouble("run: no memory");
    return false;
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

/* Compiles the document; then the journal has done its duty. */
static bool finish(struct run *run, enum runner_end end)
{
    static const char *const stop_reasons[] = {
        [RUNNER_COMPLETE] = "blocks",
        [RUNNER_BUDGET] = "budget",
        [RUNNER_INTERRUPTED] = "interrupted",
        [RUNNER_TROUBLE] = "interrupted",
    };
    bool partial = end == RUNNER_INTERRUPTED || end == RUNNER_TROUBLE;
    struct record_error error = {"no memory"};

    if (describe_end(run, run->record->run, partial, stop_reasons[end]) &&
        record_summarize(run->record) &&
        record_write(run->record, run->output, &error) &&
        journal_remove(run->journal_path, &error))
        return true;
    say_trouble("%s", error.text);
    say_warning("the samples are in %.300s; cfbench run --resume takes it",
                run->journal_path);
    return false;
}

static void print_findings(const struct record *record)
{
    const size_t most = 3;
    struct findings findings = {0};

    if (findings_answers(record, &findings) && findings.count > 0)
        putchar('\n');
    for (size_t i = 0; i < findings.count && i < most; i++)
        printf("%s\n", findings.list[i].text);
    findings_finish(&findings);
}

static void print_results(const struct run *run)
{
    putchar('\n');
    table_print(run->record);
    print_findings(run->record);
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
    const struct runner_setup setup = {.plan = &run->plan,
                                       .record = run->record,
                                       .journal = journal,
                                       .budget_s = run->options.budget_s,
                                       .limit_s = run->options.limit_s,
                                       .gap_s = run->options.gap_s,
                                       .elapsed_s = run->elapsed_s};
    enum runner_end end = runner_run(&setup);

    journal_close(journal);
    if (!finish(run, end))
        return EXIT_TROUBLE;
    if (end == RUNNER_INTERRUPTED)
        say_warning("interrupted: the record is partial; go on with cfbench "
                    "run --resume %.300s",
                    run->output);
    if (end == RUNNER_BUDGET)
        say_warning("stopped within the budget, after %zu samples of %zu",
                    run->record->sample_count, plan_sample_count(&run->plan));
    print_results(run);
    return end == RUNNER_TROUBLE || has_failed_case(run->record) ? EXIT_TROUBLE
                                                                 : EXIT_FINE;
}

static int carry_out(struct run *run)
{
    struct record_error error;
    struct journal *journal;

    if (!choose_output(run))
        return EXIT_TROUBLE;
    if (!interrupt_catch())
        return say_trouble("run: no descriptor left");
    if (!plan_prepare(&run->plan))
        return EXIT_TROUBLE;
    if (!describe_end(run, run->record->run, true, "interrupted"))
        return say_trouble("run: no memory");
    journal = journal_create(run->journal_path, run->record, &error);
    if (journal == NULL)
        return say_trouble("%s", error.text);
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
    plan_free(&run.plan);
    record_destroy(run.record);
    options_free(&run.options);
    free(run.output);
    free(run.journal_path);
    if (fflush(stdout) == 0)
        interrupt_end();
    return code;
}
