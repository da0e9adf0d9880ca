/* SPDX-License-Identifier: MIT */
/*
 * Both sides share everything but what they are: flags, inputs (read once),
 * parameters that have no side named. Where both are called the same, a record
 * tells them apart by what stands behind the name.
 */
#include "versus_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command_plan.h"
#include "fill.h"
#include "inputs.h"
#include "quote.h"
#include "say.h"

/* quote_split() takes these as they are, where a shell would not. */
static bool needs_shell(const char *line)
{
    bool is_quoted = false;

    for (; *line != '\0'; line++) {
        is_quoted ^= *line == '\'';
        if (!is_quoted && (*line == '"' || *line == '\\'))
            return true;
    }
    return is_quoted;
}

/* The old command's words, in one block; NULL: one line has been said. */
static char **split(const struct options *options, size_t *count)
{
    const char *line = options->versus.old;
    char **words = NULL;

    if (options->command.is_shell) {
        words = calloc(2, sizeof *words);
        *count = 1;
        if (words != NULL)
            words[0] = (char *)line;
    } else if (!needs_shell(line)) {
        words = quote_split(line, count);
    }
    if (words == NULL)
        say_trouble("--vs %.60s: not words, blanks between and quoted as "
                    "'...' (--shell reads any line)",
                    line);
    return words;
}

/* Both commands with the same inputs; `both` has the new one's words. */
static bool add_commands(const struct options *options, char **old_words,
                         size_t old_count, struct plan *plan)
{
    struct options both = *options;
    struct command_options *command = &both.command;
    struct inputs read = {0};
    bool has_hole =
        fill_is_in(command->words, command->word_count, FILL_INPUT) ||
        fill_is_in(old_words, old_count, FILL_INPUT);
    bool is_added = true;

    if (!command->has_inputs && (has_hole || command->input_file != NULL)) {
        is_added = inputs_read(command->input_file ? command->input_file : "-",
                               command->is_null_separated, &read);
        command->inputs = read.words;
        command->input_count = read.count;
        command->has_inputs = true;
        command->input_file = NULL;
    }
    command->words = old_words;
    command->word_count = old_count;
    is_added = is_added && command_plan_add(&both, plan);
    command->words = options->command.words;
    command->word_count = options->command.word_count;
    is_added = is_added && command_plan_add(&both, plan);
    inputs_free(&read);
    return is_added;
}

static bool add_both(const struct options *options, struct plan *plan)
{
    size_t count;
    char **words;
    bool is_added;

    if (options->workload_count > 0)
        return plan_add_named(plan, options, options->versus.old) &&
               plan_add_named(plan, options, options->workloads[0]);
    words = split(options, &count);
    is_added = words != NULL && add_commands(options, words, count, plan);
    free(words);
    return is_added;
}

/* The one that starts its own workers and the one whose workers are ours have
 * no backend in common, so no case of one is the other's pair. */
static bool are_comparable(const struct plan *plan)
{
    if (plan->workloads[0].lane_only == plan->workloads[1].lane_only)
        return true;
    say_trouble("--vs: " FILL_WORKERS " in one of the commands alone: nothing "
                "of theirs can be compared");
    return false;
}

bool versus_plan_add(const struct options *options, struct plan *plan)
{
    static const char *const sides[] = {"old", "new"};
    bool is_one_name;

    if (!add_both(options, plan) || !are_comparable(plan))
        return false;
    is_one_name = strcmp(plan->workloads[0].workload->name,
                         plan->workloads[1].workload->name) == 0;
    for (size_t i = 0; i < 2; i++) {
        struct plan_workload *work = &plan->workloads[i];

        work->side = sides[i];
        work->tasks_least = 1;
        if (is_one_name && asprintf(&work->id, "%s (%s)", work->workload->name,
                                    sides[i]) < 0) {
            work->id = NULL;
            say_trouble("--vs: no memory");
            return false;
        }
    }
    return true;
}
