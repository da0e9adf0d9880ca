/* SPDX-License-Identifier: MIT */
/*
 * Work whose scaling curve is known: with N workers each task waits R(N)
 * seconds, so that N workers do X(N) = N / R(N) tasks a second, whatever cores
 * there are. For trying out what fits and advises, and for learning.
 *
 *     curve   X(N)
 *     usl     gamma N / (1 + alpha (N - 1) + beta N (N - 1))
 *     cap     gamma min(N, cap)
 *     table   straight lines between the points of `table`
 *     lock    no formula: a task waits (1 - alpha) / gamma by itself and then
 *             alpha / gamma while it holds a lock that all workers share, which
 *             is the machine-repairman's network, about gamma min(N, 1 / alpha)
 *
 * A case runs whole rounds of N tasks, since part of a round would not be on
 * the curve. The tasks of a round end together, R(N) after the first of them
 * began (synthetic_round.h): what it takes to hand them out would be a part of
 * some percent of the first round, and another one for every N. When the first
 * began, and the lock, are in shared memory, made before any worker is forked;
 * the lock is a robust mutex and outlives a holder.
 */
#include "workload.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "pause.h"
#include "random.h"
#include "refuse.h"
#include "synthetic_curve.h"
#include "synthetic_round.h"

enum { CURVE, GAMMA, ALPHA, BETA, CAP, TABLE, NOISE, ROUNDS };

struct item {
    uint64_t number;
    double wait_ms;  /* by itself                         */
    double held_ms;  /* and holding the lock              */
    double after_ms; /* its round begins, after the first */
};

struct data {
    struct item *items;
    struct wl_curve curve;
    double noise;
};

struct shared {
    pthread_mutex_t lock;
    struct wl_rounds rounds;
};

/* Made by the first prepare(); workers inherit the mapping. */
static struct shared *shared;

static struct shared *make_shared(void)
{
    struct shared *made = mmap(NULL, sizeof *made, PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t attributes;

    if (made == MAP_FAILED)
        return NULL;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&made->lock, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return made;
}

static enum cf_status hold_lock(struct cf_task *task, double ms)
{
    if (shared == NULL)
        return cf_raise(task, ENOLCK, "this worker has not inherited the lock");
    cf_blocking_begin(task);
    if (pthread_mutex_lock(&shared->lock) == EOWNERDEAD)
        pthread_mutex_consistent(&shared->lock);
    cf_blocking_end(task);
    wl_pause(task, ms);
    pthread_mutex_unlock(&shared->lock);
    return CF_OK;
}

/* With a lock there are no rounds: its queue decides who comes when. */
static void wait_alone(struct cf_task *task, const struct item *item)
{
    int64_t now_ns = wl_pause_now_ns();
    int64_t begun_ns = now_ns;

    if (shared != NULL && item->held_ms == 0)
        begun_ns = wl_rounds_join(&shared->rounds, now_ns, item->after_ms,
                                  item->wait_ms);
    wl_pause_from(task, begun_ns, item->wait_ms);
}

static enum cf_status synthetic_task(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    const struct item *item = arg;
    /* Before it waits: a thread's first memory is a mapping of its own, and
     * after the wait all threads want theirs at once. */
    void *result = cf_return_space(task, sizeof *item);

    (void)arg_bytes; /* always one item */
    if (result == NULL)
        return CF_NOMEM;
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); /* of this worker, in ns */
    if (item->wait_ms > 0)
        wait_alone(task, item);
    if (item->held_ms > 0) {
        enum cf_status status = hold_lock(task, item->held_ms);

        if (status != CF_OK)
            return status;
    }
    memcpy(result, item, sizeof *item);
    return CF_OK;
}

static void fill(struct data *data, size_t tasks, size_t workers, double factor)
{
    struct wl_curve_wait wait = wl_curve_wait_for(&data->curve, workers);
    double wait_ms = wait.alone_s * factor * 1e3;

    for (size_t i = 0; i < tasks; i++)
        data->items[i] =
            (struct item){.number = i,
                          .wait_ms = wait_ms,
                          .held_ms = wait.held_s * factor * 1e3,
                          .after_ms = (double)(i / workers) * wait_ms};
}

/* A standard normal number (Box and Muller, Ann. Math. Statist. 29, 1958). */
static double normal(uint64_t seed)
{
    const double steps = 9007199254740992.0; /* 2^53 */
    double first = (double)((wl_random(&seed) >> 11) + 1) / steps;
    double second = (double)(wl_random(&seed) >> 11) / steps;

    return sqrt(-2 * log(first)) * cos(2 * acos(-1) * second);
}

