/* SPDX-License-Identifier: MIT */
/* `cfbench run`: a session, and what a person wants to read of it. */
#include "commands.h"

#include <stdio.h>

#include "clock.h"
#include "findings.h"
#include "first_run.h"
#include "interrupt.h"
#include "precision.h"
#include "say.h"
#include "session.h"
#include "table.h"

static void print_findings(const char *label, struct findings *findings)
{
    const size_t most = 3;

    if (findings->count > 0)
        putchar('\n');
    for (size_t i = 0; i < findings->count && i < most; i++)
        table_sentence(label, findings->list[i].text);
    findings_finish(findings);
}

static void print_results(const struct session *run)
{
    struct findings answers = {0};
    struct findings notes = {0};

    putchar('\n');
    table_print(run->record);
    if (findings_answers(run->record, &answers))
        print_findings("", &answers);
    if (findings_notes(run->record, &notes))
        print_findings("note: ", &notes);
    say_written(run->output);
}

static void warn(const struct session *run, enum runner_end end)
{
    double precision = facts_number(run->record->run, PRECISION_FACT, 0);

    if (end == RUNNER_INTERRUPTED)
        say_warning("interrupted: the record is partial; go on with cfbench "
                    "run --resume %.300s",
                    run->output);
    if (end == RUNNER_BUDGET)
        say_warning("stopped within the budget, after %zu samples of %zu",
                    run->record->sample_count, plan_sample_count(&run->plan));
    if (precision > 0 && (end == RUNNER_BUDGET || end == RUNNER_COMPLETE))
        say_warning("the widest interval is +-%.2g %%, not +-%g %%",
                    100 * precision_widest(run->record), 100 * precision);
}

/* A table of skipped cases alone would look like an answer. */
static bool has_case(const struct plan *plan)
{
    const struct plan_case *first = &plan->cases[0];

    for (size_t i = 0; i < plan->case_count; i++)
        if (plan->cases[i].skipped == NULL)
            return true;
    if (plan->case_count > 0)
        say_trouble("%.60s on %.30s: %.200s: nothing was measured",
                    plan->workloads[first->workload].workload->name,
                    plan_backend_name(first), first->skipped);
    return plan->case_count == 0;
}

static int carry_out(struct session *run)
{
    enum runner_end end;

    if (!has_case(&run->plan))
        return EXIT_TROUBLE;
    if (!session_measure(run, &end))
        return EXIT_TROUBLE;
    if (run->record->sample_count == 0 && end == RUNNER_INTERRUPTED)
        return EXIT_FINE;
    warn(run, end);
    print_results(run);
    first_run_warn(run->record);
    return end == RUNNER_TROUBLE || session_has_failed(run) ? EXIT_TROUBLE
                                                            : EXIT_FINE;
}

static bool begin(struct session *run)
{
    return run->options.resume != NULL
               ? session_resume(run)
               : session_plan(run) && session_record(run);
}

int run_command(int argc, char **argv)
{
    struct session run = {
        .argc = argc, .argv = argv, .start_ns = clock_now_ns()};
    enum options_end end = options_read(argc, argv, &run.options);
    int code = EXIT_TROUBLE;

    if (end == OPTIONS_HELPED)
        code = EXIT_FINE;
    else if (end == OPTIONS_READ && begin(&run))
        code = run.options.dry_run ? session_dry_run(&run) : carry_out(&run);
    if (!session_finish(&run))
        code = EXIT_TROUBLE;
    if (fflush(stdout) == 0)
        interrupt_end();
    return code;
}
