/* SPDX-License-Identifier: MIT */
/*
 * The lane of a command that manages its own workers: its batch is one run of
 * the command, with the worker count in its words. The command starts and ends
 * its workers itself, so that both are in the time, as they are for whoever
 * runs it.
 */
#include "lane.h"

#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "fill.h"
#include "launch.h"
#include "sample.h"

enum { OUTPUT_BYTES = 4 << 20 };

/* One run with everything filled in. */
struct one_run {
    const struct sample_setup *setup;
    struct sample_numbers *numbers;
    struct command_call *call;
    struct launch_request request;
    const char *regex; /* "" none */
};

/* NAN: the text is not one number and blanks. */
static double number_of(const char *text)
{
    char *end;
    double number = strtod(text, &end);

    return end != text && end[strspn(end, " \t")] == '\0' ? number : NAN;
}

/* The number that is the first (...) of the first match; NAN: it is none, or
 * longer than any. */
static double find_number(const char *pattern, const char *text)
{
    double number = NAN;
    char digits[64];
    regmatch_t found[2];
    regex_t regex;

    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NEWLINE) != 0)
        return NAN;
    if (regex.re_nsub >= 1 && regexec(&regex, text, 2, found, 0) == 0 &&
        found[1].rm_so >= 0 &&
        (size_t)(found[1].rm_eo - found[1].rm_so) < sizeof digits) {
        snprintf(digits, sizeof digits, "%.*s",
                 (int)(found[1].rm_eo - found[1].rm_so), text + found[1].rm_so);
        number = number_of(digits);
    }
    regfree(&regex);
    return number;
}

/* Of the work that a record has in place of tasks, whose counts are whole. */
static bool is_count(double number)
{
    return number >= 1 && number < 0x1p53 && number == floor(number);
}

static void judge(const struct one_run *run, const struct launch_end *end,
                  struct sample_batch *batch)
{
    bool is_cut = end->output_bytes == run->request.output_room;
    char how[200];
    double work;

    if (end->error != 0 || end->is_timed_out ||
        (end->status != 0 && !run->call->any_exit)) {
        sample_blame(run->numbers, "%s", launch_describe(end, how, sizeof how));
        return;
    }
    if (run->regex[0] != '\0') {
        run->request.output[end->output_bytes] = '\0';
        work = find_number(run->regex, run->request.output);
        if (!is_count(work)) {
            sample_blame(run->numbers,
                         "--throughput-regex: finds no whole number from 1 to "
                         "below 2^53 in %s",
                         is_cut ? "the first 4 MiB printed"
                                : "what is printed");
            return;
        }
        batch->work = work;
    }
    batch->is_verified = true;
}

static void take_batch(const struct one_run *run, size_t number)
{
    struct sample_numbers *numbers = run->numbers;
    struct sample_batch *batch = &numbers->batches[number];
    struct sample_task task = {0};
    struct launch_end end;

    batch->started_ns = clock_now_ns();
    end = launch_run(&run->request);
    batch->elapsed_ns = clock_now_ns() - batch->started_ns;
    numbers->batch_count = number + 1;
    judge(run, &end, batch);
    if (number == run->setup->warmup) {
        histogram_add(numbers->service, batch->elapsed_ns);
        numbers->service_max_ns = batch->elapsed_ns;
    }
    if (run->setup->observe == NULL)
        return;
    task.started_ns = batch->started_ns;
    task.finished_ns = batch->started_ns + batch->elapsed_ns;
    task.status = end.error != 0 ? -end.error : end.status;
    run->setup->observe(run->setup->observer, run->setup, &task);
}

static void take_batches(struct one_run *run)
{
    const struct sample_setup *setup = run->setup;
    struct sample_numbers *numbers = run->numbers;

    for (size_t i = 0; i <= setup->warmup && numbers->why[0] == '\0'; i++) {
        if (i == setup->warmup)
            sample_usage(&numbers->before);
        take_batch(run, i);
    }
    numbers->is_complete = true;
}

static void measure_call(struct one_run *run, char **words)
{
    size_t skip = run->call->assignment_count;
    char **environment = launch_environment(words, skip);

    run->request = (struct launch_request){.program = run->call->program,
                                           .argv = words + skip,
                                           .environment = environment,
                                           .timeout_ns = run->call->timeout_ns};
    if (run->regex[0] != '\0') {
        run->request.output = malloc(OUTPUT_BYTES + 1);
        run->request.output_room = OUTPUT_BYTES;
    }
    if (environment != NULL &&
        (run->regex[0] == '\0' || run->request.output != NULL))
        take_batches(run);
    else
        sample_blame(run->numbers, "no memory to start it with");
    free(run->request.output);
    free(environment);
}

static void measure(const struct sample_setup *setup,
                    struct sample_numbers *numbers)
{
    struct command_call call;
    struct one_run run = {.setup = setup,
                          .numbers = numbers,
                          .call = &call,
                          .regex = command_regex(setup->work)};
    char workers[24];
    char **words = NULL;

    snprintf(workers, sizeof workers, "%zu", setup->workers);
    if (command_open(setup->work->items, &call))
        words = fill_all(call.words, call.word_count, FILL_WORKERS, workers);
    if (words != NULL)
        measure_call(&run, words);
    else
        sample_blame(numbers, "no memory to start it with");
    fill_free(words);
    command_close(&call);
}

const struct lane lane_command = {
    .name = "command",
    .is_whole = true,
    .measure = measure,
};
