/* SPDX-License-Identifier: MIT */
/*
 * The run as facts. The command line is kept as it was typed, so that a reader
 * can type it again; what it left to chance (the seed) or to the machine (the
 * worker counts) stands beside it.
 */
#include "run_facts.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <cf/version.h>

#include "build_info.h"
#include "clock.h"
#include "precision.h"

bool run_facts_tool(struct facts *tool)
{
    return facts_set_text(tool, "version", CF_VERSION) &&
           facts_set_text(tool, "commit", BUILD_COMMIT) &&
           facts_set_bool(tool, "dirty", BUILD_DIRTY) &&
           facts_set_text(tool, "build.cc", BUILD_CC) &&
           facts_set_text(tool, "build.cflags", BUILD_CFLAGS);
}

static bool set_start(struct facts *run)
{
    char started[32], id[32];
    time_t now = time(NULL);
    uint64_t random = 0;
    struct tm utc;

    gmtime_r(&now, &utc);
    strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", &utc);
    if (getrandom(&random, sizeof random, 0) < 0)
        random = (uint64_t)clock_now_ns();
    snprintf(id, sizeof id, "%016" PRIx64, random);
    return facts_set_text(run, "id", id) &&
           facts_set_text(run, "started", started);
}

/* The workloads' names, for a run that was given none: "a+b+c". */
static void make_name(const struct plan *plan, char name[64])
{
    size_t length = 0;

    name[0] = '\0';
    for (size_t i = 0; i < plan->workload_count && length < 63; i++) {
        if (i > 0 && plan->workloads[i].grain.wanted_s > 0 &&
            strcmp(plan->workloads[i].workload->name,
                   plan->workloads[i - 1].workload->name) == 0)
            continue; /* the same with longer tasks */
        length += (size_t)snprintf(name + length, 64 - length, "%s%s",
                                   i == 0 ? "" : "+",
                                   plan->workloads[i].workload->name);
    }
}

static bool set_command(int argc, char **argv, struct facts *run)
{
    if (!facts_add_text(run, "argv", "cfbench"))
        return false;
    for (int i = 0; i < argc; i++)
        if (!facts_add_text(run, "argv", argv[i]))
            return false;
    return true;
}

/* How each sample is taken. */
static bool set_measuring(const struct options *options, struct facts *run)
{
    return facts_set_number(run, "limit_s", options->limit_s) &&
           facts_set_number(run, "gap_s", options->gap_s) &&
           (!options->trace || facts_set_bool(run, "trace", true));
}

bool run_facts_begin(const struct options *options, int argc, char **argv,
                     const struct plan *plan, struct facts *run)
{
    char made[64];

    make_name(plan, made);
    return set_start(run) &&
           facts_set_text(run, "name", options->name ? options->name : made) &&
           set_command(argc, argv, run) && set_measuring(options, run) &&
           (options->precision <= 0 ||
            facts_set_number(run, PRECISION_FACT, options->precision)) &&
           (!isfinite(options->budget_s) ||
            facts_set_number(run, "budget_s", options->budget_s));
}

/* A time that a person could have typed. */
static double time_of(const struct facts *run, const char *path, double given,
                      double least, double standard)
{
    const double year_s = 366 * 86400.0;
    double before = facts_number(run, path, standard);

    if (!isnan(given))
        return given;
    return before >= least && before <= year_s ? before : standard;
}

bool run_facts_resume(struct options *options, struct facts *run)
{
    options->limit_s =
        time_of(run, "limit_s", options->limit_s, DBL_MIN, LIMIT_STANDARD_S);
    options->gap_s = time_of(run, "gap_s", options->gap_s, 0, GAP_STANDARD_S);
    options->trace = options->trace || facts_bool(run, "trace", false);
    return set_measuring(options, run);
}

bool run_facts_end(struct facts *run, bool partial, const char *stop_reason,
                   double duration_s)
{
    return facts_set_bool(run, "partial", partial) &&
           facts_set_text(run, "stop_reason", stop_reason) &&
           facts_set_number(run, "duration_s", duration_s);
}
