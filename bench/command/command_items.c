/* SPDX-License-Identifier: MIT */
/* From a command's parameters to the items of its tasks. */
#include "command_items.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "fill.h"
#include "launch.h"
#include "quote.h"
#include "refuse.h"

#define ITEMS_BYTES_MAX ((size_t)1 << 30)

/* What prepare() works with. */
struct making {
    const struct wl_setup *setup;
    char **words; /* the template */
    size_t word_count;
    size_t assignment_count;
    char **inputs;
    size_t input_count;
    bool is_shell;
    struct command_head head;
};

/* The i-th call's words. NULL without memory. */
static char **call_words(const struct making *making, size_t i)
{
    const char *input =
        making->input_count > 0 ? making->inputs[i % making->input_count] : "";
    char *quoted = NULL, **words;

    if (making->is_shell) {
        quoted = quote_join((char *const *)&input, 1);
        if (quoted == NULL)
            return NULL;
    }
    words = fill_all(making->words, making->word_count, FILL_INPUT,
                     making->is_shell ? quoted : input);
    free(quoted);
    return words;
}

static size_t keep_path(const struct making *making, size_t i, char *path,
                        size_t path_bytes)
{
    const char *folder = making->setup->values[COMMAND_KEEP].text;
    int length = 0;

    if (folder[0] != '\0')
        length = snprintf(path, path_bytes, "%s/%zu.txt", folder, i);
    else if (path_bytes > 0)
        path[0] = '\0';
    return (size_t)length;
}

/* Writes the i-th item, or with NULL only says how long it is. 0: no memory. */
static size_t put_item(const struct making *making, size_t i, char *item)
{
    const char *program = making->setup->values[COMMAND_PROGRAM].text;
    size_t keep = keep_path(making, i, NULL, 0) + 1;
    size_t bytes = sizeof(struct command_head) + strlen(program) + 1 + keep;
    char **words = call_words(making, i);
    struct command_head head = making->head;

    for (size_t w = 0; words != NULL && w < making->word_count; w++)
        bytes += strlen(words[w]) + 1;
    if (words != NULL && item != NULL) {
        head.number = i;
        item = mempcpy(item, &head, sizeof head);
        item = stpcpy(item, program) + 1;
        keep_path(making, i, item, keep);
        item += keep;
        for (size_t w = 0; w < making->word_count; w++)
            item = stpcpy(item, words[w]) + 1;
    }
    bytes = words == NULL ? 0 : bytes;
    fill_free(words);
    return bytes;
}

static enum cf_status make_items(const struct making *making,
                                 struct wl_work *work)
{
    const struct wl_setup *setup = making->setup;
    size_t variety =
        making->input_count < setup->tasks ? making->input_count : setup->tasks;
    size_t longest = put_item(making, setup->tasks - 1, NULL);
    char *items;

    /* The numbers in the names of kept files differ in length, too. */
    for (size_t i = 0; i < variety; i++) {
        size_t bytes = put_item(making, i, NULL);

        if (bytes == 0)
            return CF_NOMEM;
        longest = bytes + 20 > longest ? bytes + 20 : longest;
    }
    if (longest == 0)
        return CF_NOMEM;
    longest = (longest + 15) & ~(size_t)15;
    if (longest > ITEMS_BYTES_MAX / setup->tasks)
        return wl_refuse(setup->why, setup->why_bytes, CF_INVALID,
                         "%zu tasks with up to %zu bytes of command are more "
                         "than 1 GiB",
                         setup->tasks, longest);
    items = calloc(setup->tasks, longest);
    *work = (struct wl_work){
        .items = items, .item_bytes = longest, .data = work->data};
    for (size_t i = 0; items != NULL && i < setup->tasks; i++)
        if (put_item(making, i, items + i * longest) == 0)
            return CF_NOMEM;
    return items != NULL ? CF_OK : CF_NOMEM;
}

/* The words of the template; for a shell all of them are one. */
static bool read_words(struct making *making)
{
    const struct wl_value *values = making->setup->values;

    making->is_shell = values[COMMAND_SHELL].number != 0;
    making->words =
        quote_split(values[COMMAND_WORDS].text, &making->word_count);
    making->inputs =
        quote_split(values[COMMAND_INPUTS].text, &making->input_count);
    if (making->words == NULL || making->inputs == NULL)
        return false;
    making->assignment_count =
        launch_assignments(making->words, making->word_count);
    making->head = (struct command_head){
        .timeout_ns = (int64_t)(values[COMMAND_TIMEOUT].number * 1e9),
        .word_count = (uint32_t)making->word_count,
        .assignment_count = (uint32_t)making->assignment_count,
        .any_exit = values[COMMAND_ANY_EXIT].number != 0};
    return making->assignment_count < making->word_count;
}

enum cf_status command_items(const struct wl_setup *setup, struct wl_work *work)
{
    struct making making = {.setup = setup};
    enum cf_status status;

    if (read_words(&making))
        status = make_items(&making, work);
    else
        status = wl_refuse(setup->why, setup->why_bytes, CF_INVALID,
                           "command=%.100s: not a list of words",
                           setup->values[COMMAND_WORDS].text);
    free(making.words);
    free(making.inputs);
    return status;
}
