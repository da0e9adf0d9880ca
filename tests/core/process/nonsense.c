/* SPDX-License-Identifier: MIT */
/* Workers that ask at the desk for what no task asks for, or when none would:
 * they are believed as little there as in their rings. */
#include "process.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "future_impl.h"
#include "region.h"
#include "worker_executor.h"

static struct cf_executor *executor_with(size_t workers)
{
    struct cf_options options = {.max_workers = workers,
                                 .start_method = CF_START_FORK,
                                 .crash_limit = 1000000};
    struct cf_executor *executor;

    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    return executor;
}

/* What this worker shares with its host: the rings, and the desk behind. */
static struct cfi_rings *find_rings(struct cfi_desk **desk)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    unsigned long start = 0;
    char line[500];

    while (maps != NULL && start == 0 && fgets(line, sizeof line, maps))
        if (strstr(line, "memfd:cf-worker") != NULL)
            start = strtoul(line, NULL, 16);
    if (maps != NULL)
        fclose(maps);
    size_t page = 65536;
    *desk = (struct cfi_desk *)(start + (sizeof(struct cfi_rings) + page - 1) /
                                            page * page);
    return (struct cfi_rings *)start;
}

static uint64_t draw(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

/* Asks for something at both windows that may mean nothing: ids, sizes and kinds
 * are drawn. */
static enum cf_status ask_nonsense(struct cf_task *task, const void *arg,
                                   size_t arg_bytes)
{
    static const uint64_t sizes[] = {0, 1, 8, 32768, 32769, UINT64_MAX};
    uint64_t seed = (uint64_t) * (const int *)arg;
    struct cf_future *child;
    struct cfi_desk *desk;
    struct cfi_rings *rings = find_rings(&desk);

    if (rings == NULL || cf_submit(cf_task_executor(task), square, arg,
                                   arg_bytes, &child) != CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    for (size_t i = 0; i < CFI_WINDOWS; i++) {
        struct cfi_window *window = &desk->windows[i];
        window->question = (struct cfi_question){
            .kind = (uint32_t)draw(&seed) % (CFI_ASK_MORE + 2),
            .detail = (uint32_t)draw(&seed) % 3,
            .id = cfi_rest(child)->ticket + draw(&seed) % 2,
            .bytes = sizes[draw(&seed) % 6],
            .all_bytes = sizes[draw(&seed) % 6],
            .name_bytes = sizes[draw(&seed) % 6],
            .timeout_ns = (int64_t)draw(&seed) % 3 - 1,
            .retries = (uint32_t)draw(&seed)};
        if (window->question.kind == CFI_ASK_SHUTDOWN)
            window->question.kind = CFI_ASK_PARCEL; /* that one it may ask */
        atomic_fetch_add(&window->asked, 1 + (uint32_t)draw(&seed) % 2);
        atomic_fetch_add(&rings->questions, 1);
    }
    usleep(200);
    return CF_OK;
}

static void a_worker_that_asks_nonsense_costs_one_task(void **state)
{
    /* what the worker has run by then, or runs */
    struct cf_call again = {.retries = 9, .retry_on = CF_RETRY_CRASHED};

    (void)state;
    struct cf_executor *executor = executor_with(2);
    for (int i = 0; i < 150; i++) {
        struct cf_future *bad = submit_int(executor, ask_nonsense, i);
        struct cf_future *good =
            submit_call(executor, square, &i, sizeof i, again);
        enum cf_status status = error_of(bad).status;
        assert_true(status == CF_OK || status == CF_CRASHED);
        assert_int_equal(int_result(good), i * i);
        cf_future_release(bad);
    }
    cf_executor_destroy(executor);
}

/* What a task leaves behind in its worker. */
static struct {
    struct gate gate;
    struct cfi_worker_executor *own;
} left_behind;

/* Says that its worker's task sleeps, when it has none any more. */
static void *ask_too_late(void *context)
{
    const struct cfi_question sleep = {.kind = CFI_ASK_SLEEP};

    (void)context;
    if (gate_pass(&left_behind.gate) &&
        cfi_worker_desk_ask_now(&left_behind.own->desk, &sleep).is_yes)
        (void)!tell(left_behind.gate.out[1], 0);
    return NULL;
}

static enum cf_status leave_a_thread(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    static const int two = 2;
    struct cf_executor *executor = cf_task_executor(task);
    struct cf_future *child; /* which opens the desk */
    pthread_t thread;

    memcpy(&left_behind.gate, arg, arg_bytes);
    left_behind.own = executor->state;
    if (cf_submit(executor, square, &two, sizeof two, &child) != CF_OK ||
        cf_result_view(child, CF_FOREVER, NULL, NULL) != CF_OK ||
        pthread_create(&thread, NULL, ask_too_late, NULL) != 0)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    cf_future_release(child);
    return CF_OK;
}

static void a_question_after_its_task_has_ended_keeps_nobody_away(void **state)
{
    struct gate gate;

    (void)state;
    gate_make(&gate);
    struct cf_executor *executor = executor_with(1);
    struct cf_future *left =
        submit(executor, leave_a_thread, &gate, sizeof gate);
    assert_int_equal(error_of(left).status, CF_OK);
    cf_future_release(left);
    gate_await(&gate, 1);
    gate_open(&gate, 1);
    gate_await(&gate, 1);
    assert_serves(executor);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

/* Borrows two, the second inside the first, and returns the first before it. */
static enum cf_status return_the_outer_first(struct cf_task *task,
                                             const void *arg, size_t arg_bytes)
{
    struct cf_executor *executor = cf_task_executor(task);
    struct cfi_worker_executor *own = executor->state;
    struct cf_future *children[2];

    for (int i = 0; i < 2; i++)
        if (cf_submit(executor, square, arg, arg_bytes, &children[i]) !=
                CF_OK ||
            !cfi_worker_ask(own, CFI_ASK_BORROW, cfi_rest(children[i])->ticket,
                            0)
                 .is_yes)
            return cf_raise(task, 1, "%s", cf_last_error().text);
    for (int i = 0; i < 2; i++)
        cfi_worker_ask(own, CFI_ASK_RETURN, cfi_rest(children[i])->ticket,
                       CF_OK);
    return CF_OK; /* it never hears of them: their futures go with the process */
}

static void
who_ends_before_what_he_waits_for_is_followed_by_nobody(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_with(1);
    struct cf_future *bad = submit_int(executor, return_the_outer_first, 3);
    assert_string_equal(error_of(bad).message, "");
    cf_future_release(bad);
    assert_serves(executor);
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(a_worker_that_asks_nonsense_costs_one_task),
        cmocka_unit_test(a_question_after_its_task_has_ended_keeps_nobody_away),
        cmocka_unit_test(
            who_ends_before_what_he_waits_for_is_followed_by_nobody),
    };
    return cmocka_run_group_tests(all, NULL, NULL);
}
