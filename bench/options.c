/* SPDX-License-Identifier: MIT */
/*
 * The words of a command line, in any order: flags go to the table that lists
 * them (run_flags.h, advice_flags.h, command_flags.h), workloads and the words
 * after `--` are kept. What does not go together is refused here.
 */
#include "options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "command_flags.h"
#include "flags.h"
#include "run_flags.h"
#include "say.h"

enum {
    BLOCKS_STANDARD = 10,
    BLOCKS_FOR_PRECISION = 200,
};

static void help(void)
{
    printf("cfbench run: measure workloads over backends and worker counts\n\n"
           "usage: cfbench run WORKLOAD... [FLAG...]\n"
           "       cfbench run [FLAG...] -- COMMAND... [::: INPUT...]\n\n");
    flag_print(run_flags);
    command_flags_help();
    printf("\nexample, some 10 seconds:\n"
           "  cfbench run sum_squares -b thread,gil -j 1,2 --tasks 8 "
           "--blocks 6\n"
           "  seq 16 | cfbench run -b thread -j 1,4,16 --blocks 6 -- "
           "sleep 0.0{}\n");
}

/* Flags of run that recommend does without: it decides that by what it finds. */
static const char *const not_with_recommend[] = {
    "blocks", "precision", "resume", "grain", "trace", NULL};

static void help_recommend(void)
{
    printf("cfbench recommend: how many workers, how sure, and what stops "
           "them\n\n"
           "usage: cfbench recommend WORKLOAD... [FLAG...]\n"
           "       cfbench recommend [FLAG...] -- COMMAND... [::: INPUT...]"
           "\n\n");
    flag_print(advice_flags);
    printf(
        "\nand, of -j LIST, the largest count as the most to look at, with "
        "these of run\n(of a command it is threads that start it, where "
        "nothing else is said; inputs,\nand tasks with --tasks, are all done "
        "at every count; --rate only for --goal\nlatency, --warmup not "
        "auto):\n\n");
    flag_print_table(run_flags, not_with_recommend);
    command_flags_help();
    printf("\nexample, some 20 seconds:\n"
           "  cfbench recommend synthetic -b thread -p curve=cap -p cap=3 "
           "-j 8 --tasks 16\n");
}

static bool is_recommend(char **argv)
{
    return strcmp(argv[0], "recommend") == 0;
}

/* It decides that itself. */
static bool check_recommend(const struct options *options)
{
    const char *flag = options->blocks > 0              ? "blocks"
                       : options->precision > 0         ? "precision"
                       : options->resume != NULL        ? "resume"
                       : options->warmup == WARMUP_AUTO ? "warmup auto"
                       : options->grain != NULL         ? "grain"
                       : options->trace                 ? "trace"
                                                        : NULL;

    if (flag == NULL && options->loop.rate_per_s > 0 &&
        options->advice.goal != ADVICE_LATENCY) {
        say_trouble("--rate: with recommend only for --goal latency: it says "
                    "itself how much is done");
        return false;
    }
    if (flag == NULL)
        return advice_flags_check(&options->advice);
    say_trouble("--%s: not with recommend, which decides by what it finds",
                flag);
    return false;
}

static bool set_defaults(int argc, struct options *options)
{
    uint32_t seed = 0;

    if (getrandom(&seed, sizeof seed, 0) < 0)
        seed = 1;
    *options = (struct options){
        .chunk = 1,
        .budget_s = INFINITY,
        .limit_s = NAN,
        .gap_s = NAN,
        .seed = seed,
        .order = ORDER_RANDOM,
    };
    advice_flags_defaults(&options->advice);
    versus_flags_defaults(&options->versus);
    /* No more of either than there are words. */
    options->workloads = calloc((size_t)argc, sizeof *options->workloads);
    options->parameters = calloc((size_t)argc, sizeof *options->parameters);
    options->pythons = calloc((size_t)argc, sizeof *options->pythons);
    options->arguments = calloc((size_t)argc, sizeof *options->arguments);
    return options->workloads != NULL && options->parameters != NULL &&
           options->pythons != NULL && options->arguments != NULL;
}

/* Tasks that come at their own times come one by one. */
static bool check_loop(const struct options *options)
{
    if (!(options->loop.rate_per_s > 0)) {
        if (options->loop.arrivals == ARRIVALS_FIXED)
            return true;
        say_trouble("--arrivals: only with --rate");
        return false;
    }
    if (options->chunk != 1)
        say_trouble("--chunk: not with --rate, which hands out task by task");
    else
        return true;
    return false;
}

