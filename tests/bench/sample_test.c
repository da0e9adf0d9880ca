/* SPDX-License-Identifier: MIT */
/* Samples of workloads that behave, and of some that do not. */
#include "sample.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "interrupt.h"
#include "sample_record.h"

enum { TASKS = 40 };

static int items[TASKS];
static const struct wl_work work = {.items = items, .item_bytes = sizeof(int)};

static enum cf_status echo(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    return cf_return(task, arg, arg_bytes);
}

static enum cf_status crash(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    (void)task, (void)arg, (void)arg_bytes;
    signal(SIGSEGV, SIG_DFL); /* sanitizers catch it */
    raise(SIGSEGV);
    return CF_OK;
}

static enum cf_status leave(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    (void)task, (void)arg, (void)arg_bytes;
    _exit(7);
}

static enum cf_status hang(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    (void)arg, (void)arg_bytes;
    while (!cf_stopping(task))
        pause();
    return CF_OK;
}

static enum cf_status refuse(struct cf_task *task, const void *arg,
                             size_t arg_bytes)
{
    int number = *(const int *)arg;

    if (number == 17)
        return cf_raise(task, 5, "seventeen is too much");
    return cf_return(task, arg, arg_bytes);
}

static bool is_echo(const struct wl_work *made, size_t i, const void *output,
                    size_t output_bytes)
{
    (void)made;
    return output_bytes == sizeof(int) && *(const int *)output == (int)i;
}

static bool is_odd_one_wrong(const struct wl_work *made, size_t i,
                             const void *output, size_t output_bytes)
{
    return is_echo(made, i, output, output_bytes) && i != 3;
}

/* Looks at the first result for 0.1 s of CPU time. */
static bool is_echo_at_last(const struct wl_work *made, size_t i,
                            const void *output, size_t output_bytes)
{
    clock_t begun = clock();

    while (i == 0 && clock() - begun < CLOCKS_PER_SEC / 10)
        ;
    return is_echo(made, i, output, output_bytes);
}

static struct child_report measure(struct sample_room *room, cf_function *task,
                                   const struct sample_numbers **numbers)
{
    static struct wl_workload workload;
    struct sample_setup setup = {.workload = &workload,
                                 .work = &work,
                                 .tasks = TASKS,
                                 .backend = CF_THREAD,
                                 .workers = 2,
                                 .chunk = 1,
                                 .warmup = 1,
                                 .limit_ns = 10000000000};

    for (int i = 0; i < TASKS; i++)
        items[i] = i;
    workload =
        (struct wl_workload){.name = "test", .task = task, .verify = is_echo};
    if (task == hang)
        setup.limit_ns = 400000000;
    return sample_measure(room, &setup, numbers);
}

static const char *why(cf_function *task)
{
    static char text[256];
    struct sample_room *room = sample_room_create(1, 0);
    const struct sample_numbers *numbers;

    assert_non_null(room);
    measure(room, task, &numbers);
    strcpy(text, numbers->why);
    sample_room_destroy(room);
    return text;
}

static void a_sample_has_times_for_each_batch_and_task(void **state)
{
    struct sample_room *room = sample_room_create(1, 0);
    const struct sample_numbers *numbers;
    struct child_report report = measure(room, echo, &numbers);

    (void)state;
    assert_string_equal(numbers->why, "");
    assert_int_equal(report.end, CHILD_ENDED);
    assert_int_equal(numbers->batch_count, 2);
    for (int i = 0; i < 2; i++) {
        assert_true(numbers->batches[i].is_verified);
        assert_true(numbers->batches[i].elapsed_ns > 0);
        assert_true(numbers->batches[i].submit_ns <=
                    numbers->batches[i].elapsed_ns);
    }
    assert_true(numbers->batches[1].started_ns >
                numbers->batches[0].started_ns);
    assert_int_equal(histogram_total(numbers->service), TASKS);
    assert_true(numbers->create_ns > 0);
    assert_false(numbers->is_foreign);
    sample_room_destroy(room);
}

static void a_process_worker_is_seen_and_may_crash(void **state)
{
    struct wl_workload workload = {
        .name = "test", .task = echo, .verify = is_echo};
    struct sample_setup setup = {.workload = &workload,
                                 .work = &work,
                                 .tasks = TASKS,
                                 .backend = CF_PROCESS,
                                 .workers = 2,
                                 .chunk = 1,
                                 .limit_ns = 10000000000};
    struct sample_room *room = sample_room_create(0, 0);
    const struct sample_numbers *numbers;

    (void)state;
    if (cf_backend_missing(CF_PROCESS) != NULL)
        skip();
    sample_measure(room, &setup, &numbers);
    assert_string_equal(numbers->why, "");
    assert_true(numbers->is_foreign);
    workload.task = crash;
    sample_measure(room, &setup, &numbers);
    assert_string_equal(numbers->why,
                        "task 0: its worker died: Segmentation fault");
    sample_room_destroy(room);
}

