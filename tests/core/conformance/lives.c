/* SPDX-License-Identifier: MIT */
/* How long workers live, how many there are, and what their threads are. */
#include "seen.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define MS 1000000LL

static bool keeps_threads(void)
{
    return backend == CF_THREAD || backend == CF_GIL;
}

static bool replaces_workers(void)
{
    return keeps_threads() || backend == CF_PROCESS;
}

static struct cf_executor *executor_with(struct cf_options options)
{
    struct cf_executor *executor;
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    return executor;
}

static void a_worker_leaves_after_so_many_tasks(void **state)
{
    (void)state;
    SKIP_IF(!keeps_threads(), "its workers cannot be replaced");
    struct seen seen = SEEN_NOBODY;
    struct cf_executor *executor =
        executor_with((struct cf_options){.max_workers = 1,
                                          .max_tasks_per_worker = 3,
                                          .observer = note_worker,
                                          .observer_context = &seen});
    struct cf_future *futures[9];
    for (int i = 0; i < 9; i++)
        futures[i] = submit_int(executor, square, i);
    for (int i = 0; i < 9; i++) {
        assert_int_equal(int_result(futures[i]), i * i);
        assert_int_equal(cf_future_info(futures[i]).worker, 0);
        cf_future_release(futures[i]);
    }
    await_ended(&seen, 3);
    cf_executor_destroy(executor);
    assert_int_equal(seen.started, 3);
    assert_int_equal(seen.ended, 3);
}

/* The worker leaves with them in its queue, and none follows. That they are
 * freed the address sanitizer sees. */
