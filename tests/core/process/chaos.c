/* SPDX-License-Identifier: MIT */
/*
 * chaos [SEED [ROUNDS]]: the process backend with points at which a plan kills
 * and delays. Workers die at each point of a task's cycle in turn; then at
 * random ones while everybody is delayed, round by round, each with a seed of
 * its own. A round that fails or hangs has told its seed: run that one again.
 */
#include "process.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chaos_plan.h"
#include "future_impl.h"

static uint64_t first_seed = 1;
static int rounds = 12;

static struct cf_executor *executor_with(size_t workers)
{
    struct cf_options options = {.max_workers = workers,
                                 .start_method = CF_START_FORK,
                                 .crash_limit = 1000000};
    struct cf_executor *executor;

    chaos_plan.kills = shared_memory(sizeof *chaos_plan.kills);
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    return executor;
}

/* Bytes of a length that its number tells: none, in a slot, in an arena. */
static enum cf_status fill(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    static const size_t sizes[] = {0, 150, 5000};
    int number = *(const int *)arg;
    size_t bytes = sizes[number % 3];
    (void)arg_bytes;
    void *space = cf_return_space(task, bytes);
    if (space == NULL && bytes > 0)
        return CF_NOMEM;
    if (bytes > 0)
        memset(space, number & 0xff, bytes);
    return CF_OK;
}

static void assert_filled(struct cf_future *future, int number)
{
    static const size_t sizes[] = {0, 150, 5000};
    const void *result;
    size_t bytes;

    assert_status(cf_result_view(future, CF_FOREVER, &result, &bytes), CF_OK);
    assert_int_equal(bytes, sizes[number % 3]);
    for (size_t i = 0; i < bytes; i++)
        assert_int_equal(((const unsigned char *)result)[i], number & 0xff);
}

static const int endings[] = {SIGKILL, SIGSEGV, 0};
enum { ENDINGS = 3, TASKS = 40 };

/* The one worker ends so; it can cost one task at most. */
static int survive_an_end(enum cfi_chaos_point point, uint64_t pass, int signal)
{
    struct cf_future *futures[TASKS];
    int crashed = 0;

    chaos_plan = (struct chaos_plan){
        .is_aimed = true, .point = point, .pass = pass, .signal = signal};
    struct cf_executor *executor = executor_with(1);
    for (int i = 0; i < TASKS; i++)
        futures[i] = submit_int(executor, fill, i);
    for (int i = 0; i < TASKS; i++) {
        struct cf_error error = error_of(futures[i]);
        if (error.status == CF_CRASHED) {
            assert_int_equal(error.signal, signal);
            crashed++;
        } else {
            assert_filled(futures[i], i);
        }
        cf_future_release(futures[i]);
    }
    assert_serves(executor);
    /* a worker may pass by asleep no more often than it likes */
    if (point != CFI_CHAOS_DOZING)
        assert_int_equal(*chaos_plan.kills, 1);
    cf_executor_destroy(executor);
    return crashed;
}

static void a_death_at_any_point_costs_one_task_at_most(void **state)
{
    static const uint64_t passes[] = {1, 2, TASKS};
    int crashed[CFI_CHAOS_DOZING + 1] = {0};

    (void)state;
    for (int point = 0; point <= CFI_CHAOS_DOZING; point++)
        for (int pass = 0; pass < (is_sanitized() ? 2 : 3); pass++)
            for (int how = 0; how < ENDINGS; how++)
                crashed[point] += survive_an_end((enum cfi_chaos_point)point,
                                                 passes[pass], endings[how]);
    /* between claim and commit it costs the task, elsewhere none */
    int each = (is_sanitized() ? 2 : 3) * ENDINGS;
    for (int point = 0; point <= CFI_CHAOS_DOZING; point++)
        assert_int_equal(crashed[point], point >= CFI_CHAOS_CLAIMED &&
                                                 point <= CFI_CHAOS_REPORTED
                                             ? each
                                             : 0);
}

/* Two tasks of its own: one is run in its wait, one by another worker. */
static enum cf_status add_squares(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    static const int64_t timeouts_ns[] = {CF_FOREVER, 3600000000000};
    struct cf_call again = {.retries = 9, .retry_on = CF_RETRY_CRASHED};
    struct cf_future *futures[2];
    int squares[2];

    for (int i = 0; i < 2; i++)
        if (cf_submit_call(cf_task_executor(task), square, arg, arg_bytes,
                           &again, &futures[i]) != CF_OK)
            return cf_raise(task, 1, "%s", cf_last_error().text);
    for (int i = 0; i < 2; i++) {
        if (cf_result(futures[i], timeouts_ns[i], &squares[i],
                      sizeof squares[i]) != CF_OK)
            return cf_raise(task, 2, "%s", cf_last_error().text);
        cf_future_release(futures[i]);
    }
    squares[0] += squares[1];
    return cf_return(task, &squares[0], sizeof squares[0]);
}

