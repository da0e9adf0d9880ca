/* SPDX-License-Identifier: MIT */
/*
 * `cfbench selftest aa`: how often this machine calls a case different from
 * itself, through the whole pipeline, each comparison on blocks of its own.
 *
 * At threshold 0 the level itself is seen: 5 % promised, neither more (the
 * intervals are too narrow) nor far less (they are too wide). At the threshold
 * that counts there should be next to none. A tool that always says
 * "inconclusive" would pass both, so beside them stands how often a planted
 * slowdown is found.
 */
#include "commands.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "clock.h"
#include "flags.h"
#include "interrupt.h"
#include "number.h"
#include "proportion.h"
#include "say.h"
#include "selftest_trial.h"
#include "wilcoxon.h"

/* None of 20 still allows for alarms in 17 % (Clopper and Pearson, 95 %). */
enum { TELLING = 20 };

enum { EXIT_OUTSIDE = 1, TRIALS_MAX = 100000, BLOCKS_MAX = 10000 };

/* What is promised, and how rare a count must be to break the promise. */
static const double RATE_AT_ZERO = 0.05, MISS_AT_ZERO = 0.003;
static const double RATE_AT_DELTA = 0.005, MISS_AT_DELTA = 0.005;

enum flag_id { COMPARISONS, PLANTED, BLOCKS, THRESHOLD, BUDGET, SEED, LOG };

static const struct flag flags[] = {
    {"comparisons", 0, "N", "of a case with itself, default 60", COMPARISONS},
    {"planted", 0, "N", "with 5% more work planted, default 20", PLANTED},
    {"blocks", 0, "N|auto",
     "of each, default 10; auto: until precise, as\n"
     "cfbench compare does",
     BLOCKS},
    {"noise-threshold", 0, "RATIO", "default 2%", THRESHOLD},
    {"budget", 0, "TIME", "start no comparison after that, default 110s",
     BUDGET},
    {"seed", 0, "N", "of the orders, default random", SEED},
    {"log", 0, "FILE",
     "a line for each comparison; those that stand there\n"
     "already count as well, so that it can go on",
     LOG},
    {NULL, 0, NULL, NULL, 0},
};

/* Of one kind of comparison. */
struct tally {
    size_t count;
    size_t alarms; /* faster or slower */
    size_t slower;
    size_t beyond_zero; /* had the threshold been 0 */
};

struct selftest {
    size_t wanted[2]; /* same, planted */
    struct tally tallies[2];
    struct trial_setup setup;
    double budget_s;
    uint64_t seed;
    const char *log_path;
    FILE *log;
    int64_t start_ns;
};

static void help(void)
{
    printf("cfbench selftest: how often this machine raises a false alarm\n\n"
           "usage: cfbench selftest aa [FLAG...]\n\n");
    flag_print(flags);
    printf("\nexit codes: 0 within the limits, 1 outside, 2 trouble"
           "\n\nexample, some 20 seconds:\n"
           "  cfbench selftest aa --comparisons 20 --planted 5\n");
}

static bool wrong(const char *flag, const char *value, const char *wanted)
{
    say_trouble("--%s %.60s: not %s", flag, value, wanted);
    return false;
}

static bool read_count(const struct flag *flag, const char *value,
                       uint64_t least, uint64_t most, size_t *count)
{
    uint64_t number;
    char wanted[80];

    snprintf(wanted, sizeof wanted,
             "a whole number from %" PRIu64 " to %" PRIu64, least, most);
    if (!number_whole(value, least, most, &number))
        return wrong(flag->name, value, wanted);
    *count = (size_t)number;
    return true;
}

static bool take_flag(const struct flag *flag, const char *value,
                      struct selftest *test)
{
    switch ((enum flag_id)flag->id) {
    case COMPARISONS:
        return read_count(flag, value, 1, TRIALS_MAX, &test->wanted[0]);
    case PLANTED:
        return read_count(flag, value, 0, TRIALS_MAX, &test->wanted[1]);
    case BLOCKS:
        test->setup.blocks = 0;
        return strcmp(value, "auto") == 0 ||
               read_count(flag, value, 6, BLOCKS_MAX, &test->setup.blocks);
    case THRESHOLD:
        return number_ratio(value, &test->setup.delta) ||
               wrong(flag->name, value, "a ratio such as 2% or 0.02");
    case BUDGET:
        return number_duration(value, &test->budget_s) ||
               wrong(flag->name, value, "a time such as 90s or 5m");
    case SEED:
        return number_seed(value, &test->seed) ||
               wrong(flag->name, value, "a number such as 42 or 0x9e37");
    case LOG:
        test->log_path = value;
        return true;
    }
    return false;
}

