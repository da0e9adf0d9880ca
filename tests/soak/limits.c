/* SPDX-License-Identifier: MIT */
/*
 * soak_limits BACKEND LIMIT COUNT: how far it goes.
 *
 *      outstanding   so many futures at once, each then read
 *      nested        so many tasks, each submitted by the one before
 *      pulled        a map over so many pulled items, in constant memory
 *      cycles        so many executors made, used and destroyed, one after the
 *                    other: descriptors, threads, children and memory as they
 *                    were
 *
 * Prints what it took; fails where a result is wrong or something is left.
 */
#include <dirent.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cf/cf.h>

/* What the system and the allocator may keep back, whatever the count. */
#define SLACK_BYTES (8 << 20)

static void must(enum cf_status status)
{
    if (status == CF_OK)
        return;
    fprintf(stderr, "soak_limits: %s: %s\n", cf_status_name(status),
            cf_last_error().text);
    exit(1);
}

static void must_be(bool is_so, const char *what)
{
    if (is_so)
        return;
    fprintf(stderr, "soak_limits: not so: %s\n", what);
    exit(1);
}

static long resident_bytes(void)
{
    long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    must_be(file != NULL && fscanf(file, "%ld %ld", &size, &resident) == 2,
            "memory can be told");
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

static size_t count_entries(const char *path)
{
    size_t count = 0;
    DIR *listing = opendir(path);
    must_be(listing != NULL, "folders can be listed");
    while (readdir(listing) != NULL)
        count++;
    closedir(listing);
    return count;
}

static enum cf_status next_number(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    uint64_t number = *(const uint64_t *)arg + 1;
    (void)arg_bytes;
    return cf_return(task, &number, sizeof number);
}

/* --- outstanding --- */

static void outstanding(struct cf_executor *executor, uint64_t count)
{
    struct cf_future **futures = calloc(count, sizeof futures[0]);
    uint64_t value, sum = 0;

    must_be(futures != NULL, "there is memory for the addresses");
    for (uint64_t i = 0; i < count; i++)
        must(cf_submit(executor, next_number, &i, sizeof i, &futures[i]));
    long bytes = resident_bytes();
    for (uint64_t i = 0; i < count; i++) {
        must(cf_result(futures[i], CF_FOREVER, &value, sizeof value));
        sum += value;
    }
    for (uint64_t i = 0; i < count; i++)
        cf_future_release(futures[i]);
    free(futures);
    must_be(sum == count * (count + 1) / 2, "every result is right");
    printf("%" PRIu64 " futures at once: %ld bytes each, their addresses "
           "included",
           count, bytes / (long)count);
}

/* --- nested --- */

struct chain {
    uint64_t left;
    struct cf_future *end;
};

static enum cf_status go_on(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    struct chain chain = *(const struct chain *)arg;
    struct cf_future *next;
    (void)arg_bytes;

    if (chain.left == 0)
        return cf_future_set_result(chain.end, NULL, 0);
    chain.left--;
    must(cf_submit(cf_task_executor(task), go_on, &chain, sizeof chain, &next));
    cf_future_release(next);
    return CF_OK;
}

static void nested(struct cf_executor *executor, uint64_t count)
{
    struct chain chain = {.left = count};
    struct cf_future *first;

    must(cf_future_create(&chain.end));
    must(cf_submit(executor, go_on, &chain, sizeof chain, &first));
    must(cf_result(chain.end, CF_FOREVER, NULL, 0));
    must(cf_join(executor, CF_FOREVER));
    must_be(cf_executor_stats(executor).succeeded == count + 1,
            "each has run once");
    cf_future_release(first);
    cf_future_release(chain.end);
    printf("%" PRIu64 " submits, one inside the other", count);
}

/* --- pulled --- */

struct source {
    uint64_t next;
    uint64_t count;
    uint64_t given;
};

static bool pull(void *context, const void **arg, size_t *arg_bytes)
{
    struct source *source = context;

    if (source->next == source->count)
        return false;
    source->given = source->next++;
    *arg = &source->given;
    *arg_bytes = sizeof source->given;
    return true;
}

static void pulled(struct cf_executor *executor, uint64_t count)
{
    struct source source = {.count = count};
    struct cf_map_options options = {.buffersize = 256};
    struct cf_iterator *iterator;
    struct cf_future *future;
    uint64_t value, expected = 0;
    long early = 0;

    must(
        cf_map_from(executor, next_number, pull, &source, &options, &iterator));
    while (cf_next(iterator, &future) == CF_OK) {
        must(cf_result(future, 0, &value, sizeof value));
        must_be(value == ++expected, "each comes in its place");
        if (expected == count / 100 + 1)
            early = resident_bytes();
    }
    must_be(expected == count, "all have come");
    long grown = resident_bytes() - early;
    cf_iterator_release(iterator);
    must_be(waitpid(-1, NULL, WNOHANG | __WALL) < 0, "no child is left");
    must_be(grown < SLACK_BYTES, "memory stays as it is");
    printf("%" PRIu64 " items pulled: %ld KiB more after the last than after "
           "the first hundredth",
           count, grown / 1024);
}

/* --- cycles --- */

static void cycle(const struct cf_backend *backend)
{
    struct cf_options options = {.max_workers = 2};
    struct cf_executor *executor;
    struct cf_future *future;
    uint64_t number = 1;

    must(cf_executor_create(backend, &options, &executor));
    must(cf_submit(executor, next_number, &number, sizeof number, &future));
    must(cf_result(future, CF_FOREVER, &number, sizeof number));
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void cycles(const struct cf_backend *backend, uint64_t count)
{
    for (uint64_t i = 0; i < count / 10 + 1; i++)
        cycle(backend);
    malloc_trim(0);
    long bytes = resident_bytes();
    size_t descriptors = count_entries("/proc/self/fd");
    size_t threads = count_entries("/proc/self/task");
    for (uint64_t i = 0; i < count; i++)
        cycle(backend);
    malloc_trim(0);
    long grown = resident_bytes() - bytes;
    must_be(count_entries("/proc/self/fd") == descriptors,
            "descriptors are as they were");
    must_be(count_entries("/proc/self/task") == threads,
            "threads are as they were");
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
    /* whose runtimes keep what was freed for a while */
    must_be(grown < SLACK_BYTES, "memory is as it was");
#endif
    printf("%" PRIu64 " executors one after the other: %zu descriptors and "
           "%zu threads as before, %ld KiB more",
           count, descriptors - 2, threads - 2, grown / 1024);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*go)(struct cf_executor *executor, uint64_t count);
    } limits[] = {
        {"outstanding", outstanding}, {"nested", nested}, {"pulled", pulled}};
    const struct cf_backend *backend;
    struct cf_executor *executor;
    struct timespec begun, ended;

    if (argc != 4) {
        fprintf(stderr, "usage: %s BACKEND LIMIT COUNT\n", argv[0]);
        return 2;
    }
    uint64_t count = strtoull(argv[3], NULL, 10);
    must(cf_backend_find(argv[1], &backend));
    clock_gettime(CLOCK_MONOTONIC, &begun);
    if (strcmp(argv[2], "cycles") == 0)
        cycles(backend, count);
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        if (strcmp(argv[2], limits[i].name) == 0) {
            must(cf_executor_create(backend, NULL, &executor));
            limits[i].go(executor, count);
            cf_executor_destroy(executor);
        }
    clock_gettime(CLOCK_MONOTONIC, &ended);
    printf(", %.1f s on %s\n",
           (double)(ended.tv_sec - begun.tv_sec) +
               (double)(ended.tv_nsec - begun.tv_nsec) / 1e9,
           argv[1]);
    return 0;
}
