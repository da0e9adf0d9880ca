/* SPDX-License-Identifier: MIT */
/* Named as xargs, GNU parallel and hyperfine name them. */
#include "command_flags.h"

#include <stdio.h>
#include <string.h>

#include "number.h"
#include "say.h"

enum flag_id {
    INPUT_FILE = COMMAND_FLAGS,
    NULL_SEPARATED,
    SHELL,
    TIMEOUT,
    KEEP_OUTPUT,
    JOBLOG,
    SETUP,
    PREPARE,
    CONCLUDE,
    CLEANUP,
    THROUGHPUT_REGEX,
};

const struct flag command_flags[] = {
    {"arg-file", 'a', "FILE",
     "inputs for {}, one a line; - is stdin, and what a\n"
     "command with {} takes without this and :::",
     INPUT_FILE},
    {"null", '0', NULL, "the inputs end with a 0 byte, not with the line",
     NULL_SEPARATED},
    {"shell", 0, NULL,
     "hand the command to /bin/sh -c, as one line;\n"
     "without it no shell is started",
     SHELL},
    {"timeout", 0, "TIME", "kill a command after that; default never", TIMEOUT},
    {"keep-output", 0, "DIR",
     "keep what each task prints, 1 MiB of it at most, in\n"
     "DIR/TASK.txt; default: thrown away; files that were\n"
     "there before only with --force",
     KEEP_OUTPUT},
    {"joblog", 0, "FILE",
     "one line per task: start, runtime in seconds, exit\n"
     "code, signal, backend, workers, task, command",
     JOBLOG},
    {"setup", 0, "LINE", "a shell line run once, before everything", SETUP},
    {"prepare", 0, "LINE",
     "a shell line run before each sample; a command that\n"
     "changes its input needs one that brings it back",
     PREPARE},
    {"conclude", 0, "LINE", "a shell line run after each sample", CONCLUDE},
    {"cleanup", 0, "LINE", "a shell line run once, after everything", CLEANUP},
    {"throughput-regex", 0, "RE",
     "with {workers}: finds the work done in what is\n"
     "printed (4 MiB of it at most), an extended\n"
     "expression whose first (...) is a whole number",
     THROUGHPUT_REGEX},
    {NULL, 0, NULL, NULL, 0},
};

bool command_flags_take(const struct flag *flag, const char *value,
                        struct command_options *options)
{
    if (flag->id != JOBLOG)
        options->flag = flag->name;
    switch ((enum flag_id)flag->id) {
    case INPUT_FILE:
        options->input_file = value;
        return true;
    case NULL_SEPARATED:
        options->is_null_separated = true;
        return true;
    case SHELL:
        options->is_shell = true;
        return true;
    case TIMEOUT:
        if (number_duration(value, &options->timeout_s))
            return true;
        say_trouble("--timeout %.60s: not a time such as 500ms, 60s or 5m",
                    value);
        return false;
    case KEEP_OUTPUT:
        options->keep_output = value;
        return true;
    case JOBLOG:
        options->joblog = value;
        return true;
    case SETUP:
        options->setup = value;
        return true;
    case PREPARE:
        options->prepare = value;
        return true;
    case CONCLUDE:
        options->conclude = value;
        return true;
    case CLEANUP:
        options->cleanup = value;
        return true;
    case THROUGHPUT_REGEX:
        options->throughput_regex = value;
        return true;
    }
    return false;
}

void command_flags_words(char **words, size_t count,
                         struct command_options *options)
{
    size_t length = 0;

    while (length < count && strcmp(words[length], ":::") != 0)
        length++;
    options->words = words;
    options->word_count = length;
    options->has_inputs = length < count;
    if (options->has_inputs) {
        options->inputs = words + length + 1;
        options->input_count = count - length - 1;
    }
}

void command_flags_help(void)
{
    printf(
        "\na command after --: it is run once per task, --tasks times or once\n"
        "per input. {} in it is the input, as with xargs and GNU parallel:\n"
        "words after :::, or -a FILE, or the lines of stdin. It gets "
        "/dev/null\n"
        "to read, and may start with NAME=VALUE words. Every sample runs over\n"
        "the same inputs: a command that changes them (gzip {}) is measured\n"
        "on finished work from the second sample on, unless --prepare brings\n"
        "them back. {workers} in it, or in a NAME=VALUE word, is the worker\n"
        "count: then one run of the command is a sample of backend "
        "\"command\".\n"
        "An exit code other than 0 is a failure without --ignore-failure.\n\n");
    flag_print_table(command_flags, NULL);
}

bool command_flags_shape_plan(const struct flag *flag)
{
    return flag->id >= COMMAND_FLAGS && flag->id != JOBLOG;
}

bool command_flags_check(const struct command_options *options, bool is_resumed)
{
    const char *flag = options->flag;

    if (flag == NULL && options->joblog != NULL && !is_resumed)
        flag = "joblog";
    if (options->word_count > 0 || flag == NULL)
        return true;
    say_trouble("--%s: for a command after --, and there is none", flag);
    return false;
}
