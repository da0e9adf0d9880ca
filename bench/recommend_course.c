/* SPDX-License-Identifier: MIT */
/*
 * Between the advice, which decides, and the runner, which measures:
 *
 *      pilot (one worker) -> limits -> advice: next block <--+
 *                                        | its cases, in     |
 *                                        | random order      |
 *                                        v                   |
 *                                      runner -> record -> advice: samples
 *
 * A case enters plan, record and journal when it is first asked for.
 */
#include "recommend_passage.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "findings.h"
#include "interrupt.h"
#include "number.h"
#include "python_work.h"
#include "say.h"

enum { PILOT_SAMPLES = 2 };

/* --- cases --- */

static bool find_lanes(struct passage *passage)
{
    const struct plan *plan = passage->course->plan;

    for (size_t i = 0; i < plan->case_count; i++) {
        const struct plan_case *one = &plan->cases[i];

        if (one->workload == passage->workload && one->skipped == NULL &&
            one->workers == 1 && passage->lane_count < ADVICE_LANES)
            passage->lanes[passage->lane_count++] = i;
    }
    return passage->lane_count > 0;
}

/* The case in the plan, added where it is new; SIZE_MAX where that failed. */
static size_t case_for(struct passage *passage, const struct advice_case *what)
{
    struct course *course = passage->course;
    struct plan_case like = course->plan->cases[passage->lanes[what->lane]];
    struct record_error error;
    struct plan_case *added;
    size_t index;

    for (size_t i = 0; i < course->plan->case_count; i++) {
        const struct plan_case *one = &course->plan->cases[i];

        if (plan_is_like(one, &like) && one->workers == what->workers)
            return i;
    }
    added = plan_add_case(course->plan);
    if (added == NULL)
        return SIZE_MAX;
    like.workers = what->workers;
    *added = like;
    index = course->plan->case_count - 1;
    if (!plan_record_case(course->plan, index, course->record)) {
        say_trouble("recommend: no memory");
        return SIZE_MAX;
    }
    if (journal_append_case(course->journal, course->record, index, &error))
        return index;
    say_trouble("%s", error.text);
    return SIZE_MAX;
}

/* The last sample of a case, if it counts. */
static const struct record_sample *last_sample(const struct record *record,
                                               size_t index)
{
    const struct record_sample *sample;

    if (record->sample_count == 0 ||
        record->cases[index].status != CASE_MEASURED)
        return NULL;
    sample = &record->samples[record->sample_count - 1];
    return sample->case_index == index && sample->elapsed_s > 0 ? sample : NULL;
}

/* --- the pilot --- */

/* One case alone has no pair in its block, so it is a warm-up. In an open loop
 * the workers wait for tasks to come: what a task takes shows in a closed one. */
static bool take_alone(struct passage *passage, size_t index)
{
    struct course *course = passage->course;
    struct open_loop loop = course->plan->loop;
    bool is_taken;

    course->plan->loop = (struct open_loop){0};
    passage->setup.is_pilot = true;
    is_taken = runner_take(passage->runner, course->block++, 0, index);
    passage->setup.is_pilot = false;
    course->plan->loop = loop;
    return is_taken;
}

static enum course_end take_pilot(struct passage *passage,
                                  struct limits_pilot *pilot)
{
    struct course *course = passage->course;
    const struct wl_workload *workload =
        course->plan->workloads[passage->workload].workload;
    size_t index = passage->lanes[0];
    size_t count = 0;

    /* what a function of somebody's does is seen, not known */
    *pilot =
        (struct limits_pilot){.rss_bytes = NAN,
                              .is_computing = !python_work_is(workload->name) &&
                                              (workload->klass == WL_CPU ||
                                               workload->klass == WL_MEMORY)};
    for (size_t lane = 0; lane < passage->lane_count; lane++)
        if (!passage_is_single(&course->plan->cases[passage->lanes[lane]]))
            index = passage->lanes[lane];
    for (size_t i = 0; i < PILOT_SAMPLES; i++) {
        const struct record_sample *sample;

        if (i == 0)
            passage->setup.limit_s = budget_pilot_limit_s(passage);
        if (!take_alone(passage, index))
            return COURSE_TROUBLE;
        passage->setup.limit_s = course->options->limit_s;
        if (interrupt_count() > 0)
            return COURSE_INTERRUPTED;
        sample = last_sample(course->record, index);
        if (sample == NULL)
            break;
        count++;
        pilot->cpu_s +=
            (sample->cpu_user_s + sample->cpu_sys_s) / (double)sample->tasks;
        pilot->wait_s += sample->elapsed_s / (double)sample->tasks;
        pilot->rss_bytes = sample->peak_rss_bytes;
    }
    if (count == 0)
        return COURSE_ANSWERED; /* what failed has been said */
    pilot->cpu_s /= (double)count;
    pilot->wait_s = fmax(0, pilot->wait_s / (double)count - pilot->cpu_s);
    return COURSE_ANSWERED;
}

