/* SPDX-License-Identifier: MIT */
/*
 *     options -> plan -> output checked -> workloads prepared -> journal
 *             -> blocks measured -> document
 */
#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "dry_run.h"
#include "environment.h"
#include "exclusion.h"
#include "interrupt.h"
#include "journal.h"
#include "output.h"
#include "precision.h"
#include "resume.h"
#include "run_facts.h"
#include "same_file.h"
#include "say.h"
#include "scaling.h"
#include "summarize.h"
#include "warmup_pilot.h"

bool session_plan(struct session *session)
{
    struct plan_machine machine;

    session->cpu = machine_cpu();
    machine = (struct plan_machine){.usable = session->cpu.usable.count,
                                    .cores = session->cpu.cores};
    return plan_make(&session->options, &machine, &session->plan);
}

bool session_record(struct session *session)
{
    session->record = record_create();
    if (session->record != NULL && run_facts_tool(session->record->tool) &&
        run_facts_begin(&session->options, session->argc, session->argv,
                        &session->plan, session->record->run) &&
        environment_describe(&session->cpu, session->record->env) &&
        plan_record(&session->plan, session->record))
        return true;
    say_trouble("%s: no memory", session->argv[0]);
    return false;
}

static bool name_output(struct session *session)
{
    const struct options *options = &session->options;

    if (options->output != NULL)
        session->output = strdup(options->output);
    else if (options->resume != NULL)
        session->output = resume_output(session->record, options->resume);
    else
        session->output =
            output_default(facts_text(session->record->run, "name", "run"));
    if (session->output != NULL)
        session->journal_path = journal_path_for(session->output);
    if (session->journal_path != NULL)
        return true;
    say_trouble("%s: no memory", session->argv[0]);
    return false;
}

bool session_resume(struct session *session)
{
    const char *path = session->options.resume;

    session->cpu = machine_cpu();
    session->record = resume_read(path);
    if (session->record == NULL || !name_output(session))
        return false;
    if (strcmp(session->journal_path, path) != 0 &&
        !resume_catch_up(&session->record, session->journal_path))
        return false;
    session->elapsed_s = resume_elapsed_s(session->record);
    if (!run_facts_resume(&session->options, session->record->run)) {
        say_trouble("%s: no memory", session->argv[0]);
        return false;
    }
    return plan_resume(session->record, &session->plan);
}

static bool choose_output(struct session *session)
{
    if (session->output == NULL && !name_output(session))
        return false;
    if (resume_note_output(session->record->run, session->output))
        return output_check(session->output, session->options.force);
    say_trouble("%s: no memory", session->argv[0]);
    return false;
}

/* Nothing was measured: what stands at the output is worth more. */
static bool forget(const struct session *session)
{
    struct record_error error;

    say_warning("interrupted before the first sample: nothing is written");
    if (journal_remove(session->journal_path, &error))
        return true;
    say_trouble("%s", error.text);
    return false;
}

/* Compiles the document; then the journal has done its duty. */
static bool finish(struct session *session, enum runner_end end)
{
    static const char *const stop_reasons[] = {
        [RUNNER_COMPLETE] = "blocks",     [RUNNER_PRECISION] = "precision",
        [RUNNER_BUDGET] = "budget",       [RUNNER_INTERRUPTED] = "interrupted",
        [RUNNER_TROUBLE] = "interrupted",
    };
    bool partial = end == RUNNER_INTERRUPTED || end == RUNNER_TROUBLE;
    struct record_error error = {"no memory"};
    const char *no_model;

    session->record->from_journal = false; /* what it was resumed from */
    if (run_facts_end(session->record->run, partial, stop_reasons[end],
                      session->elapsed_s +
                          clock_seconds(clock_now_ns() - session->start_ns)) &&
        exclusion_apply(session->record) && record_summarize(session->record) &&
        (facts_number(session->record->run, RATE_FACT, 0) > 0 ||
         scaling_fit_record(session->record, &(struct scaling_request){0},
                            &no_model)) &&
        record_write(session->record, session->output, &error) &&
        journal_remove(session->journal_path, &error))
        return true;
    say_trouble("%s", error.text);
    output_rescue(session->record, session->journal_path,
                  "cfbench run --resume");
    return false;
}

