/* SPDX-License-Identifier: MIT */
/*
 * Where a command becomes parameters of a workload (command.h): from here on it
 * is recorded, resumed and run as any other.
 */
#include "command_plan.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "fill.h"
#include "inputs.h"
#include "keep.h"
#include "lane.h"
#include "launch.h"
#include "program.h"
#include "quote.h"
#include "say.h"

/* A command on its way into the plan. */
struct planned {
    const struct command_options *options;
    char **words; /* assignments, then the command; of a shell: one line */
    size_t word_count;
    char *line; /* of a shell, one of the words */
    bool has_own_workers;
    bool is_with_backend; /* --backend was given, and for nothing else */
    bool is_dry_run;      /* it is going to be looked at alone */
    bool is_forced;       /* files that are not ours may be replaced */
    char **inputs;
    size_t input_count;
    struct inputs read; /* where they are from a file */
};

static bool refuse(const char *what, const char *why)
{
    say_trouble("%.100s: %s", what, why);
    return false;
}

/* "a b c" for `sh -c`, as the words were typed. */
static char *join_plain(char *const *words, size_t count)
{
    size_t length = 1;
    char *line, *to;

    for (size_t i = 0; i < count; i++)
        length += strlen(words[i]) + 1;
    line = to = malloc(length);
    for (size_t i = 0; line != NULL && i < count; i++) {
        to = stpcpy(to, words[i]);
        *to++ = ' ';
    }
    if (line != NULL)
        to[-(count > 0)] = '\0';
    return line;
}

/* Copies the words, makes them a shell's where asked for, and has a {} at the
 * end where inputs are given and go nowhere. */
static bool take_words(struct planned *planned)
{
    const struct command_options *options = planned->options;
    size_t count = options->word_count;
    char **words = calloc(count + 4, sizeof *words);
    bool is_open = (options->has_inputs || options->input_file != NULL) &&
                   !fill_is_in(options->words, count, FILL_INPUT);

    planned->words = words;
    if (words == NULL)
        return refuse("run", "no memory");
    memcpy(words, options->words, count * sizeof *words);
    if (is_open)
        words[count++] = (char *)FILL_INPUT;
    if (options->is_shell) {
        planned->line = join_plain(words, count);
        if (planned->line == NULL)
            return refuse("run", "no memory");
        words[0] = (char *)"sh";
        words[1] = (char *)"-c";
        words[2] = planned->line;
        count = 3;
    }
    planned->word_count = count;
    planned->has_own_workers = fill_is_in(words, count, FILL_WORKERS);
    return true;
}

static bool take_inputs(struct planned *planned)
{
    const struct command_options *options = planned->options;
    bool has_hole = fill_is_in(planned->words, planned->word_count, FILL_INPUT);

    if (options->has_inputs && options->input_file != NULL)
        return refuse(":::", "not together with --arg-file");
    if (planned->has_own_workers && planned->is_with_backend)
        return refuse(FILL_WORKERS,
                      "the command's own workers: no --backend beside it");
    if (planned->has_own_workers && has_hole)
        return refuse(FILL_WORKERS, "not together with inputs");
    planned->inputs = options->inputs;
    planned->input_count = options->input_count;
    if (options->has_inputs)
        return options->input_count > 0 || refuse(":::", "no input after it");
    if (!has_hole)
        return true;
    if (!inputs_read(options->input_file ? options->input_file : "-",
                     options->is_null_separated, &planned->read))
        return false;
    planned->inputs = planned->read.words;
    planned->input_count = planned->read.count;
    return true;
}

static bool check_hooks(const struct command_options *options)
{
    regex_t regex;
    int wrong;

    if (options->setup != NULL && strstr(options->setup, FILL_WORKERS))
        return refuse("--setup", "{workers} only in --prepare and --conclude");
    if (options->cleanup != NULL && strstr(options->cleanup, FILL_WORKERS))
        return refuse("--cleanup",
                      "{workers} only in --prepare and --conclude");
    if (options->throughput_regex == NULL)
        return true;
    wrong = regcomp(&regex, options->throughput_regex, REG_EXTENDED);
    if (wrong != 0)
        return refuse("--throughput-regex", "not a regular expression");
    wrong = regex.re_nsub < 1;
    regfree(&regex);
    return !wrong || refuse("--throughput-regex",
                            "needs a (...) around the number to be read");
}

/* --- its parameters --- */

