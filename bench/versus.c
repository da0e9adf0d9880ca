/* SPDX-License-Identifier: MIT */
/*
 *     options -> plan of two sides -> tried -> tasks chosen -> blocks measured
 *             -> document with the comparisons -> table, verdict
 *
 * Interleaving, not the test, is what makes a verdict true: where all of one
 * side runs before all of the other, what drifts in between is taken for a
 * difference. So both sides run once in each block, in random order, each in a
 * fresh process; what they share (the machine's mood) cancels in their ratio.
 */
#include "versus.h"

#include <math.h>
#include <string.h>

#include "clock.h"
#include "first_run.h"
#include "interrupt.h"
#include "output.h"
#include "say.h"
#include "sides.h"

enum { TASKS_MOST = 1000000, BLOCKS_LEAST = 10 };

static const double SAMPLE_S = 0.1; /* pyperf's --min-time */
static const double SLOWEST_S = 2;  /* of a case beside much faster ones */
static const double BUDGET_S = 60;

/* --- the trial --- */

/* Did nobody say how many tasks a sample has? Lanes of Python have a number of
 * their own; beside others it is not the same for all. */
static bool is_open(const struct plan *plan)
{
    size_t measured = 0, own = 0;

    for (size_t i = 0; i < plan->workload_count; i++)
        if (!plan->workloads[i].has_free_tasks)
            return false;
    for (size_t i = 0; i < plan->case_count; i++) {
        measured += plan->cases[i].skipped == NULL;
        own += plan->cases[i].skipped == NULL && plan->cases[i].tasks > 0;
    }
    return own == 0 || own == measured;
}

/* How long the samples of a block take. */
struct extent {
    double fastest_s; /* NAN: one of them failed */
    double slowest_s;
};

/* Each case once. */
static struct extent try_all(struct runner *runner, const struct plan *plan)
{
    struct extent extent = {INFINITY, 0};

    for (size_t i = 0; i < plan->case_count; i++) {
        double elapsed_s;

        if (plan->cases[i].skipped != NULL)
            continue;
        elapsed_s = runner_try(runner, i);
        if (isnan(elapsed_s))
            return (struct extent){NAN, NAN};
        extent.fastest_s = fmin(extent.fastest_s, elapsed_s);
        extent.slowest_s = fmax(extent.slowest_s, elapsed_s);
    }
    return extent;
}

/* As many tasks for both sides as take the fastest case SAMPLE_S, and the
 * slowest not more than SLOWEST_S; `*extent` is then what they take. */
static bool grow(struct session *session, struct runner *runner,
                 struct extent *extent)
{
    const struct workers *workers = &session->options.workers;
    struct plan *plan = &session->plan;

    while (extent->fastest_s < SAMPLE_S && interrupt_count() == 0) {
        double tasks = (double)plan->workloads[0].tasks;
        double factor = fmin(fmax(1.2 * SAMPLE_S / extent->fastest_s, 2), 100);
        size_t wanted;

        factor = fmin(factor, SLOWEST_S / extent->slowest_s);
        wanted = (size_t)(tasks * factor);
        if (factor < 2 || wanted > TASKS_MOST)
            break;
        if (workers->length > 0)
            wanted = workers_even_tasks(workers, wanted);
        if (!plan_set_tasks(plan, wanted))
            return false;
        *extent = try_all(runner, plan);
    }
    return true;
}

/* Runs everything twice: caches are warm then, and it is known how long a
 * block takes. */
static bool try_out(struct session *session)
{
    struct options *options = &session->options;
    const struct runner_setup setup = {.plan = &session->plan,
                                       .limit_s = options->limit_s,
                                       .gap_s = options->gap_s};
    struct runner *runner = runner_open(&setup);
    bool is_grown = true;
    int64_t start_ns;
    struct extent extent;

    if (runner == NULL) {
        say_trouble("--vs: no memory");
        return false;
    }
    extent = try_all(runner, &session->plan);
    if (!isnan(extent.fastest_s) && is_open(&session->plan)) {
        extent = try_all(runner, &session->plan);
        is_grown = grow(session, runner, &extent);
    }
    if (isnan(extent.fastest_s))
        session->plan.blocks = 1; /* enough to record what is wrong */
    start_ns = clock_now_ns();
    if (is_grown)
        try_all(runner, &session->plan);
    if (isinf(options->budget_s) && options->precision > 0)
        options->budget_s =
            fmax(BUDGET_S,
                 (BLOCKS_LEAST + 1) * clock_seconds(clock_now_ns() - start_ns));
    runner_close(runner);
    return is_grown;
}