int session_dry_run(struct session *session)
{
    const struct dry_run look = {.record = session->record,
                                 .usable = session->cpu.usable.usable,
                                 .gap_s = session->options.gap_s,
                                 .budget_s = session->options.budget_s};

    return dry_run_print(&session->plan, &look);
}

bool session_prepare(struct session *session)
{
    if (interrupt_catch())
        return plan_prepare(&session->plan);
    say_trouble("%s: no descriptor left", session->argv[0]);
    return false;
}

/* Before there is a journal, whose first line has what comes out of it. */
static bool find_warmup(struct session *session)
{
    const struct runner_setup setup = {.plan = &session->plan,
                                       .record = session->record,
                                       .is_quiet = session->is_quiet,
                                       .budget_s = session->options.budget_s,
                                       .limit_s = session->options.limit_s,
                                       .gap_s = session->options.gap_s};

    return (session->options.warmup != WARMUP_AUTO &&
            !warmup_is_unfinished(session->record)) ||
           warmup_pilot(&session->plan, &setup);
}

/* The journal, after everything that can be refused. NULL: has been said. */
static struct journal *open_journal(struct session *session)
{
    const struct options *options = &session->options;
    bool is_left =
        options->resume == NULL && access(session->journal_path, F_OK) == 0;
    struct record_error error = {"no memory"};
    struct journal *journal = NULL;

    if (run_facts_end(session->record->run, true, "interrupted",
                      session->elapsed_s))
        journal =
            journal_create(session->journal_path, session->record, &error);
    if (journal == NULL)
        say_trouble("%s", error.text);
    else if (is_left)
        say_warning("%.300s: the journal of a run that did not end is replaced",
                    session->journal_path);
    return journal;
}

static enum runner_end run_plan(struct session *session,
                                struct journal *journal)
{
    const struct runner_setup setup = {
        .plan = &session->plan,
        .record = session->record,
        .journal = journal,
        .joblog = session->joblog,
        .is_quiet = session->is_quiet,
        .is_traced = session->options.trace,
        .precision = facts_number(session->record->run, PRECISION_FACT, 0),
        .budget_s = session->options.budget_s,
        .limit_s = session->options.limit_s,
        .gap_s = session->options.gap_s,
        .elapsed_s = session->elapsed_s};

    return runner_run(&setup);
}

static bool has_command(const struct plan *plan)
{
    for (size_t i = 0; i < plan->workload_count; i++)
        if (command_is(plan->workloads[i].workload->name))
            return true;
    return false;
}

/* What else is written during the run must not be the same file. */
static bool open_joblog(struct session *session)
{
    const struct options *options = &session->options;
    const char *path = options->command.joblog;

    if (path == NULL)
        return true;
    if (!has_command(&session->plan)) {
        say_trouble("--joblog: for commands, and the record has none");
        return false;
    }
    if (same_file(path, session->output) ||
        same_file(path, session->journal_path)) {
        say_trouble("--joblog %.200s: is where the record goes, or its journal",
                    path);
        return false;
    }
    session->joblog =
        joblog_open(path, options->resume != NULL, options->force);
    return session->joblog != NULL;
}

bool session_measure(struct session *session, enum runner_end *end)
{
    struct journal *journal;

    if (!choose_output(session) || !session_prepare(session))
        return false;
    if (!open_joblog(session) || !find_warmup(session))
        return false;
    journal = open_journal(session);
    if (journal == NULL)
        return false;
    *end = run_plan(session, journal);
    journal_close(journal);
    if (*end == RUNNER_INTERRUPTED && session->record->sample_count == 0)
        return forget(session);
    return finish(session, *end);
}

bool session_finish(struct session *session)
{
    bool is_logged = joblog_close(session->joblog);
    bool is_clean = plan_free(&session->plan);

    record_destroy(session->record);
    options_free(&session->options);
    free(session->output);
    free(session->journal_path);
    return is_logged && is_clean;
}

bool session_has_failed(const struct session *session)
{
    const struct record *record = session->record;

    for (size_t i = 0; i < record->case_count; i++)
        if (record->cases[i].status == CASE_FAILED)
            return !session->options.ignore_failure;
    return false;
}