static void settle_times(struct options *options)
{
    if (isnan(options->limit_s))
        options->limit_s = LIMIT_STANDARD_S;
    if (isnan(options->gap_s))
        options->gap_s = GAP_STANDARD_S;
}

static enum options_end check(struct options *options, const char *command)
{
    if (!command_flags_check(&options->command, options->resume != NULL))
        return OPTIONS_WRONG;
    if (options->command.joblog != NULL && strcmp(command, "run") != 0) {
        say_trouble("--joblog: only with cfbench run");
        return OPTIONS_WRONG;
    }
    if (options->precision > 0 && options->blocks > 0) {
        say_trouble("--precision: not with --blocks, which means exactly that "
                    "many");
        return OPTIONS_WRONG;
    }
    if (!check_loop(options))
        return OPTIONS_WRONG;
    if (options->blocks == 0)
        options->blocks =
            options->precision > 0 ? BLOCKS_FOR_PRECISION : BLOCKS_STANDARD;
    if (options->resume != NULL && options->plan_flag != NULL) {
        say_trouble("--%s: not with --resume: the plan is the file's",
                    options->plan_flag);
        return OPTIONS_WRONG;
    }
    if (options->resume != NULL) {
        if (options->workload_count + options->command.word_count == 0)
            return OPTIONS_READ;
        say_trouble(
            "--resume: takes its workloads from the file, not \"%.60s\"",
            options->workload_count > 0 ? options->workloads[0]
                                        : options->command.words[0]);
        return OPTIONS_WRONG;
    }
    settle_times(options);
    if (options->workload_count + options->command.word_count > 0)
        return OPTIONS_READ;
    say_trouble("%s: which workload? (cfbench list shows them)", command);
    return OPTIONS_WRONG;
}

static bool take_any(const struct flag *flag, const char *value,
                     struct options *options)
{
    if (flag->id >= VERSUS_FLAGS)
        return versus_flags_take(flag, value, &options->versus);
    if (flag->id >= ADVICE_FLAGS)
        return advice_flags_take(flag, value, &options->advice);
    if (flag->id >= COMMAND_FLAGS)
        return command_flags_take(flag, value, &options->command);
    return run_flags_take(flag, value, options);
}

static enum options_end finish(struct options *options, char **argv)
{
    if (is_recommend(argv) && !check_recommend(options))
        return OPTIONS_WRONG;
    if (versus_flags_of(argv[0]) != NULL && !versus_flags_check(options))
        return OPTIONS_WRONG;
    return check(options, argv[0]);
}

enum options_end options_read(int argc, char **argv, struct options *options)
{
    struct flag_reader reader = {
        .table = run_flags,
        .more = command_flags,
        .extra = is_recommend(argv) ? advice_flags : versus_flags_of(argv[0]),
        .argc = argc,
        .argv = argv,
        .next = 1};

    if (!set_defaults(argc, options)) {
        say_trouble("run: no memory");
        return OPTIONS_WRONG;
    }
    for (;;) {
        switch (flag_next(&reader)) {
        case FLAG_WORD:
            if (reader.only_words) {
                command_flags_words(argv + reader.next - 1,
                                    (size_t)(argc - reader.next + 1),
                                    &options->command);
                return finish(options, argv);
            }
            options->workloads[options->workload_count++] = reader.value;
            break;
        case FLAG_GIVEN:
            if (!take_any(reader.flag, reader.value, options))
                return OPTIONS_WRONG;
            if (run_flags_shape_plan(reader.flag) ||
                command_flags_shape_plan(reader.flag))
                options->plan_flag = reader.flag->name;
            break;
        case FLAG_HELP:
            if (versus_flags_of(argv[0]) != NULL)
                versus_flags_help(argv[0]);
            else if (is_recommend(argv))
                help_recommend();
            else
                help();
            return OPTIONS_HELPED;
        case FLAG_WRONG:
            return OPTIONS_WRONG;
        case FLAG_END:
            return finish(options, argv);
        }
    }
}

void options_free(struct options *options)
{
    free(options->workloads);
    free(options->parameters);
    free(options->pythons);
    free(options->arguments);
}
