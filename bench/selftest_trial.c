/* SPDX-License-Identifier: MIT */
/*
 * The comparison is made of the words that a person would type, so that all of
 * the way from there is under test. Its work is sum_squares: some 10 ms a task
 * on the cores alone, and a planted slowdown is exactly so many more squares.
 */
#include "selftest_trial.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "clock.h"
#include "interrupt.h"
#include "say.h"
#include "sides.h"
#include "versus.h"

enum { SQUARES = 10000000, WORDS = 24, WORD_BYTES = 600 };

struct words {
    char texts[WORDS][WORD_BYTES];
    char *argv[WORDS + 1];
    int count;
};

static void add(struct words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(struct words *words, const char *format, ...)
{
    char *text = words->texts[words->count];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, WORD_BYTES, format, arguments);
    va_end(arguments);
    words->argv[words->count++] = text;
}

static void type(const struct trial_setup *setup, bool is_planted,
                 uint64_t seed, struct words *words)
{
    *words = (struct words){.count = 0};
    add(words, "compare");
    add(words, "--vs=sum_squares");
    add(words, "sum_squares");
    add(words, "--param=old.n=%d", SQUARES);
    add(words, "--param=new.n=%.0f",
        SQUARES * (is_planted ? 1 + PLANTED_RATIO : 1));
    add(words, "--noise-threshold=%.9g", setup->delta);
    add(words, "--seed=%" PRIu64, seed);
    add(words, "--gap=5ms");
    add(words, "--output=%s/trial.json", setup->folder);
    if (setup->blocks == 0)
        return;
    add(words, "--tasks=2");
    add(words, "--blocks=%zu", setup->blocks);
}

static bool take_verdict(const struct record *record, struct trial *trial)
{
    const struct record_comparison *one;

    if (record->comparison_count == 0) {
        say_trouble("selftest: nothing was compared");
        return false;
    }
    one = &record->comparisons[record->comparison_count - 1];
    trial->ratio = one->ratio;
    trial->low = one->ci95[0];
    trial->high = one->ci95[1];
    snprintf(trial->verdict, sizeof trial->verdict, "%s", one->verdict);
    return true;
}

bool trial_run(const struct trial_setup *setup, bool is_planted, uint64_t seed,
               struct trial *trial)
{
    struct words words;
    struct session session = {.start_ns = clock_now_ns(), .is_quiet = true};
    enum runner_end end;
    bool is_done;

    type(setup, is_planted, seed, &words);
    session.argc = words.count;
    session.argv = words.argv;
    *trial = (struct trial){.is_planted = is_planted,
                            .blocks = setup->blocks,
                            .delta = setup->delta};
    is_done = options_read(words.count, words.argv, &session.options) ==
                  OPTIONS_READ &&
              session_plan(&session) && versus_measure(&session, &end) &&
              interrupt_count() == 0 && take_verdict(session.record, trial);
    session_finish(&session);
    return is_done;
}

bool trial_is_beyond_zero(const struct trial *trial)
{
    return trial->low > 1 || trial->high < 1;
}

bool trial_write(const struct trial *trial, FILE *log)
{
    return fprintf(log, "%s %zu %.9g %.9g %.9g %.9g %s\n",
                   trial->is_planted ? "planted" : "same", trial->blocks,
                   trial->delta, trial->ratio, trial->low, trial->high,
                   trial->verdict) > 0 &&
           fflush(log) == 0;
}

static bool is_verdict(const char *word)
{
    static const char *const words[] = {"faster", "slower", "equivalent",
                                        "inconclusive"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

bool trial_read(const char *line, struct trial *trial)
{
    char kind[16];
    int end = 0;

    *trial = (struct trial){0};
    if (sscanf(line, "%15s %zu %lf %lf %lf %lf %15s %n", kind, &trial->blocks,
               &trial->delta, &trial->ratio, &trial->low, &trial->high,
               trial->verdict, &end) != 7 ||
        line[end] != '\0' || !is_verdict(trial->verdict))
        return false;
    trial->is_planted = strcmp(kind, "planted") == 0;
    return trial->is_planted || strcmp(kind, "same") == 0;
}

bool trial_is_torn(const char *line)
{
    size_t length = strlen(line);

    return strchr(line, '\n') == NULL &&
           (strncmp(line, "same ", length < 5 ? length : 5) == 0 ||
            strncmp(line, "planted ", length < 8 ? length : 8) == 0);
}
