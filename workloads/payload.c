/* SPDX-License-Identifier: MIT */
/*
 * Bytes in, bytes out, nothing else: what it costs to bring a task its argument
 * and to carry its result away. Between threads that is a copy, between
 * processes two, in Python it is pickling.
 *
 * An argument is one block of 64 bytes again and again. The task sees to it
 * that all of it arrived by comparing it with itself, shifted by a block, and
 * answers with another block again and again: both cost no more than a copy.
 */
#include "workload.h"

#include <errno.h>
#include <string.h>

#include "items.h"

enum { BLOCK_BYTES = 64, WORDS = BLOCK_BYTES / sizeof(uint64_t) };

struct block {
    uint64_t words[WORDS]; /* number, size of the answer, number + 2, ... */
};

/* Fills `bytes` bytes with the block, again and again. */
static void repeat(unsigned char *to, size_t bytes, const struct block *block)
{
    size_t done = bytes < BLOCK_BYTES ? bytes : BLOCK_BYTES;

    memcpy(to, block, done);
    while (done < bytes) {
        size_t part = done < bytes - done ? done : bytes - done;
        memcpy(to + done, to, part);
        done += part;
    }
}

static bool is_repeated(const unsigned char *bytes, size_t count,
                        const struct block *block)
{
    size_t first = count < BLOCK_BYTES ? count : BLOCK_BYTES;

    return memcmp(bytes, block, first) == 0 &&
           memcmp(bytes, bytes + first, count - first) == 0;
}

static struct block answer_to(const struct block *question)
{
    struct block answer;

    for (size_t i = 0; i < WORDS; i++)
        answer.words[i] = ~question->words[i];
    return answer;
}

static enum cf_status payload_task(struct cf_task *task, const void *arg,
                                   size_t arg_bytes)
{
    struct block question, answer;
    unsigned char *space;

    memcpy(&question, arg, sizeof question);
    if (!is_repeated(arg, arg_bytes, &question))
        return cf_raise(task, EIO, "the argument arrived damaged");
    space = cf_return_space(task, question.words[1]);
    if (space == NULL)
        return cf_raise(task, ENOMEM, "no memory for the result");
    answer = answer_to(&question);
    repeat(space, question.words[1], &answer);
    return CF_OK;
}

static struct block question_of(const struct wl_setup *setup, size_t i)
{
    struct block block;

    for (size_t k = 0; k < WORDS; k++)
        block.words[k] = i + k;
    block.words[1] = (uint64_t)setup->values[1].number;
    return block;
}

static enum cf_status payload_prepare(const struct wl_setup *setup,
                                      struct wl_work *work)
{
    size_t item_bytes = (size_t)setup->values[0].number;
    unsigned char *items = wl_items_create(setup, item_bytes, work);

    if (items == NULL)
        return CF_NOMEM;
    for (size_t i = 0; i < setup->tasks; i++) {
        struct block question = question_of(setup, i);
        repeat(items + i * item_bytes, item_bytes, &question);
    }
    return CF_OK;
}

static bool payload_verify(const struct wl_work *work, size_t i,
                           const void *output, size_t output_bytes)
{
    const unsigned char *items = work->items;
    struct block question, answer;

    memcpy(&question, items + i * work->item_bytes, sizeof question);
    answer = answer_to(&question);
    return output_bytes == question.words[1] &&
           is_repeated(output, output_bytes, &answer);
}

static const struct wl_parameter parameters[] = {
    {.name = "in_bytes",
     .about = "size of each task's argument",
     .standard = "4096",
     .kind = WL_INTEGER,
     .minimum = BLOCK_BYTES,
     .maximum = 16 << 20},
    {.name = "out_bytes",
     .about = "size of each task's result",
     .standard = "4096",
     .kind = WL_INTEGER,
     .minimum = BLOCK_BYTES,
     .maximum = 16 << 20},
    {0},
};

const struct wl_workload wl_payload = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "payload",
    .about = "takes in_bytes and gives out_bytes back, with no work between",
    .limit = "the way there and back: shows the price of a process's border",
    .klass = WL_CPU,
    .parameters = parameters,
    .task = payload_task,
    .prepare = payload_prepare,
    .verify = payload_verify,
    .dispose = wl_items_dispose,
};
