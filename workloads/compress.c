/* SPDX-License-Identifier: MIT */
/*
 * zstd on JSON text: real computing in real memory, tens of kilobytes in and
 * the compressed bytes out. Each worker keeps its context, as a program that
 * cares about speed does.
 *
 * The right outputs come from compressing each text once beforehand, and from
 * seeing that it decompresses to what it was.
 */
#include "workload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "document.h"
#include "kept.h"
#include "refuse.h"

enum { VARIETY = 8 }; /* of texts */

/* An item: this, and the text. */
struct head {
    int64_t level;
};

struct packed {
    size_t bytes;
    unsigned char *data;
};

struct compress_work {
    struct packed right[VARIETY];
};

static struct wl_kept kept_context, kept_output;

static void context_destroy(void *context)
{
    ZSTD_freeCCtx(context);
}

/* This worker's context. NULL: no memory. */
static ZSTD_CCtx *own_context(void)
{
    ZSTD_CCtx *context = wl_kept_get(&kept_context);

    if (context != NULL)
        return context;
    context = ZSTD_createCCtx();
    if (context == NULL ||
        !wl_kept_set(&kept_context, context, context_destroy))
        return NULL;
    return context;
}

/* One call into the library, which cannot be asked to stop on its way. */
static enum cf_status compress_task(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    const struct head *head = arg;
    size_t bytes = arg_bytes - sizeof *head;
    size_t room = ZSTD_compressBound(bytes);
    void *output = wl_kept_room(&kept_output, room);
    ZSTD_CCtx *context = own_context();
    size_t packed;

    if (output == NULL || context == NULL)
        return cf_raise(task, ENOMEM, "no memory for zstd");
    packed = ZSTD_compressCCtx(context, output, room, head + 1, bytes,
                               (int)head->level);
    if (ZSTD_isError(packed))
        return cf_raise(task, EIO, "zstd: %s", ZSTD_getErrorName(packed));
    return cf_return(task, output, packed);
}

/* Does it decompress to what it was? */
static bool comes_back(const struct packed *packed, const void *text,
                       size_t bytes)
{
    void *again = malloc(bytes);
    bool same =
        again != NULL &&
        ZSTD_decompress(again, bytes, packed->data, packed->bytes) == bytes &&
        memcmp(again, text, bytes) == 0;

    free(again);
    return same;
}

/* The right output for a text, by zstd's simplest call. */
static bool know_packed(const void *text, size_t bytes, int level,
                        struct packed *packed)
{
    size_t room = ZSTD_compressBound(bytes);

    packed->data = malloc(room);
    if (packed->data == NULL)
        return false;
    packed->bytes = ZSTD_compress(packed->data, room, text, bytes, level);
    return !ZSTD_isError(packed->bytes) && comes_back(packed, text, bytes);
}

static void compress_dispose(struct wl_work *work)
{
    struct compress_work *data = work->data;

    for (size_t i = 0; data != NULL && i < VARIETY; i++)
        free(data->right[i].data);
    free(data);
    free((void *)work->items);
}

/* All items: the texts in turn. False where one could not be compressed. */
static bool write_items(const struct wl_setup *setup,
                        struct compress_work *data, char *items,
                        size_t item_bytes)
{
    struct head head = {(int64_t)setup->values[1].number};
    size_t bytes = (size_t)setup->values[0].number;

    for (size_t i = 0; i < setup->tasks; i++) {
        char *item = items + i * item_bytes;

        if (i >= VARIETY) {
            memcpy(item, item - VARIETY * item_bytes, item_bytes);
            continue;
        }
        memcpy(item, &head, sizeof head);
        wl_document_write(i, bytes, item + sizeof head);
        if (!know_packed(item + sizeof head, item_bytes - sizeof head,
                         (int)head.level, &data->right[i]))
            return false;
    }
    return true;
}

static enum cf_status compress_prepare(const struct wl_setup *setup,
                                       struct wl_work *work)
{
    size_t bytes = (size_t)setup->values[0].number;
    size_t item_bytes = (sizeof(struct head) + wl_document_room(bytes) + 7) &
                        ~(size_t)7; /* aligned, as the head of each must be */
    struct compress_work *data = calloc(1, sizeof *data);
    char *items = calloc(setup->tasks, item_bytes);

    *work = (struct wl_work){items, item_bytes, data};
    if (data != NULL && items != NULL &&
        write_items(setup, data, items, item_bytes))
        return CF_OK;
    compress_dispose(work);
    return wl_refuse(setup->why, setup->why_bytes, CF_NOMEM,
                     "no memory for %zu texts of %zu bytes, or zstd failed",
                     setup->tasks, bytes);
}

static bool compress_verify(const struct wl_work *work, size_t i,
                            const void *output, size_t output_bytes)
{
    const struct compress_work *data = work->data;
    const struct packed *right = &data->right[i % VARIETY];

    return output_bytes == right->bytes &&
           memcmp(output, right->data, right->bytes) == 0;
}

static const struct wl_parameter parameters[] = {
    {.name = "bytes",
     .about = "size of the text",
     .standard = "262144",
     .kind = WL_INTEGER,
     .minimum = 1,
     .maximum = 1 << 28},
    {.name = "level",
     .about = "zstd's level: higher is smaller and slower",
     .standard = "3",
     .kind = WL_INTEGER,
     .minimum = 1,
     .maximum = 19},
    {0},
};

const struct wl_workload wl_compress = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "compress",
    .about = "compresses a text with zstd",
    .limit = "the cores and their caches, and with more workers the memory",
    .klass = WL_CPU,
    .parameters = parameters,
    .task = compress_task,
    .prepare = compress_prepare,
    .verify = compress_verify,
    .dispose = compress_dispose,
};