/* --- the run --- */

static bool mark(const struct session *session)
{
    const struct plan_workload *works = session->plan.workloads;
    const struct sides sides = {
        .old_id = plan_workload_id(&works[0]),
        .new_id = plan_workload_id(&works[1]),
        .delta = session->options.versus.threshold,
    };

    if (sides_set(session->record->run, &sides))
        return true;
    say_trouble("--vs: no memory");
    return false;
}

bool versus_measure(struct session *session, enum runner_end *end)
{
    const struct options *options = &session->options;

    return (options->output == NULL ||
            output_check(options->output, options->force)) &&
           session_prepare(session) && try_out(session) &&
           session_record(session) && mark(session) &&
           session_measure(session, end);
}

/* --- the command --- */

/* NULL: any verdict. */
static bool has_verdict(const struct record *record, const char *word)
{
    for (size_t i = 0; i < record->comparison_count; i++)
        if (sides_are(record, &record->comparisons[i]) &&
            (word == NULL || strcmp(record->comparisons[i].verdict, word) == 0))
            return true;
    return false;
}

static bool has_failed_case(const struct record *record)
{
    for (size_t i = 0; i < record->case_count; i++)
        if (record->cases[i].status == CASE_FAILED)
            return true;
    return false;
}

static int judge(const struct session *session)
{
    bool is_gate = strcmp(session->argv[0], "gate") == 0;

    if (session_has_failed(session))
        return EXIT_TROUBLE;
    if (!has_verdict(session->record, NULL))
        return say_trouble(
            "--vs: %s: nothing was compared",
            has_failed_case(session->record)
                ? "a case has failed, and no other is on both sides"
                : "no case of one side has a pair on the other");
    if (is_gate && has_verdict(session->record, "slower"))
        return EXIT_SLOWER;
    if (session->options.versus.is_strict &&
        has_verdict(session->record, "inconclusive"))
        return EXIT_INCONCLUSIVE;
    return EXIT_FINE;
}

/* Is it a case of the other side, as it is otherwise? */
static bool are_pair(const struct plan_case *one, const struct plan_case *other)
{
    return one->workload != other->workload && one->workers == other->workers &&
           strcmp(plan_backend_name(one), plan_backend_name(other)) == 0;
}

static bool has_pair(const struct plan *plan)
{
    for (size_t i = 0; i < plan->case_count; i++)
        for (size_t k = 0; k < i; k++)
            if (plan->cases[i].skipped == NULL &&
                plan->cases[k].skipped == NULL &&
                are_pair(&plan->cases[i], &plan->cases[k]))
                return true;
    return false;
}

/* What can be known beforehand takes no time and replaces no record. */
static bool can_compare(const struct plan *plan)
{
    const struct plan_case *first = &plan->cases[0];
    size_t skipped = 0;

    if (has_pair(plan))
        return true;
    for (size_t i = 0; i < plan->case_count; i++)
        skipped += plan->cases[i].skipped != NULL;
    if (skipped > 0 && skipped == plan->case_count)
        say_trouble("--vs: %.60s on %.30s: %.200s: nothing was compared",
                    plan->workloads[first->workload].workload->name,
                    plan_backend_name(first), first->skipped);
    else
        say_trouble("--vs: no case of one side has a pair on the other: "
                    "nothing was compared");
    return false;
}

static int carry_out(struct session *session)
{
    enum runner_end end;

    if (!can_compare(&session->plan))
        return EXIT_TROUBLE;
    if (!versus_measure(session, &end))
        return EXIT_TROUBLE;
    if (end == RUNNER_INTERRUPTED && session->record->sample_count == 0)
        return EXIT_FINE;
    versus_print(session, end);
    first_run_warn(session->record);
    return end == RUNNER_TROUBLE ? EXIT_TROUBLE : judge(session);
}

static int look(struct session *session)
{
    return session_record(session) ? session_dry_run(session) : EXIT_TROUBLE;
}

int versus_command(int argc, char **argv)
{
    struct session session = {
        .argc = argc, .argv = argv, .start_ns = clock_now_ns()};
    enum options_end end = options_read(argc, argv, &session.options);
    int code = EXIT_TROUBLE;

    if (end == OPTIONS_HELPED)
        code = EXIT_FINE;
    else if (end == OPTIONS_READ && session_plan(&session))
        code = session.options.dry_run ? look(&session) : carry_out(&session);
    if (!session_finish(&session))
        code = EXIT_TROUBLE;
    if (fflush(stdout) == 0)
        interrupt_end();
    return code;
}