/* --- the race --- */

static double percentile_of(const struct record_latency *latency, double p)
{
    if (p == 0.5)
        return latency->p50_s;
    return p == 0.9 ? latency->p90_s : latency->p99_s;
}

/* An open loop does as much as comes, as long as the workers keep up. */
static double throughput_of(const struct passage *passage,
                            const struct record_sample *sample,
                            double latency_s)
{
    const struct course *course = passage->course;

    return course->plan->loop.rate_per_s > 0 &&
                   latency_s <= course->options->advice.slo_s
               ? course->plan->loop.rate_per_s
               : (double)sample->tasks / sample->elapsed_s;
}

static bool hand_over(struct passage *passage, size_t index,
                      const struct advice_case *what)
{
    const struct record_sample *sample =
        last_sample(passage->course->record, index);
    double p = passage->course->options->advice.slo_p;
    double latency_s;

    if (sample == NULL) {
        advice_fail(passage->advice, what);
        return true;
    }
    latency_s = p > 0 ? percentile_of(&sample->latency, p) : NAN;
    return advice_add(passage->advice,
                      &(struct advice_sample){
                          .what = *what,
                          .per_s = throughput_of(passage, sample, latency_s),
                          .latency_s = latency_s,
                          .cpu_s = (sample->cpu_user_s + sample->cpu_sys_s) /
                                   (double)sample->tasks});
}

/* How long the race lasts where no budget was given, the confirmation comes
 * after it: who asks how many workers waits a minute, but not for an answer from
 * a handful of blocks. */
static const double STANDARD_S = 35, CONFIRMATION_S = 10;
static const size_t FEWEST_BLOCKS = 6;

static void say_time(const struct passage *passage)
{
    bool is_given = isfinite(passage->until_s);
    int64_t begun_ns = is_given ? passage->course->start_ns : passage->begun_ns;
    double so_far_s = clock_seconds(clock_now_ns() - begun_ns);
    double most_s = is_given ? passage->until_s : STANDARD_S + CONFIRMATION_S;
    char so_far[16], most[16];

    fprintf(stderr, ", %s of at most %s",
            number_format_duration(so_far_s, so_far),
            number_format_duration(fmax(most_s, so_far_s), most));
}

/* What the answer would be now, and where the truth may be. */
static void say_leader(const struct passage *passage)
{
    struct advice_answer now;
    char workers[80];

    if (!advice_conclude(passage->advice, &now) || !now.exists)
        return;
    findings_workers(workers, sizeof workers,
                     passage_backend(passage, now.chosen.lane),
                     now.chosen.workers);
    fprintf(stderr, "; now %s", workers);
    if (now.confidence[0] != now.confidence[1])
        fprintf(stderr, " (%zu to %zu)", now.confidence[0], now.confidence[1]);
}

static void say_step(const struct passage *passage,
                     const struct advice_step *step)
{
    static const char *const phases[] = {[ADVICE_GRID] = "grid",
                                         [ADVICE_RACE] = "race",
                                         [ADVICE_CONFIRM] = "confirmation"};
    char workload[64];

    if (passage->course->options->advice.is_number_alone)
        return;
    fprintf(stderr, "%s: %s, block %zu: %zu %s",
            say_safe(passage->course->record->workloads[passage->workload].id,
                     workload, sizeof workload),
            phases[step->phase], step->block + 1, step->count,
            step->count == 1 ? "case" : "cases");
    say_time(passage);
    say_leader(passage);
    fputc('\n', stderr);
}

