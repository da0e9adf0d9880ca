/* SPDX-License-Identifier: MIT */
/*
 * The flags of `cfbench run`: one table, one switch. A value that is not what
 * its flag needs ends the reading with one line that says what would be.
 */
#include "run_flags.h"

#include <stdio.h>
#include <string.h>

#include "grain.h"
#include "nearest.h"
#include "number.h"
#include "say.h"

enum {
    TASKS_MAX = 100000000,
    BLOCKS_MAX = 10000,
    WARMUP_MAX = 1000,
};

enum flag_id {
    BACKEND, /* from here to NAME they shape the plan, ... */
    WORKERS,
    RANK_WORKERS,
    TASKS,
    PARAMETER,
    PYTHON,
    ARGUMENTS,
    ARGUMENT_FILE,
    BLOCKS,
    PRECISION,
    CHUNK,
    WARMUP,
    RATE,
    ARRIVALS,
    SEED,
    ORDER,
    GRAIN,
    NAME,
    BUDGET, /* ... from here on they do not */
    LIMIT,
    GAP,
    OUTPUT,
    FORCE,
    IGNORE_FAILURE,
    RESUME,
    TRACE,
    DRY_RUN,
};

const struct flag run_flags[] = {
    {"backend", 'b', "LIST",
     "default serial,thread,process,openmp; also\n"
     "cpython-serial, -thread, -process, -interpreter",
     BACKEND},
    {"workers", 'j', "LIST|auto",
     "4  1,2,4  1..8  pow2:64; default auto: computing\n"
     "work 1,2,4.. to twice the usable CPUs, waiting\n"
     "work 1,4,16,64",
     WORKERS},
    {"rank-workers", 0, "LIST",
     "of -b mpi: workers in each rank, a lane for each\n"
     "number (mpi:4); -j counts all of them; default 1",
     RANK_WORKERS},
    {"tasks", 0, "N",
     "tasks of one sample; default 64, or more where\n"
     "the worker counts need it to deal out evenly",
     TASKS},
    {"param", 'p', "[WORKLOAD.]NAME=VALUE",
     "a workload's parameter; again for more\n"
     "(cfbench list shows them)",
     PARAMETER},
    {"python", 0, "EXE",
     "interpreter of the cpython lanes, again for more;\n"
     "default python3",
     PYTHON},
    {"args", 0, "LIST",
     "for py:MODULE:FUNCTION: a task's arguments as JSON,\n"
     "'[1000, \"a\"]'; again for more, used in turn",
     ARGUMENTS},
    {"args-file", 0, "FILE", "such lists, one a line", ARGUMENT_FILE},
    {"blocks", 0, "N",
     "passes over all cases, default 10; an interval of\n"
     "the median needs 6",
     BLOCKS},
    {"precision", 0, "RATIO",
     "instead of --blocks: until each interval is\n"
     "within +-RATIO, such as 1%; 200 blocks at most",
     PRECISION},
    {"chunk", 0, "N|auto", "tasks a worker takes at a time, default 1", CHUNK},
    {"budget", 0, "TIME",
     "stop before the block that would exceed it: 60s,\n"
     "5m, 1h; default none; recommend then races\n"
     "for 35s, and six blocks at least",
     BUDGET},
    {"limit", 0, "TIME", "one sample may take so long, default 5m", LIMIT},
    {"gap", 0, "TIME", "rest between two samples, default 50ms; 0: none", GAP},
    {"warmup", 0, "N|auto",
     "batches run, stored and not counted before the\n"
     "timed one of each sample, default 0; auto: until a\n"
     "pilot of 40 batches is steady",
     WARMUP},
    {"rate", 0, "PER_S",
     "open loop: tasks come at this rate, ready or not;\n"
     "latency is from the intended start",
     RATE},
    {"arrivals", 0, "KIND", "of --rate: fixed (default), poisson", ARRIVALS},
    {"seed", 0, "N", "of orders and inputs, default random; stored", SEED},
    {"order", 0, "KIND",
     "of the cases in a block: random (default),\n"
     "williams (up to 10 cases), sequential",
     ORDER},
    {"grain", 0, "[PARAMETER=]LIST",
     "each workload with tasks of these lengths, such as\n"
     "10us,100us,1ms, set by its first parameter that is\n"
     "a number, or by that one",
     GRAIN},
    {"name", 'n', "TEXT", "of the run, default its workloads", NAME},
    {"output", 'o', "FILE",
     "the record; default cfbench-NAME-TIME.json here;\n"
     "an existing file only if it is a record",
     OUTPUT},
    {"force", 0, NULL, "replace an existing FILE that is no record", FORCE},
    {"ignore-failure", 0, NULL, "exit with 0 although a case has failed",
     IGNORE_FAILURE},
    {"resume", 0, "FILE",
     "finish an interrupted run from its record or its\n"
     "journal (FILE.jsonl): same plan, same seed",
     RESUME},
    {"trace", 0, NULL,
     "keep, of a typical sample of each case, when each\n"
     "task ran and where (cfbench plot, export -f trace)",
     TRACE},
    {"dry-run", 0, NULL, "print the plan and about how long it would take",
     DRY_RUN},
    {NULL, 0, NULL, NULL, 0},
};