static void a_death_amid_a_question_costs_no_other_task(void **state)
{
    struct cf_call again = {.retries = 9, .retry_on = CF_RETRY_CRASHED};
    struct cf_future *futures[6];

    (void)state;
    for (int i = 0; i < 30; i++) {
        chaos_plan = (struct chaos_plan){
            .is_aimed = true,
            .point = (enum cfi_chaos_point)(CFI_CHAOS_ASKING + i % 3),
            .pass = 1 + (uint64_t)i / 3,
            .signal = SIGKILL};
        struct cf_executor *executor = executor_with(2);
        for (int k = 0; k < 6; k++)
            futures[k] =
                submit_call(executor, add_squares, &k, sizeof k, again);
        for (int k = 0; k < 6; k++)
            assert_int_equal(int_result(futures[k]), 2 * k * k);
        assert_serves(executor);
        assert_status(cf_join(executor, CF_FOREVER), CF_OK);
        assert_int_equal(cf_executor_stats(executor).unfinished, 0);
        if (i < 9) /* each first one asks three times at least */
            assert_int_equal(*chaos_plan.kills, 1);
        cf_executor_destroy(executor);
    }
}

/* Tasks of all kinds: some are stopped, some have a limit that they keep. */
static void run_a_round(struct cf_executor *executor)
{
    struct cf_call call = {.retries = 1000000,
                           .retry_on = CF_RETRY_CRASHED,
                           .timeout_ns = 3600000000000};
    struct cf_future *futures[100];

    for (int i = 0; i < 100; i++)
        assert_status(
            cf_submit_call(executor, fill, &i, sizeof i, &call, &futures[i]),
            CF_OK);
    for (int i = 7; i < 100; i += 10)
        (void)!cf_stop(futures[i], i % 3 * 20000);
    for (int i = 0; i < 100; i++) {
        enum cf_status status = error_of(futures[i]).status;
        if (i % 10 != 7 || status == CF_OK)
            assert_filled(futures[i], i);
        else
            assert_true(status == CF_STOPPED || status == CF_CANCELLED ||
                        status == CF_CRASHED);
        cf_future_release(futures[i]);
    }
}

static void nothing_is_lost_while_workers_die_and_all_are_delayed(void **state)
{
    uint64_t kills = 0;

    (void)state;
    for (int i = 0; i < rounds; i++) {
        uint64_t seed = first_seed + (uint64_t)i;
        chaos_plan = (struct chaos_plan){.seed = seed,
                                         .kills_per_million = 20000,
                                         .delays_per_million = 50000};
        struct cf_executor *executor = executor_with(1 + seed % 8);
        if (rounds > 1) /* the last one told is the one that fails */
            fprintf(stderr, "\rseed %d ", (int)seed);
        run_a_round(executor);
        kills += *chaos_plan.kills;
        cf_executor_destroy(executor);
    }
    print_message("\r%d rounds, %d kills\n", rounds, (int)kills);
    assert_true(kills > (uint64_t)rounds);
}

static enum cf_status spin_for(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    int64_t until_ns = now_ns() + *(const int *)arg;
    (void)arg_bytes;
    while (now_ns() < until_ns)
        ;
    return cf_return(task, arg, sizeof(int));
}

/* Arrives at a gate and ends soon. */
static enum cf_status arrive_and_end(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    int length_ns = 30000;
    (void)arg_bytes;
    if (!tell(((const struct gate *)arg)->out[1], 0))
        return cf_raise(task, 1, "the gate is broken");
    return spin_for(task, &length_ns, sizeof length_ns);
}

/* Two tasks in one worker: a stop of the first, however it is held up, never
 * hits the second. */
static void a_stop_that_is_delayed_hits_its_task_or_nobody(void **state)
{
    struct gate gate;

    (void)state;
    gate_make(&gate);
    chaos_plan =
        (struct chaos_plan){.seed = first_seed, .delays_per_million = 500000};
    struct cf_executor *executor = executor_with(1);
    for (int i = 0; i < (is_sanitized() ? 50 : 300); i++) {
        struct cf_future *first =
            submit(executor, arrive_and_end, &gate, sizeof gate);
        struct cf_future *second = submit_int(executor, spin_for, 300000);
        gate_await(&gate, 1);
        (void)!cf_stop(first, 0);
        cf_future_release(first);
        assert_int_equal(int_result(second), 300000);
    }
    cf_executor_destroy(executor);
    gate_close(&gate);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(a_death_at_any_point_costs_one_task_at_most),
        cmocka_unit_test(a_death_amid_a_question_costs_no_other_task),
        cmocka_unit_test(nothing_is_lost_while_workers_die_and_all_are_delayed),
        cmocka_unit_test(a_stop_that_is_delayed_hits_its_task_or_nobody),
    };
    const struct CMUnitTest seeded[] = {
        cmocka_unit_test(nothing_is_lost_while_workers_die_and_all_are_delayed),
    };

    if (argc > 1) {
        first_seed = strtoull(argv[1], NULL, 10);
        rounds = argc > 2 ? atoi(argv[2]) : 1;
        return cmocka_run_group_tests(seeded, NULL, NULL);
    }
    return cmocka_run_group_tests(all, NULL, NULL);
}