static enum course_end take_step(struct passage *passage,
                                 const struct advice_step *step)
{
    struct course *course = passage->course;
    size_t order[ADVICE_POINTS];

    say_step(passage, step);
    order_block(ORDER_RANDOM, course->plan->seed, course->block, step->count,
                order);
    for (size_t i = 0; i < step->count; i++) {
        const struct advice_case *what = &step->cases[order[i]];
        size_t index = case_for(passage, what);

        if (index == SIZE_MAX)
            return COURSE_TROUBLE;
        /* what failed in the pilot has been said, and leaves */
        if (course->record->cases[index].status != CASE_FAILED &&
            !runner_take(passage->runner, course->block, i, index))
            return COURSE_TROUBLE;
        if (interrupt_count() > 0)
            return COURSE_INTERRUPTED;
        if (!hand_over(passage, index, what)) {
            say_trouble("recommend: no memory");
            return COURSE_TROUBLE;
        }
    }
    course->block++;
    return COURSE_ANSWERED;
}

static bool is_race_long(const struct passage *passage, size_t blocks,
                         double block_s)
{
    return !isfinite(passage->until_s) && blocks >= FEWEST_BLOCKS &&
           clock_seconds(clock_now_ns() - passage->begun_ns) + block_s >
               STANDARD_S;
}

/* The blocks of a race are not equally large, every third has all cases: what
 * the next may take is the most of the last three. */
enum { LAST_BLOCKS = 3 };

static double longest(const double *last_s)
{
    double most = 0;

    for (size_t i = 0; i < LAST_BLOCKS; i++)
        most = fmax(most, last_s[i]);
    return most;
}

/* Until there is an answer, or another block would take too long. */
static enum course_end race(struct passage *passage)
{
    struct course *course = passage->course;
    size_t first = course->block;
    double last_s[LAST_BLOCKS] = {0};
    struct advice_step *step = malloc(sizeof *step);
    enum course_end end = COURSE_ANSWERED;

    if (step == NULL)
        return COURSE_TROUBLE;
    passage->begun_ns = clock_now_ns();
    while (end == COURSE_ANSWERED && advice_next(passage->advice, step)) {
        int64_t now_ns = clock_now_ns();

        if (budget_is_over(passage, longest(last_s))) {
            course->is_budget_up = true;
            say_warning("%s: stopped within the budget",
                        course->record->workloads[passage->workload].id);
            break;
        }
        end = take_step(passage, step);
        last_s[course->block % LAST_BLOCKS] =
            clock_seconds(clock_now_ns() - now_ns);
        if (is_race_long(passage, course->block - first, longest(last_s)))
            advice_hurry(passage->advice);
    }
    free(step);
    return end;
}

static enum course_end advise(struct passage *passage)
{
    struct limits_pilot pilot;
    const struct course *course = passage->course;
    enum course_end end = take_pilot(passage, &pilot);
    struct advice_request request;

    if (end != COURSE_ANSWERED)
        return end;
    if (!limits_find(course->cpu, &pilot, passage_tasks(passage),
                     passage_cap(course->options), &passage->limits))
        return COURSE_TROUBLE;
    request = passage_request(passage);
    passage->advice = advice_create(&request);
    if (passage->advice == NULL)
        return COURSE_TROUBLE;
    end = race(passage);
    if (end == COURSE_ANSWERED && !passage_answer(passage)) {
        say_trouble("recommend: no memory");
        return COURSE_TROUBLE;
    }
    return end;
}

enum course_end course_take(struct course *course, size_t workload)
{
    struct passage passage = {.course = course,
                              .workload = workload,
                              .until_s = budget_until_s(course, workload)};
    enum course_end end = COURSE_TROUBLE;

    if (!find_lanes(&passage)) {
        say_trouble("%s: no backend can run it",
                    course->record->workloads[workload].id);
        return COURSE_TROUBLE;
    }
    passage.setup = (struct runner_setup){.plan = course->plan,
                                          .record = course->record,
                                          .journal = course->journal,
                                          .budget_s = INFINITY,
                                          .limit_s = course->options->limit_s,
                                          .gap_s = course->options->gap_s};
    passage.runner = runner_open(&passage.setup);
    if (passage.runner != NULL)
        end = advise(&passage);
    else
        say_trouble("recommend: no memory");
    runner_close(passage.runner);
    advice_destroy(passage.advice);
    limits_finish(&passage.limits);
    return end;
}