static bool wrong(const char *flag, const char *value, const char *wanted)
{
    say_trouble("--%s %.60s: not %s", flag, value, wanted);
    return false;
}

static const char *const arrivals[] = {"fixed", "poisson", NULL};
static const char *const orders[] = {"random", "williams", "sequential", NULL};

/* One of a few words was. */
static bool wrong_word(const char *flag, const char *value, const char *wanted,
                       const char *const *words)
{
    char meant[80];

    say_trouble("--%s %.60s: not %s%s", flag, value, wanted,
                nearest_among(value, words, meant));
    return false;
}

static bool whole(const char *flag, const char *value, uint64_t minimum,
                  uint64_t maximum, size_t *number)
{
    char wanted[80];
    uint64_t given;

    snprintf(wanted, sizeof wanted, "a whole number from %llu to %llu",
             (unsigned long long)minimum, (unsigned long long)maximum);
    if (!number_whole(value, minimum, maximum, &given))
        return wrong(flag, value, wanted);
    *number = (size_t)given;
    return true;
}

static bool duration(const char *flag, const char *value, double *seconds)
{
    return number_duration(value, seconds) ||
           wrong(flag, value, "a time such as 500ms, 60s, 5m or 1h");
}

/* The one time that may be none. */
static bool read_gap(const char *value, struct options *options)
{
    static const char *const none[] = {"0", "0s", "0ms"};

    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (strcmp(value, none[i]) == 0) {
            options->gap_s = 0;
            return true;
        }
    return duration("gap", value, &options->gap_s);
}

static bool read_workers(const char *value, struct options *options)
{
    char why[160];

    options->workers.length = 0;
    if (strcmp(value, "auto") == 0 ||
        workers_parse(value, &options->workers, why, sizeof why))
        return true;
    say_trouble("--workers %.60s: %s", value, why);
    return false;
}

static bool read_rank_workers(const char *value, struct options *options)
{
    char why[160];

    options->rank_workers.length = 0;
    if (workers_parse(value, &options->rank_workers, why, sizeof why))
        return true;
    say_trouble("--rank-workers %.60s: %s", value, why);
    return false;
}

static bool read_parameter(const char *value, struct options *options)
{
    const char *equals = strchr(value, '=');

    if (equals == NULL || equals == value)
        return wrong("param", value, "of the form NAME=VALUE");
    options->parameters[options->parameter_count++] = value;
    return true;
}

static bool read_chunk(const char *value, struct options *options)
{
    if (strcmp(value, "auto") != 0)
        return whole("chunk", value, 1, TASKS_MAX, &options->chunk);
    options->chunk = CHUNK_AUTO;
    return true;
}

static bool read_warmup(const char *value, struct options *options)
{
    if (strcmp(value, "auto") != 0)
        return whole("warmup", value, 0, WARMUP_MAX, &options->warmup);
    options->warmup = WARMUP_AUTO;
    return true;
}

bool run_flags_take(const struct flag *flag, const char *value,
                    struct options *options)
{
    switch ((enum flag_id)flag->id) {
    case BACKEND:
        options->backends = value;
        return true;
    case WORKERS:
        return read_workers(value, options);
    case RANK_WORKERS:
        return read_rank_workers(value, options);
    case TASKS:
        return whole("tasks", value, 1, TASKS_MAX, &options->tasks);
    case PARAMETER:
        return read_parameter(value, options);
    case PYTHON:
        options->pythons[options->python_count++] = value;
        return true;
    case ARGUMENTS:
        options->arguments[options->argument_count++] = value;
        return true;
    case ARGUMENT_FILE:
        options->argument_file = value;
        return true;
    case BLOCKS:
        return whole("blocks", value, 1, BLOCKS_MAX, &options->blocks);
    case PRECISION:
        return number_ratio(value, &options->precision) ||
               wrong("precision", value, "a ratio such as 1% or 0.01");
    case CHUNK:
        return read_chunk(value, options);
    case BUDGET:
        return duration("budget", value, &options->budget_s);
    case LIMIT:
        return duration("limit", value, &options->limit_s);
    case GAP:
        return read_gap(value, options);
    case WARMUP:
        return read_warmup(value, options);
    case RATE:
        return number_positive(value, &options->loop.rate_per_s) ||
               wrong("rate", value, "tasks a second, such as 200");
    case ARRIVALS:
        return arrivals_find(value, &options->loop.arrivals) ||
               wrong_word("arrivals", value, "fixed or poisson", arrivals);
    case SEED:
        return number_seed(value, &options->seed) ||
               wrong("seed", value, "a number such as 42 or 0x9e37");
    case ORDER:
        return order_find(value, &options->order) ||
               wrong_word("order", value, "random, williams or sequential",
                          orders);
    case GRAIN:
        options->grain = value;
        return grain_check(value);
    case NAME:
        options->name = value;
        return true;
    case OUTPUT:
        options->output = value;
        return true;
    case FORCE:
        options->force = true;
        return true;
    case IGNORE_FAILURE:
        options->ignore_failure = true;
        return true;
    case RESUME:
        options->resume = value;
        return true;
    case TRACE:
        options->trace = true;
        return true;
    case DRY_RUN:
        options->dry_run = true;
        return true;
    }
    return false;
}

bool run_flags_shape_plan(const struct flag *flag)
{
    return flag->id <= NAME;
}