static void what_was_cancelled_in_the_queue_goes_with_the_executor(void **state)
{
    (void)state;
    SKIP_IF(!keeps_threads(), "its workers cannot be replaced");
    struct cf_executor *executor = executor_with(
        (struct cf_options){.max_workers = 1, .max_tasks_per_worker = 1});
    struct gate gate;
    gate_make(&gate);
    struct cf_future *busy =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    gate_await(&gate, 1);
    for (int i = 0; i < 100; i++) {
        struct cf_future *future = submit_int(executor, square, i);
        assert_true(cf_cancel(future));
        cf_future_release(future);
    }
    gate_open(&gate, 1);
    cf_future_release(busy);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void the_tasks_of_a_chunk_count_one_by_one(void **state)
{
    (void)state;
    SKIP_IF(!keeps_threads(), "its workers cannot be replaced");
    struct seen seen = SEEN_NOBODY;
    struct cf_executor *executor =
        executor_with((struct cf_options){.max_workers = 1,
                                          .max_tasks_per_worker = 3,
                                          .observer = note_worker,
                                          .observer_context = &seen});
    struct cf_map_options options = {.chunk = 3};
    struct cf_iterator *iterator;
    int items[9] = {0};

    assert_status(cf_map(executor, square, items, sizeof items[0], 9, &options,
                         &iterator),
                  CF_OK);
    await_ended(&seen, 3);
    cf_iterator_release(iterator);
    cf_executor_destroy(executor);
    assert_int_equal(seen.started, 3);
}

static void a_task_that_was_cancelled_does_not_count(void **state)
{
    (void)state;
    SKIP_IF(!keeps_threads(), "its workers cannot be replaced");
    struct seen seen = SEEN_NOBODY;
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor =
        executor_with((struct cf_options){.max_workers = 1,
                                          .max_tasks_per_worker = 2,
                                          .observer = note_worker,
                                          .observer_context = &seen});
    struct cf_future *first =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    gate_await(&gate, 1);
    for (int i = 0; i < 3; i++) {
        struct cf_future *future = submit_int(executor, square, i);
        assert_true(cf_cancel(future));
        cf_future_release(future);
    }
    struct cf_future *second = submit_int(executor, square, 4);

    gate_open(&gate, 1);
    assert_int_equal(int_result(second), 16);
    await_ended(&seen, 1);
    cf_future_release(first);
    cf_future_release(second);
    cf_executor_destroy(executor);
    assert_int_equal(seen.started, 1);
    gate_close(&gate);
}

static void a_worker_that_is_idle_for_long_leaves(void **state)
{
    (void)state;
    SKIP_IF(!keeps_threads(), "its workers stay");
    struct seen seen = SEEN_NOBODY;
    struct cf_executor *executor =
        executor_with((struct cf_options){.max_workers = 3,
                                          .start_all = true,
                                          .idle_timeout_ns = 5 * MS,
                                          .observer = note_worker,
                                          .observer_context = &seen});
    await_ended(&seen, 3); /* and none is left */
    struct cf_future *future = submit_int(executor, square, 4);
    assert_int_equal(int_result(future), 16); /* one comes when needed */
    cf_future_release(future);
    await_ended(&seen, 4);
    cf_executor_destroy(executor);
    assert_int_equal(seen.started, 4);
}

static void tasks_and_idle_times_that_collide_lose_nothing(void **state)
{
    (void)state;
    SKIP_IF(!replaces_workers(), "its workers stay");
    struct cf_executor *executor = executor_with((struct cf_options){
        .max_workers = 2, .idle_timeout_ns = 1, .max_tasks_per_worker = 2});
    int rounds = keeps_threads() ? 3000 : 100; /* a process takes longer */
    for (int i = 0; i < rounds; i++) {
        struct cf_future *future = submit_int(executor, square, i % 100);
        assert_int_equal(int_result(future), (i % 100) * (i % 100));
        cf_future_release(future);
    }
    cf_executor_destroy(executor);
}

/* --- their number --- */

static void workers_can_be_added_while_it_runs(void **state)
{
    (void)state;
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    enum cf_status status = cf_set_workers(executor, 3);
    if (!replaces_workers()) {
        assert_status(status, CF_UNSUPPORTED);
        cf_executor_destroy(executor);
        gate_close(&gate);
        SKIP_IF(true, "how many it has is fixed");
    }
    assert_status(status, CF_OK);
    assert_int_equal(cf_executor_workers(executor), 3);
    struct cf_future *futures[3];
    for (int i = 0; i < 3; i++)
        futures[i] = submit(executor, stand_at_gate, &gate, sizeof gate);
    gate_await(&gate, 3); /* all three at once */
    gate_open(&gate, 3);
    for (int i = 0; i < 3; i++) {
        int_result(futures[i]);
        assert_true(cf_future_info(futures[i]).worker < 3);
        cf_future_release(futures[i]);
    }
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void the_highest_workers_leave_when_fewer_are_asked_for(void **state)
{
    (void)state;
    SKIP_IF(!keeps_threads(), "how many it has is fixed");
    struct seen seen = SEEN_NOBODY;
    struct cf_executor *executor =
        executor_with((struct cf_options){.max_workers = 4,
                                          .start_all = true,
                                          .observer = note_worker,
                                          .observer_context = &seen});
    assert_status(cf_set_workers(executor, 1), CF_OK);
    await_ended(&seen, 3);
    for (int i = 0; i < 10; i++) {
        struct cf_future *future = submit_int(executor, square, i);
        assert_int_equal(int_result(future), i * i);
        assert_int_equal(cf_future_info(future).worker, 0);
        cf_future_release(future);
    }
    assert_status(cf_set_workers(executor, 0), CF_INVALID);
    assert_status(cf_set_workers(executor, 65537), CF_INVALID);
    assert_status(cf_set_workers(NULL, 1), CF_INVALID);
    assert_int_equal(cf_executor_workers(executor), 1);
    cf_executor_destroy(executor);
}

/* --- what their threads are --- */

static enum cf_status tell_name(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    char name[16] = "";
    (void)arg;
    (void)arg_bytes;
    prctl(PR_GET_NAME, name);
    return cf_return(task, name, sizeof name);
}

static void threads_are_named(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "it has no thread of its own");
    SKIP_IF(is_remote(), "its workers are processes");
    char name[16] = "", prefix[] = "crunch";
    struct cf_executor *executor =
        executor_with((struct cf_options){.max_workers = 1, .name = prefix});
    memset(prefix, 'x', sizeof prefix - 1); /* it was copied */
    struct cf_future *future = submit(executor, tell_name, NULL, 0);
    assert_status(cf_result(future, CF_FOREVER, name, sizeof name), CF_OK);
    assert_string_equal(name, "crunch-0");
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static enum cf_status tell_stack(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    pthread_attr_t attributes;
    size_t bytes = 0;
    (void)arg;
    (void)arg_bytes;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstacksize(&attributes, &bytes);
    pthread_attr_destroy(&attributes);
    return cf_return(task, &bytes, sizeof bytes);
}

static void a_threads_stack_has_the_size_asked_for(void **state)
{
    (void)state;
    SKIP_IF(!keeps_threads(), "its stacks are not ours to choose");
    struct cf_executor *executor = executor_with(
        (struct cf_options){.max_workers = 1, .stack_bytes = 1 << 20});
    struct cf_future *future = submit(executor, tell_stack, NULL, 0);
    size_t bytes = 0;
    assert_status(cf_result(future, CF_FOREVER, &bytes, sizeof bytes), CF_OK);
    assert_true(bytes >= 1 << 20 && bytes < 1 << 21);
    cf_future_release(future);
    cf_executor_destroy(executor);

    struct cf_options small = {.stack_bytes = 1000};
    assert_status(cf_executor_create(backend, &small, &executor), CF_INVALID);
}

static enum cf_status tell_cpus(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    int told[2]; /* how many, and one of them */
    cpu_set_t cpus;
    (void)arg;
    (void)arg_bytes;

    if (sched_getaffinity(0, sizeof cpus, &cpus) != 0)
        return cf_raise(task, errno, "no affinity");
    told[0] = CPU_COUNT(&cpus);
    for (told[1] = 0; !CPU_ISSET((size_t)told[1], &cpus); told[1]++)
        ;
    return cf_return(task, told, sizeof told);
}

static void assert_bound(struct cf_options options, int cpu)
{
    int told[2];
    struct cf_executor *executor = executor_with(options);
    struct cf_future *future = submit(executor, tell_cpus, NULL, 0);
    assert_status(cf_result(future, CF_FOREVER, told, sizeof told), CF_OK);
    assert_int_equal(told[0], 1);
    if (cpu >= 0)
        assert_int_equal(told[1], cpu);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void workers_keep_to_their_cpus(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "it has no thread of its own");
    SKIP_IF(is_remote(), "its workers are processes");
    cpu_set_t usable;
    int last = 0, none = 0;
    assert_int_equal(sched_getaffinity(0, sizeof usable, &usable), 0);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET((size_t)cpu, &usable))
            last = cpu;
    while (CPU_ISSET((size_t)none, &usable))
        none++;
    assert_bound((struct cf_options){.max_workers = 1,
                                     .bind = CF_BIND_LIST,
                                     .cpus = &last,
                                     .cpu_count = 1},
                 last);
    assert_bound((struct cf_options){.max_workers = 1, .bind = CF_BIND_COMPACT},
                 -1);
    assert_bound((struct cf_options){.max_workers = 1, .bind = CF_BIND_SPREAD},
                 -1);

    struct cf_executor *executor;
    struct cf_options wrong[] = {
        {.bind = CF_BIND_LIST},
        {.bind = CF_BIND_LIST, .cpus = &none, .cpu_count = 1},
        {.bind = (enum cf_bind)9},
        {.idle_timeout_ns = -1},
        {.max_spare_workers = 65537},
        {.rank_workers = 65537},
        {.rank_workers = SIZE_MAX},
        {.start_method = (enum cf_start_method)9},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_status((cf_executor_create)(backend, &wrong[i], &executor),
                      CF_INVALID); /* with its own start method */
    assert_non_null(strstr(cf_last_error().text, "option start_method"));
}

static void what_a_backend_cannot_keep_is_refused(void **state)
{
    bool is_fixed = backend == CF_OPENMP || backend == CF_MPI;
    const struct {
        struct cf_options options;
        bool is_kept; /* as options.h says */
        const char *what;
    } wishes[] = {
        {{.max_worker_bytes = 1 << 30}, backend == CF_PROCESS, "memory per"},
        {{.max_tasks_per_worker = 1}, !is_serial() && !is_fixed, "tasks per"},
        {{.idle_timeout_ns = 1}, !is_fixed, "idle time-out"},
        {{.stack_bytes = 1 << 20}, !is_fixed && !is_remote(), "stacks"},
        {{.name = "crunch"}, !is_remote(), "name of threads"},
        {{.bind = CF_BIND_COMPACT}, !is_remote(), "binding"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
        bool is_kept = wishes[i].is_kept;
        struct cf_executor *executor;
        assert_status(
            cf_executor_create(backend, &wishes[i].options, &executor),
            is_kept ? CF_OK : CF_UNSUPPORTED);
        assert_true(is_kept || strstr(cf_last_error().text, wishes[i].what));
        cf_executor_destroy(executor); /* or NULL */
    }
}

int run_life_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_leaves_after_so_many_tasks),
        cmocka_unit_test(
            what_was_cancelled_in_the_queue_goes_with_the_executor),
        cmocka_unit_test(the_tasks_of_a_chunk_count_one_by_one),
        cmocka_unit_test(a_task_that_was_cancelled_does_not_count),
        cmocka_unit_test(a_worker_that_is_idle_for_long_leaves),
        cmocka_unit_test(tasks_and_idle_times_that_collide_lose_nothing),
        cmocka_unit_test(workers_can_be_added_while_it_runs),
        cmocka_unit_test(the_highest_workers_leave_when_fewer_are_asked_for),
        cmocka_unit_test(threads_are_named),
        cmocka_unit_test(a_threads_stack_has_the_size_asked_for),
        cmocka_unit_test(workers_keep_to_their_cpus),
        cmocka_unit_test(what_a_backend_cannot_keep_is_refused),
    };
    return cmocka_run_group_tests_name("lives", tests, NULL, NULL);
}