static bool set(struct plan_workload *work, enum command_parameter id,
                const char *value)
{
    char *text;

    if (value == NULL)
        return true;
    if (asprintf(&text, "%s=%s", work->workload->parameters[id].name, value) <
        0)
        return refuse("run", "no memory");
    work->texts[work->text_count++] = text;
    return true;
}

static bool set_quoted(struct plan_workload *work, enum command_parameter id,
                       char *const *words, size_t count)
{
    char *text = quote_join(words, count);
    bool is_set = text != NULL && set(work, id, text);

    free(text);
    return is_set;
}

static bool set_program(struct plan_workload *work,
                        const struct planned *planned)
{
    size_t skip = launch_assignments(planned->words, planned->word_count);
    char *path;
    bool is_set;

    if (planned->options->is_shell)
        return set(work, COMMAND_PROGRAM, "/bin/sh");
    path = program_find(planned->words[skip]);
    is_set = path != NULL && set(work, COMMAND_PROGRAM, path);
    free(path);
    return is_set;
}

static bool set_keep(struct plan_workload *work, const struct planned *planned)
{
    const char *folder = planned->options->keep_output;
    char *path;
    bool is_set;

    if (folder == NULL || planned->is_dry_run)
        return set(work, COMMAND_KEEP, folder);
    path = keep_folder(folder, planned->is_forced);
    if (path == NULL)
        return false;
    is_set = set(work, COMMAND_KEEP, path);
    free(path);
    return is_set;
}

static bool set_all(struct plan_workload *work, const struct planned *planned,
                    bool any_exit)
{
    const struct command_options *options = planned->options;
    char timeout[40];

    snprintf(timeout, sizeof timeout, "%.9g", options->timeout_s);
    return set_program(work, planned) &&
           set_quoted(work, COMMAND_WORDS, planned->words,
                      planned->word_count) &&
           set_quoted(work, COMMAND_INPUTS, planned->inputs,
                      planned->input_count) &&
           set(work, COMMAND_SHELL, options->is_shell ? "1" : "0") &&
           set(work, COMMAND_TIMEOUT, timeout) &&
           set(work, COMMAND_ANY_EXIT, any_exit ? "1" : "0") &&
           set_keep(work, planned) &&
           set(work, COMMAND_SETUP, options->setup) &&
           set(work, COMMAND_PREPARE, options->prepare) &&
           set(work, COMMAND_CONCLUDE, options->conclude) &&
           set(work, COMMAND_CLEANUP, options->cleanup) &&
           set(work, COMMAND_REGEX, options->throughput_regex);
}

/* "cmd:xz" for /usr/bin/xz -1 and for the shell's xz -1. */
static char *make_name(const struct planned *planned)
{
    const char *word = planned->options->words[launch_assignments(
        planned->options->words, planned->options->word_count)];
    const char *slash = strrchr(word, '/');
    char *name;

    word = slash != NULL && slash[1] != '\0' ? slash + 1 : word;
    if (asprintf(&name, COMMAND_PREFIX "%.*s",
                 (int)strcspn(word, " \t\n.=|;&<>"), word) < 0)
        return NULL;
    return name;
}

static bool add(struct planned *planned, const struct options *options,
                struct plan *plan)
{
    char *name = make_name(planned);
    struct plan_workload *work =
        name == NULL
            ? NULL
            : plan_add_workload(plan, name,
                                COMMAND_PARAMETERS + options->parameter_count);

    free(name);
    if (work == NULL)
        return false;
    if (planned->has_own_workers) {
        work->lane_only = &lane_command;
        work->tasks = 1;
    } else {
        work->tasks = planned->input_count;
    }
    return set_all(work, planned, options->ignore_failure);
}

bool command_plan_add(const struct options *options, struct plan *plan)
{
    struct planned planned = {.options = &options->command,
                              .is_with_backend = options->backends != NULL &&
                                                 options->workload_count == 0,
                              .is_dry_run = options->dry_run,
                              .is_forced = options->force};
    bool is_added;

    if (launch_assignments(options->command.words,
                           options->command.word_count) ==
        options->command.word_count)
        return refuse("--", "no command after it");
    is_added =
        take_words(&planned) && take_inputs(&planned) &&
        check_hooks(&options->command) &&
        (options->command.throughput_regex == NULL || planned.has_own_workers ||
         refuse("--throughput-regex", "needs {workers} in the command")) &&
        add(&planned, options, plan);
    free(planned.line);
    free(planned.words);
    inputs_free(&planned.read);
    return is_added;
}