/* All tasks of a sample share its noise: within it they would average out. */
static void synthetic_begin(struct wl_work *work, const struct wl_start *start)
{
    struct data *data = work->data;
    double factor = exp(data->noise * normal(start->seed));

    fill(data, start->tasks, start->workers, factor);
}

static size_t synthetic_tasks_for(const struct wl_value *values, size_t tasks,
                                  size_t workers)
{
    size_t most = tasks / workers;
    size_t rounds = (size_t)values[ROUNDS].number;

    if (most == 0)
        return tasks;
    return workers * (rounds < most ? rounds : most);
}

static enum cf_status synthetic_prepare(const struct wl_setup *setup,
                                        struct wl_work *work)
{
    const struct wl_value *values = setup->values;
    struct data *data = calloc(1, sizeof *data);
    enum cf_status status = CF_NOMEM;

    if (data == NULL)
        return CF_NOMEM;
    data->noise = values[NOISE].number;
    data->curve = (struct wl_curve){.gamma_per_s = values[GAMMA].number,
                                    .alpha = values[ALPHA].number,
                                    .beta = values[BETA].number,
                                    .cap = values[CAP].number};
    if (!wl_curve_parse(values[CURVE].text, values[TABLE].text, &data->curve,
                        setup->why, setup->why_bytes)) {
        status = CF_INVALID;
        goto free_data;
    }
    if (shared == NULL && (shared = make_shared()) == NULL)
        goto free_data;
    data->items = calloc(setup->tasks, sizeof *data->items);
    if (data->items == NULL)
        goto free_data;
    fill(data, setup->tasks, 1, 1);
    *work = (struct wl_work){
        .items = data->items, .item_bytes = sizeof *data->items, .data = data};
    return CF_OK;

free_data:
    free(data);
    return status;
}

static bool synthetic_verify(const struct wl_work *work, size_t i,
                             const void *output, size_t output_bytes)
{
    const struct data *data = work->data;

    return output_bytes == sizeof data->items[i] &&
           memcmp(output, &data->items[i], output_bytes) == 0;
}

static void synthetic_dispose(struct wl_work *work)
{
    struct data *data = work->data;

    free(data->items);
    free(data);
}

static const struct wl_parameter parameters[] = {
    [CURVE] = {.name = "curve",
               .about = "the kind of curve: usl, cap, table or lock",
               .standard = "usl",
               .kind = WL_TEXT},
    [GAMMA] = {.name = "gamma_per_s",
               .about = "tasks a second with one worker",
               .standard = "25",
               .kind = WL_REAL,
               .minimum = 0.001,
               .maximum = 50},
    [ALPHA] = {.name = "alpha",
               .about = "contention; of curve=lock, the part under the lock",
               .standard = "0.02",
               .kind = WL_REAL,
               .minimum = 0,
               .maximum = 1},
    [BETA] = {.name = "beta",
              .about = "coherency",
              .standard = "0.0005",
              .kind = WL_REAL,
              .minimum = 0,
              .maximum = 1},
    [CAP] = {.name = "cap",
             .about = "of curve=cap: the workers that are of use",
             .standard = "8",
             .kind = WL_REAL,
             .minimum = 1,
             .maximum = 65536},
    [TABLE] = {.name = "table",
               .about = "of curve=table: N:X,N:X,... X a second",
               .standard = "1:25,8:150,64:120",
               .kind = WL_TEXT},
    [NOISE] = {.name = "noise",
               .about = "standard deviation of the log of a sample's time",
               .standard = "0",
               .kind = WL_REAL,
               .minimum = 0,
               .maximum = 1},
    [ROUNDS] = {.name = "rounds",
                .about = "tasks that each worker runs, where --tasks allows",
                .standard = "3",
                .kind = WL_INTEGER,
                .minimum = 1,
                .maximum = 1000000},
    {0},
};

const struct wl_workload wl_synthetic = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "synthetic",
    .about = "waits so long that throughput follows a known curve",
    .limit = "a formula of the worker count: shows what advice is worth",
    .klass = WL_IO,
    .parameters = parameters,
    .task = synthetic_task,
    .prepare = synthetic_prepare,
    .verify = synthetic_verify,
    .dispose = synthetic_dispose,
    .tasks_for = synthetic_tasks_for,
    .begin = synthetic_begin,
};
