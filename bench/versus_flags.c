/* SPDX-License-Identifier: MIT */
#include "versus_flags.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "number.h"
#include "options.h"
#include "run_flags.h"
#include "say.h"

enum flag_id { VS = VERSUS_FLAGS, THRESHOLD, BASELINE, STRICT };

/* No interval is wanted narrower than this, whatever the threshold. */
static const double PRECISION_LEAST = 0.005;

#define VS_ABOUT                                                               \
    "measure both now: the old command as one line (the\n"                     \
    "new one after --), or the old plugin or workload"
#define THRESHOLD_ABOUT "the smallest difference that counts, default 2%"

static const struct flag compare_flags[] = {
    {"vs", 0, "OLD", VS_ABOUT, VS},
    {"noise-threshold", 0, "RATIO", THRESHOLD_ABOUT, THRESHOLD},
    {NULL, 0, NULL, NULL, 0},
};

static const struct flag gate_flags[] = {
    {"vs", 0, "OLD", VS_ABOUT, VS},
    {"baseline", 0, "FILE", "the record to compare with", BASELINE},
    {"noise-threshold", 0, "RATIO", THRESHOLD_ABOUT, THRESHOLD},
    {"strict", 0, NULL,
     "exit with 3 where something is inconclusive, or a\n"
     "case of the baseline is not in the newer record",
     STRICT},
    {NULL, 0, NULL, NULL, 0},
};

static bool is_gate(const char *command)
{
    return strcmp(command, "gate") == 0;
}

const struct flag *versus_flags_of(const char *command)
{
    if (is_gate(command))
        return gate_flags;
    return strcmp(command, "compare") == 0 ? compare_flags : NULL;
}

void versus_flags_defaults(struct versus_options *options)
{
    *options = (struct versus_options){.threshold = 0.02};
}

bool versus_is_asked(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--vs") == 0 || strncmp(argv[i], "--vs=", 5) == 0)
            return true;
    return false;
}

static bool read_threshold(const char *value, double *threshold)
{
    if (strcmp(value, "0") == 0 || strcmp(value, "0%") == 0) {
        *threshold = 0;
        return true;
    }
    if (number_ratio(value, threshold))
        return true;
    say_trouble("--noise-threshold %.60s: not a ratio such as 2%% or 0.02",
                value);
    return false;
}

static bool refuse(const char *what, const char *why)
{
    say_trouble("%s: %s", what, why);
    return false;
}

bool versus_flags_take(const struct flag *flag, const char *value,
                       struct versus_options *options)
{
    switch ((enum flag_id)flag->id) {
    case VS:
        if (options->old != NULL)
            return refuse("--vs", "one old side at a time");
        options->old = value;
        return true;
    case THRESHOLD:
        return read_threshold(value, &options->threshold);
    case BASELINE:
        if (options->baseline != NULL)
            return refuse("--baseline", "one record at a time");
        options->baseline = value;
        return true;
    case STRICT:
        options->is_strict = true;
        return true;
    }
    return false;
}

/* Flags of run that it does without. */
static const char *const not_with_vs[] = {"resume", "rate", "arrivals", "grain",
                                          NULL};

bool versus_flags_check(struct options *options)
{
    size_t news =
        options->workload_count + (options->command.word_count > 0 ? 1 : 0);

    if (options->versus.baseline != NULL)
        return refuse("--baseline",
                      "not with --vs, which measures the old side now");
    if (options->resume != NULL)
        return refuse("--resume", "not with --vs");
    if (options->loop.rate_per_s > 0)
        return refuse("--rate", "not with --vs, which compares what a batch "
                                "takes, all at once");
    if (options->grain != NULL)
        return refuse("--grain", "not with --vs: one length of task at a time");
    if (news != 1)
        return refuse("--vs", "needs one new side beside the old: -- COMMAND, "
                              "or one plugin or workload");
    if (options->precision == 0 && options->blocks == 0)
        options->precision =
            fmax(options->versus.threshold / 2, PRECISION_LEAST);
    options->backends_default =
        options->workers.length > 0 ? "thread" : "serial";
    if (options->workers.length == 0 && options->backends == NULL)
        options->workers = (struct workers){.counts = {1}, .length = 1};
    return true;
}

void versus_flags_help(const char *command)
{
    if (is_gate(command))
        printf("cfbench gate: fail where something has become slower\n\n"
               "usage: cfbench gate NEW.json --baseline OLD.json [FLAG...]\n"
               "       cfbench gate --vs 'OLD COMMAND' [FLAG...] -- NEW "
               "COMMAND...\n"
               "       cfbench gate --vs OLD.so NEW.so [FLAG...]\n\n");
    else
        printf("cfbench compare: old and new side by side\n\n"
               "usage: cfbench compare OLD.json NEW.json [FLAG...]\n"
               "       cfbench compare --vs 'OLD COMMAND' [FLAG...] -- NEW "
               "COMMAND...\n"
               "       cfbench compare --vs OLD.so NEW.so [FLAG...]\n\n");
    flag_print(versus_flags_of(command));
    printf("\nWith --vs both sides are measured in one run, in turn, in fresh "
           "processes, and\njudged in pairs: a record stored earlier is a weak "
           "baseline. It ends when each\ninterval is within half of the "
           "threshold, or after 60s (at the least 10 blocks).\nWhere nothing "
           "else is said it is the serial backend (with -j: thread) and as\n"
           "many tasks a sample as take 100ms. -p old.NAME=VALUE is for one "
           "side.\nWith --ignore-failure a case that has failed is not "
           "compared; where no pair is\nleft the exit code is 2. These flags "
           "of run may be given then:\n\n");
    flag_print_table(run_flags, not_with_vs);
    if (is_gate(command))
        printf("\nexit codes: 0 fine, 1 slower, 2 trouble, 3 inconclusive "
               "(--strict)\n\nexamples:\n"
               "  cfbench gate --vs 'sleep 0.02' --noise-threshold 5%% -- "
               "sleep 0.02\n"
               "  cfbench gate new.json --baseline old.json "
               "--noise-threshold 5%%\n");
    else
        printf("\nexamples:\n"
               "  cfbench compare --vs 'sleep 0.02' -- sleep 0.03\n"
               "  cfbench compare old.json new.json\n");
}