static void what_goes_wrong_is_named(void **state)
{
    (void)state;
    assert_string_equal(why(crash),
                        "the sample's process died: Segmentation fault");
    assert_string_equal(why(leave),
                        "the sample's process ended with exit code 7");
    assert_string_equal(why(hang), "took longer than the limit of 0.4 s");
    assert_string_equal(why(refuse),
                        "task 17: CF_EXCEPTION: seventeen is too much");
}

static void a_wrong_result_has_no_time(void **state)
{
    struct wl_workload workload = {
        .name = "test", .task = echo, .verify = is_odd_one_wrong};
    struct sample_setup setup = {.workload = &workload,
                                 .work = &work,
                                 .tasks = TASKS,
                                 .backend = CF_SERIAL,
                                 .workers = 1,
                                 .chunk = 1,
                                 .limit_ns = 10000000000};
    struct sample_room *room = sample_room_create(0, 0);
    struct sample_taken taken = {.setup = &setup};
    struct record *record = record_create();

    (void)state;
    assert_non_null(record_add_case(record));
    taken.report = sample_measure(room, &setup, &taken.numbers);
    assert_string_equal(taken.numbers->why, "task 3: wrong result");
    assert_true(sample_record(&taken, record));
    assert_int_equal(record->sample_count, 1);
    assert_true(isnan(record->samples[0].elapsed_s));
    assert_false(record->samples[0].verified);
    assert_string_equal(record->samples[0].reason, "task 3: wrong result");
    record_destroy(record);
    sample_room_destroy(room);
}

static void percentiles_stand_on_enough_tasks(void **state)
{
    struct wl_workload workload = {
        .name = "test", .task = echo, .verify = is_echo};
    struct sample_setup setup = {.workload = &workload,
                                 .work = &work,
                                 .tasks = TASKS,
                                 .backend = CF_SERIAL,
                                 .workers = 1,
                                 .chunk = 1,
                                 .limit_ns = 10000000000};
    struct sample_room *room = sample_room_create(0, 0);
    struct sample_taken taken = {.setup = &setup};
    struct record *record = record_create();
    const struct record_sample *sample;

    (void)state;
    assert_non_null(record_add_case(record));
    taken.report = sample_measure(room, &setup, &taken.numbers);
    assert_true(sample_record(&taken, record));
    sample = &record->samples[0];
    assert_true(isfinite(sample->latency.p50_s)); /* needs 20 of 40  */
    assert_true(isnan(sample->latency.p90_s));    /* needs 100 of 40 */
    assert_true(sample->cpu_user_s >= 0);
    assert_true(sample->peak_rss_bytes > 0);
    record_destroy(record);
    sample_room_destroy(room);
}

static double cpu_seconds(const struct rusage *usage)
{
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

static void
a_batch_of_threads_has_used_what_it_took_to_its_results(void **state)
{
    struct wl_workload workload = {
        .name = "test", .task = echo, .verify = is_echo_at_last};
    struct sample_setup setup = {.workload = &workload,
                                 .work = &work,
                                 .tasks = TASKS,
                                 .backend = CF_THREAD,
                                 .workers = 2,
                                 .chunk = 1,
                                 .limit_ns = 10000000000};
    struct sample_room *room = sample_room_create(0, 0);
    struct sample_taken taken = {.setup = &setup};
    struct record *record = record_create();

    (void)state;
    assert_non_null(record_add_case(record));
    taken.report = sample_measure(room, &setup, &taken.numbers);
    assert_true(sample_record(&taken, record));
    assert_true(record->samples[0].verified);
    assert_true(
        cpu_seconds(&taken.report.usage) -
            (record->samples[0].cpu_user_s + record->samples[0].cpu_sys_s) >
        0.09);
    record_destroy(record);
    sample_room_destroy(room);
}

static void no_process_is_left_behind(void **state)
{
    (void)state;
    why(hang);
    why(crash);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_has_times_for_each_batch_and_task),
        cmocka_unit_test(a_process_worker_is_seen_and_may_crash),
        cmocka_unit_test(what_goes_wrong_is_named),
        cmocka_unit_test(a_wrong_result_has_no_time),
        cmocka_unit_test(percentiles_stand_on_enough_tasks),
        cmocka_unit_test(
            a_batch_of_threads_has_used_what_it_took_to_its_results),
        cmocka_unit_test(no_process_is_left_behind),
    };

    interrupt_catch();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
