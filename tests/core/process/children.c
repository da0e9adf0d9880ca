/* SPDX-License-Identifier: MIT */
/* What a task in a worker process may ask of a task that it has submitted, and
 * what may come and go with it. */
#include "nested_tasks.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void note_end(struct cf_future *future, void *context)
{
    atomic_int *ended = context;

    (void)future;
    (*ended)++;
}

/* Looks at a child that stands at the gate, and at one that waits behind it. */
static enum cf_status look_at_children(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    struct cf_executor *executor = cf_task_executor(task);
    const struct plan *plan = arg;
    struct cf_future *stands, *waits;
    struct cf_call call = {.name = "gaoler", .timeout_ns = 3600000 * MS};
    atomic_int ended = 0;
    int number = 0, two = 2;

    if (cf_executor_backend(executor) != CF_PROCESS ||
        cf_submit_call(executor, stand, arg, arg_bytes, &call, &stands) !=
            CF_OK ||
        cf_submit(executor, square, &two, sizeof two, &waits) != CF_OK ||
        cf_add_done_callback(stands, note_end, &ended) != CF_OK ||
        cf_add_done_callback(waits, note_end, &ended) != CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    char byte;
    if (!hear(plan->gate.out[0], &byte) || !cf_running(stands))
        return cf_raise(task, 2, "it does not run");
    if (cf_cancel(stands) || cf_done(stands) || ended != 0)
        return cf_raise(task, 3, "it has ended");
    if (!cf_cancel(waits) || !cf_cancelled(waits) || ended != 1)
        return cf_raise(task, 4, "it was not taken back");
    if (!tell(plan->gate.in[1], 0) ||
        cf_wait(&stands, 1, CF_ALL_COMPLETED, CF_FOREVER, NULL) != CF_OK ||
        cf_result(stands, 0, &number, sizeof number) != CF_OK || number != 7)
        return cf_raise(task, 5, "no result");
    struct cf_future_info info = cf_future_info(stands);
    if (strcmp(cf_future_name(stands), "gaoler") != 0 || info.attempt != 1 ||
        info.pid != plan->seen->pids[1] || info.worker == cf_worker_index(task))
        return cf_raise(task, 6, "it is another one");
    cf_future_release(stands);
    cf_future_release(waits);
    return CF_OK;
}

static void a_child_can_be_looked_at_cancelled_and_waited_for(void **state)
{
    struct plan plan = plan_of(7);
    struct cf_executor *executor = full_executor(2);

    (void)state;
    struct cf_future *blocker =
        submit(executor, look_at_children, &plan, sizeof plan);
    assert_string_equal(error_of(blocker).message, "");
    cf_future_release(blocker);
    cf_executor_destroy(executor);
    gate_close(&plan.gate);
}

/* Takes and gives back a large payload; by value, in pieces. */
static enum cf_status turn_over(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    const unsigned char *from = arg;
    unsigned char *to = cf_return_space(task, arg_bytes);

    if (to == NULL)
        return CF_NOMEM;
    for (size_t i = 0; i < arg_bytes; i++)
        to[i] = (unsigned char)~from[i];
    return CF_OK;
}

static enum cf_status send_bytes(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    size_t bytes = *(const size_t *)arg;
    unsigned char *item = malloc(bytes + 1);
    struct cf_call call = {.name = "turned over", .timeout_ns = 60000 * MS};
    struct cf_future *future;
    const void *result;
    size_t result_bytes;
    (void)arg_bytes;

    for (size_t i = 0; i < bytes; i++)
        item[i] = (unsigned char)(i * 7 + i / 4096);
    enum cf_status status = cf_submit_call(cf_task_executor(task), turn_over,
                                           item, bytes, &call, &future);
    if (status != CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    status = cf_result_view(future, CF_FOREVER, &result, &result_bytes);
    bool is_right = status == CF_OK && result_bytes == bytes;
    for (size_t i = 0; is_right && i < bytes; i++)
        is_right =
            ((const unsigned char *)result)[i] == (unsigned char)~item[i];
    cf_future_release(future);
    free(item);
    return is_right ? CF_OK : cf_raise(task, 2, "%zu bytes", bytes);
}

static void payloads_of_any_size_come_and_go(void **state)
{
    static const size_t sizes[] = {0,     1,     192,    32756,  32757,
                                   32768, 32769, 100000, 1 << 20};
    struct cf_executor *executor = full_executor(2);

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct cf_future *future =
            submit(executor, send_bytes, &sizes[i], sizeof sizes[i]);
        assert_string_equal(error_of(future).message, "");
        cf_future_release(future);
    }
    cf_executor_destroy(executor);
}

static enum cf_status return_a_buffer(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    struct cf_buffer *buffer = NULL;
    (void)arg;
    (void)arg_bytes;

    enum cf_status status = cf_buffer_create(4096, &buffer);
    if (status == CF_OK)
        status = cf_return_buffer(task, buffer);
    cf_buffer_release(buffer);
    return status;
}

static enum cf_status use_buffers(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    struct cf_executor *executor = cf_task_executor(task);
    struct cf_buffer *buffer;
    struct cf_future *future;
    (void)arg;
    (void)arg_bytes;

    if (cf_buffer_create(4096, &buffer) != CF_OK)
        return cf_raise(task, 1, "no buffer");
    struct cf_call call = {.buffers = &buffer, .buffer_count = 1};
    if (cf_submit_call(executor, square, NULL, 0, &call, &future) !=
        CF_UNSUPPORTED)
        return cf_raise(task, 2, "a buffer went");
    cf_buffer_release(buffer);
    for (int i = 0; i < 2; i++) { /* run here, and elsewhere */
        if (cf_submit(executor, return_a_buffer, NULL, 0, &future) != CF_OK)
            return cf_raise(task, 3, "%s", cf_last_error().text);
        enum cf_status status =
            cf_result(future, i == 0 ? CF_FOREVER : 3600000 * MS, NULL, 0);
        struct cf_error error;
        if (cf_future_error(future, 0, &error) != CF_OK ||
            status != CF_UNSUPPORTED ||
            strcmp(error.message, "a buffer cannot travel to a task in a "
                                  "worker process") != 0)
            return cf_raise(task, 4, "a buffer came");
        cf_future_release(future);
    }
    return CF_OK;
}

static void buffers_do_not_travel_between_tasks(void **state)
{
    struct cf_executor *executor = full_executor(1);

    (void)state;
    struct cf_future *future = submit(executor, use_buffers, NULL, 0);
    assert_string_equal(error_of(future).message, "");
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static enum cf_status spill(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    (void)arg_bytes;
    return cf_raise(task, *(const int *)arg, "spilt %d", *(const int *)arg);
}

/* Reads the error of one child, and does not look at those of others. */
static enum cf_status read_one_of_three(struct cf_task *task, const void *arg,
                                        size_t arg_bytes)
{
    static const char *const names[] = {"read", "unread", "not to travel"};
    static cf_function *const functions[] = {spill, spill, return_a_buffer};
    struct cf_executor *executor = cf_task_executor(task);
    struct cf_future *children[3];
    struct cf_error error;

    (void)arg, (void)arg_bytes;
    for (int i = 0; i < 3; i++)
        if (cf_submit_call(executor, functions[i], &i, sizeof i,
                           &(struct cf_call){.name = names[i]},
                           &children[i]) != CF_OK)
            return cf_raise(task, 1, "%s", cf_last_error().text);
    if (cf_wait(children, 3, CF_ALL_COMPLETED, CF_FOREVER, NULL) != CF_OK ||
        cf_future_error(children[0], 0, &error) != CF_OK || error.code != 0)
        return cf_raise(task, 2, "%s", cf_last_error().text);
    for (int i = 0; i < 3; i++)
        cf_future_release(children[i]);
    return CF_OK;
}

/* What the host's handler has heard of "unread", then of all others, and where
 * it says so. Two threads of the host may call it, in either order. */
struct told {
    int pipe[2];
    int codes[2];
    enum cf_status statuses[2];
    char texts[2][160];
};

static void write_down(const char *name, const struct cf_error *error,
                       void *context)
{
    struct told *told = context;
    const char *slash = strrchr(error->file, '/');
    int i = strcmp(name, "unread") != 0;

    told->codes[i] = error->code;
    told->statuses[i] = error->status;
    snprintf(told->texts[i], sizeof told->texts[i], "%s: %s, %s", name,
             error->message, slash != NULL ? slash + 1 : "nowhere");
    (void)!tell(told->pipe[1], 0);
}

static void a_childs_error_that_no_task_reads_is_told_to_the_host(void **state)
{
    struct told told = {0};
    struct cf_options options = {
        .max_workers = 2, .on_error = write_down, .on_error_context = &told};
    struct cf_executor *executor;
    char byte;

    (void)state;
    assert_int_equal(pipe2(told.pipe, O_CLOEXEC), 0);
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    struct cf_future *parent = submit(executor, read_one_of_three, NULL, 0);
    assert_string_equal(error_of(parent).message, "");
    for (int i = 0; i < 2; i++)
        assert_true(hear(told.pipe[0], &byte));
    assert_status(told.statuses[0], CF_EXCEPTION);
    assert_int_equal(told.codes[0], 1);
    assert_string_equal(told.texts[0], "unread: spilt 1, children.c");
    assert_status(told.statuses[1], CF_UNSUPPORTED);
    assert_memory_equal(told.texts[1], "not to travel: ", 15);
    assert_int_equal(cf_executor_stats(executor).unread_errors, 2);
    cf_future_release(parent);
    cf_executor_destroy(executor);
    close(told.pipe[0]);
    close(told.pipe[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_can_be_looked_at_cancelled_and_waited_for),
        cmocka_unit_test(payloads_of_any_size_come_and_go),
        cmocka_unit_test(buffers_do_not_travel_between_tasks),
        cmocka_unit_test(a_childs_error_that_no_task_reads_is_told_to_the_host),
    };
    return cmocka_run_group_tests_name("children", tests, NULL, NULL);
}