/* --- counting --- */

static void count(struct selftest *test, const struct trial *trial)
{
    struct tally *tally = &test->tallies[trial->is_planted];

    if (trial->blocks != test->setup.blocks ||
        trial->delta != test->setup.delta)
        return; /* a log may hold other kinds */
    tally->count++;
    tally->slower += strcmp(trial->verdict, "slower") == 0;
    tally->alarms += strcmp(trial->verdict, "slower") == 0 ||
                     strcmp(trial->verdict, "faster") == 0;
    tally->beyond_zero += trial_is_beyond_zero(trial);
}

/* Counts what stands there. A last line without its end is of a run that was
 * killed: it is cut off, since the next would go on in it. */
static bool read_log(struct selftest *test)
{
    struct trial trial;
    char line[256];
    off_t at = ftello(test->log);

    while (fgets(line, sizeof line, test->log) != NULL) {
        if (trial_is_torn(line) && feof(test->log))
            return at >= 0 && ftruncate(fileno(test->log), at) == 0;
        if (strchr(line, '\n') == NULL || !trial_read(line, &trial))
            return false;
        count(test, &trial);
        at = ftello(test->log);
    }
    return true;
}

static bool open_log(struct selftest *test)
{
    if (test->log_path == NULL)
        return true;
    if (strcmp(test->log_path, "-") == 0) {
        say_trouble("--log -: not the name of a file (./- would be)");
        return false;
    }
    test->log = fopen(test->log_path, "a+e");
    if (test->log == NULL) {
        say_trouble("--log %.200s: cannot be opened: %s", test->log_path,
                    strerror(errno));
        return false;
    }
    if (read_log(test))
        return true;
    say_trouble("--log %.200s: is no log of a selftest", test->log_path);
    return false;
}

/* Both kinds get along at the same pace, so that they see the same machine. */
static bool is_planted_next(const struct selftest *test)
{
    double same = (double)test->tallies[0].count / (double)test->wanted[0];
    double planted = test->wanted[1] == 0 ? INFINITY
                                          : (double)test->tallies[1].count /
                                                (double)test->wanted[1];

    return planted < same;
}

static bool is_complete(const struct selftest *test)
{
    return test->tallies[0].count >= test->wanted[0] &&
           test->tallies[1].count >= test->wanted[1];
}

static bool take_next(struct selftest *test)
{
    size_t done = test->tallies[0].count + test->tallies[1].count;
    uint64_t seed = test->seed + done * UINT64_C(0x9e3779b97f4a7c15);
    bool is_planted = is_planted_next(test);
    struct trial trial;

    if (!trial_run(&test->setup, is_planted, seed, &trial))
        return false;
    count(test, &trial);
    if (test->log == NULL || trial_write(&trial, test->log))
        return true;
    say_trouble("--log %.200s: cannot be written", test->log_path);
    return false;
}

static void show_progress(const struct selftest *test)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%zu of %zu comparisons",
                test->tallies[0].count + test->tallies[1].count,
                test->wanted[0] + test->wanted[1]);
}

static bool take_all(struct selftest *test)
{
    bool is_fine = true;

    while (is_fine && !is_complete(test) && interrupt_count() == 0 &&
           clock_seconds(clock_now_ns() - test->start_ns) < test->budget_s) {
        is_fine = take_next(test);
        show_progress(test);
    }
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
    return is_fine || interrupt_count() > 0;
}

/* --- the answer --- */

static void print_rate(const char *what, size_t hits, size_t trials)
{
    struct estimate rate = proportion_of(hits, trials, 0.95);

    printf("  %-36s %4zu  %5.1f %% [%.1f, %.1f]", what, hits, 100 * rate.value,
           100 * rate.low, 100 * rate.high);
}

/* Prints the count beside its limits. Is it within? */
static bool print_limit(const char *what, size_t hits, size_t trials,
                        size_t low, size_t high)
{
    bool is_within = hits >= low && hits <= high;

    print_rate(what, hits, trials);
    printf("  limits %zu to %zu%s\n", low, high, is_within ? "" : ": OUTSIDE");
    return is_within;
}

