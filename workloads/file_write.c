/* SPDX-License-Identifier: MIT */
/*
 * The life of a small file: made, written, brought down to the disk by fsync,
 * and removed. Each task reads back what it wrote, from memory, which costs
 * little beside the disk: a write that cannot be read has no time.
 */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kept.h"
#include "scratch.h"
#include "words.h"

enum { BYTES, SYNC, DIR }; /* the parameters' places */

struct item {
    uint64_t number;
    uint64_t bytes;
    uint64_t is_synced;
    char directory[WL_SCRATCH_PATH_BYTES];
};

static struct wl_kept kept; /* the buffer */

static bool read_all(int fd, unsigned char *to, size_t bytes)
{
    for (size_t done = 0; done < bytes;) {
        ssize_t got = pread(fd, to + done, bytes - done, (off_t)done);

        if (got == 0)
            errno = EIO; /* shorter than what was written */
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        done += got > 0 ? (size_t)got : 0;
    }
    return true;
}

/* Writes, syncs, reads back into the same buffer. False, with errno. */
static bool write_and_read(const struct item *item, int fd,
                           unsigned char *buffer)
{
    if (!wl_scratch_write(fd, buffer, item->bytes))
        return false;
    if (item->is_synced && fsync(fd) != 0)
        return false;
    memset(buffer, 0, item->bytes);
    return read_all(fd, buffer, item->bytes);
}

/* All of the blocking part. False, with errno. */
static bool live(const struct item *item, char *path, unsigned char *buffer)
{
    int fd = mkostemp(path, O_CLOEXEC);
    int saved;
    bool good;

    if (fd < 0)
        return false;
    good = write_and_read(item, fd, buffer);
    saved = errno;
    close(fd);
    unlink(path);
    errno = saved;
    return good;
}

static enum cf_status file_write_task(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    const struct item *item = arg;
    struct wl_words words = {.number = item->number};
    unsigned char *buffer = wl_kept_room(&kept, item->bytes + 1);
    char path[WL_SCRATCH_PATH_BYTES + 8];
    bool good;
    int wrong;

    (void)arg_bytes; /* always one item */
    if (buffer == NULL)
        return cf_raise(task, ENOMEM, "no memory for a buffer");
    wl_words_fill(buffer, item->bytes, item->number, 0);
    snprintf(path, sizeof path, "%s/XXXXXX", item->directory);
    cf_blocking_begin(task);
    good = live(item, path, buffer);
    wrong = errno;
    cf_blocking_end(task);
    if (!good)
        return cf_raise(task, wrong, "%s: %s", path, strerror(wrong));
    wl_words_add(&words, buffer, item->bytes);
    return cf_return(task, &words, sizeof words);
}

static enum cf_status file_write_prepare(const struct wl_setup *setup,
                                         struct wl_work *work)
{
    enum cf_status status = wl_scratch_prepare(setup, sizeof(struct item),
                                               setup->values[DIR].text, work);
    const struct wl_scratch *scratch = work->data;
    struct item *items = (struct item *)work->items;

    if (status != CF_OK)
        return status;
    for (size_t i = 0; i < setup->tasks; i++) {
        items[i] = (struct item){
            .number = i,
            .bytes = (uint64_t)setup->values[BYTES].number,
            .is_synced = setup->values[SYNC].number > 0,
        };
        memcpy(items[i].directory, scratch->path, sizeof scratch->path);
    }
    return CF_OK;
}

static bool file_write_verify(const struct wl_work *work, size_t i,
                              const void *output, size_t output_bytes)
{
    const struct item *item = (const struct item *)work->items + i;
    struct wl_words right = {.number = item->number};
    uint64_t piece[512];

    for (size_t done = 0; done < item->bytes; done += sizeof piece) {
        size_t left = item->bytes - done;
        size_t part = left < sizeof piece ? left : sizeof piece;

        wl_words_fill(piece, part, item->number, done / sizeof piece[0]);
        wl_words_add(&right, piece, part);
    }
    return output_bytes == sizeof right &&
           memcmp(output, &right, sizeof right) == 0;
}

static const struct wl_parameter parameters[] = {
    [BYTES] = {.name = "bytes",
               .about = "size of each task's file",
               .standard = "65536",
               .kind = WL_INTEGER,
               .minimum = 0,
               .maximum = 1 << 30},
    [SYNC] = {.name = "fsync",
              .about = "1: down to the disk before the task ends; 0: no",
              .standard = "1",
              .kind = WL_INTEGER,
              .minimum = 0,
              .maximum = 1},
    [DIR] = {.name = "dir",
             .about = "where to make them; without it $TMPDIR or /var/tmp",
             .standard = "",
             .kind = WL_TEXT},
    {0},
};

const struct wl_workload wl_file_write = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "file_write",
    .about = "makes a file, writes it, brings it to the disk, removes it",
    .limit = "how fast the disk says done, and how many it serves at once",
    .klass = WL_IO,
    .parameters = parameters,
    .task = file_write_task,
    .prepare = file_write_prepare,
    .verify = file_write_verify,
    .dispose = wl_scratch_dispose,
};
