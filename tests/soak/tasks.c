/* SPDX-License-Identifier: MIT */
/*
 * soak_tasks BACKEND TASKS: nothing is lost and nothing runs twice, over a long
 * time. Tasks are numbered; each returns a number made from its own. Of what
 * came back the sum and the exclusive or are compared with those computed
 * here, and the executor's own counts with the number of tasks: one lost, or
 * one run twice, shows in all three.
 *
 * They come in by turns: one by one, as an array, and as tasks that submit
 * tasks (on backends whose tasks can). Prints a line each minute.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cf/cf.h>

enum { WINDOW = 10000, FAN = 10 };

struct totals {
    uint64_t sum;
    uint64_t exclusive_or;
};

static uint64_t made_from(uint64_t number)
{
    number ^= number >> 31;
    return number * 0x9e3779b97f4a7c15u;
}

static void note(struct totals *totals, uint64_t value)
{
    totals->sum += value;
    totals->exclusive_or ^= value;
}

static void must(enum cf_status status)
{
    if (status == CF_OK)
        return;
    fprintf(stderr, "soak_tasks: %s: %s\n", cf_status_name(status),
            cf_last_error().text);
    exit(1);
}

static enum cf_status make(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    uint64_t value = made_from(*(const uint64_t *)arg);
    (void)arg_bytes;
    return cf_return(task, &value, sizeof value);
}

static void collect(struct cf_future **futures, size_t count,
                    struct totals *totals)
{
    uint64_t value;

    for (size_t i = 0; i < count; i++) {
        must(cf_result(futures[i], CF_FOREVER, &value, sizeof value));
        cf_future_release(futures[i]);
        note(totals, value);
    }
}

/* Its own number, and FAN - 1 that follow, by tasks of its own. */
static enum cf_status fan_out(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    uint64_t first = *(const uint64_t *)arg;
    struct cf_future *futures[FAN - 1];
    struct totals totals = {0};

    (void)arg_bytes;
    for (uint64_t i = 0; i < FAN - 1; i++) {
        uint64_t number = first + i + 1;
        must(cf_submit(cf_task_executor(task), make, &number, sizeof number,
                       &futures[i]));
    }
    collect(futures, FAN - 1, &totals);
    note(&totals, made_from(first));
    return cf_return(task, &totals, sizeof totals);
}

static void one_by_one(struct cf_executor *executor, uint64_t first,
                       size_t count, struct totals *totals)
{
    struct cf_future *futures[WINDOW];

    for (size_t i = 0; i < count; i++) {
        uint64_t number = first + i;
        must(cf_submit(executor, make, &number, sizeof number, &futures[i]));
    }
    collect(futures, count, totals);
}

static void as_an_array(struct cf_executor *executor, uint64_t first,
                        size_t count, struct totals *totals)
{
    struct cf_future *futures[WINDOW];
    uint64_t numbers[WINDOW];

    for (size_t i = 0; i < count; i++)
        numbers[i] = first + i;
    must(cf_submit_many(executor, make, numbers, sizeof numbers[0], count,
                        futures));
    collect(futures, count, totals);
}

static void nested(struct cf_executor *executor, uint64_t first, size_t count,
                   struct totals *totals)
{
    struct cf_future *futures[WINDOW / FAN];
    struct totals part;

    for (size_t i = 0; i < count / FAN; i++) {
        uint64_t number = first + i * FAN;
        must(cf_submit(executor, fan_out, &number, sizeof number, &futures[i]));
    }
    for (size_t i = 0; i < count / FAN; i++) {
        must(cf_result(futures[i], CF_FOREVER, &part, sizeof part));
        cf_future_release(futures[i]);
        totals->sum += part.sum;
        totals->exclusive_or ^= part.exclusive_or;
    }
    one_by_one(executor, first + count / FAN * FAN, count % FAN, totals);
}

static void say(uint64_t done, uint64_t tasks, time_t begun)
{
    printf("%" PRIu64 " of %" PRIu64 " tasks, %ld s\n", done, tasks,
           (long)(time(NULL) - begun));
    fflush(stdout);
}

static void run(struct cf_executor *executor, uint64_t tasks, bool can_nest,
                struct totals *totals)
{
    static void (*const ways[])(struct cf_executor *, uint64_t, size_t,
                                struct totals *) = {one_by_one, as_an_array,
                                                    nested};
    time_t begun = time(NULL), said = begun;
    size_t count;

    for (uint64_t done = 0, turn = 0; done < tasks; done += count, turn++) {
        count = tasks - done < WINDOW ? (size_t)(tasks - done) : WINDOW;
        ways[turn % (can_nest ? 3 : 2)](executor, done, count, totals);
        if (time(NULL) - said >= 60) {
            said = time(NULL);
            say(done + count, tasks, begun);
        }
    }
    say(tasks, tasks, begun);
}

int main(int argc, char **argv)
{
    const struct cf_backend *backend;
    struct cf_executor *executor;
    struct totals wanted = {0}, seen = {0};

    if (argc < 3) {
        fprintf(stderr, "usage: %s BACKEND TASKS\n", argv[0]);
        return 2;
    }
    uint64_t tasks = strtoull(argv[2], NULL, 10);
    must(cf_backend_find(argv[1], &backend));
    must(cf_executor_create(backend, NULL, &executor));
    run(executor, tasks, strcmp(argv[1], "process") != 0, &seen);
    struct cf_executor_stats stats = cf_executor_stats(executor);
    cf_executor_destroy(executor);

    for (uint64_t number = 0; number < tasks; number++)
        note(&wanted, made_from(number));
    if (seen.sum != wanted.sum || seen.exclusive_or != wanted.exclusive_or ||
        stats.unfinished != 0 || stats.succeeded != stats.submitted) {
        fprintf(stderr, "soak_tasks: something was lost or came twice\n");
        return 1;
    }
    printf("%s: %" PRIu64 " tasks, sum %016" PRIx64 ", exclusive or %016" PRIx64
           ": right\n",
           argv[1], tasks, seen.sum, seen.exclusive_or);
    return 0;
}