static bool print_same(const struct selftest *test)
{
    const struct tally *same = &test->tallies[0];
    size_t low, high, zero_low = 0, zero_high, any;
    char what[64];
    bool is_within;

    proportion_range(RATE_AT_DELTA, same->count, MISS_AT_DELTA, &low, &high);
    proportion_range(RATE_AT_ZERO, same->count, MISS_AT_ZERO, &any, &zero_high);
    if (test->setup.blocks > 0)
        proportion_range(wilcoxon_miss(test->setup.blocks, 1 - RATE_AT_ZERO),
                         same->count, MISS_AT_ZERO, &zero_low, &any);
    printf("%zu comparisons of a case with itself:\n", same->count);
    snprintf(what, sizeof what, "faster or slower beyond %g %%",
             100 * test->setup.delta);
    is_within = print_limit(what, same->alarms, same->count, 0, high);
    /* 5 % is promised at most: with auto over all looks, and of so many blocks
     * the exact intervals miss a little less often. */
    return print_limit("faster or slower beyond 0 %", same->beyond_zero,
                       same->count, zero_low, zero_high) &&
           is_within;
}

static int print_answer(const struct selftest *test)
{
    bool is_within;

    if (test->tallies[0].count == 0)
        return say_trouble("selftest: no comparison was finished");
    if (!is_complete(test))
        say_warning("stopped before the end: %zu of %zu, %zu of %zu planted",
                    test->tallies[0].count, test->wanted[0],
                    test->tallies[1].count, test->wanted[1]);
    is_within = print_same(test);
    if (test->tallies[1].count > 0) {
        printf("%zu with %g %% more work:\n", test->tallies[1].count,
               100 * PLANTED_RATIO);
        print_rate("called slower", test->tallies[1].slower,
                   test->tallies[1].count);
        putchar('\n');
    }
    if (!is_within)
        puts("the verdicts do not hold on this machine, as it is now");
    else if (test->tallies[0].count < TELLING)
        printf("too few to tell whether the verdicts hold: below %d "
               "comparisons\n",
               TELLING);
    else
        puts("the verdicts hold on this machine, as it is now");
    return is_within ? EXIT_FINE : EXIT_OUTSIDE;
}

static int carry_out(struct selftest *test)
{
    char folder[] = "/tmp/cfbench-selftest-XXXXXX", file[80];
    int code = EXIT_TROUBLE;

    if (!open_log(test))
        goto close_log;
    if (mkdtemp(folder) == NULL) {
        say_trouble("selftest: no folder in /tmp");
        goto close_log;
    }
    test->setup.folder = folder;
    if (take_all(test))
        code = print_answer(test);
    snprintf(file, sizeof file, "%s/trial.json", folder);
    unlink(file);
    rmdir(folder);
close_log:
    if (test->log != NULL)
        fclose(test->log);
    return code;
}

static int read_all(int argc, char **argv, struct selftest *test)
{
    struct flag_reader reader = {
        .table = flags, .argc = argc, .argv = argv, .next = 1};
    bool has_what = false;

    for (;;) {
        switch (flag_next(&reader)) {
        case FLAG_WORD:
            if (has_what || strcmp(reader.value, "aa") != 0)
                return say_trouble("selftest %.60s: only aa is known",
                                   reader.value);
            has_what = true;
            break;
        case FLAG_GIVEN:
            if (!take_flag(reader.flag, reader.value, test))
                return EXIT_TROUBLE;
            break;
        case FLAG_HELP:
            help();
            return EXIT_FINE;
        case FLAG_WRONG:
            return EXIT_TROUBLE;
        case FLAG_END:
            return has_what ? carry_out(test)
                            : say_trouble("selftest: which one? (aa)");
        }
    }
}

int selftest_command(int argc, char **argv)
{
    struct selftest test = {.wanted = {60, 20},
                            .setup = {.blocks = 10, .delta = 0.02},
                            .budget_s = 110,
                            .start_ns = clock_now_ns()};
    uint32_t seed = 0;
    int code;

    if (getrandom(&seed, sizeof seed, 0) < 0)
        seed = 1;
    test.seed = seed;
    code = read_all(argc, argv, &test);
    if (fflush(stdout) == 0)
        interrupt_end();
    return code;
}
