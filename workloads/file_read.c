/* SPDX-License-Identifier: MIT */
/*
 * Reads whole files in a directory of its own. With cold=1 the kernel is asked
 * to forget each file before it is read, which a clean file of one's own always
 * may be; so it comes from the disk, or from whatever cache the disk has. On a
 * file system that lives in memory (tmpfs) there is nothing to forget.
 */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "items.h"
#include "kept.h"
#include "refuse.h"
#include "scratch.h"
#include "words.h"

enum { BYTES, FILES, COLD, DIR }; /* the parameters' places */

enum { PIECE_BYTES = 128 << 10 }; /* read at a time; a multiple of 8 */

struct item {
    uint64_t number; /* of the file */
    uint64_t is_cold;
    char path[WL_SCRATCH_PATH_BYTES + 24];
};

struct read_work {
    struct wl_scratch scratch;
    struct wl_words right[]; /* one per file */
};

static struct wl_kept kept; /* the buffer */

/* One piece, as a blocking part of the task. */
static ssize_t read_piece(struct cf_task *task, int fd, unsigned char *piece)
{
    ssize_t got, all = 0;

    cf_blocking_begin(task);
    do { /* short reads: a piece stays a multiple of 8 */
        got = read(fd, piece + all, PIECE_BYTES - (size_t)all);
        all += got > 0 ? got : 0;
    } while ((got > 0 && all < PIECE_BYTES) || (got < 0 && errno == EINTR));
    cf_blocking_end(task);
    return got < 0 ? -1 : all;
}

/* False, with errno. */
static bool read_file(struct cf_task *task, int fd, unsigned char *piece,
                      struct wl_words *words)
{
    ssize_t got;

    while ((got = read_piece(task, fd, piece)) > 0) {
        wl_words_add(words, piece, (size_t)got);
        if (cf_stopping(task)) {
            errno = ECANCELED;
            return false;
        }
    }
    return got == 0;
}

static enum cf_status file_read_task(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    const struct item *item = arg;
    struct wl_words words = {.number = item->number};
    unsigned char *piece = wl_kept_room(&kept, PIECE_BYTES);
    enum cf_status status;
    int fd;

    (void)arg_bytes; /* always one item */
    if (piece == NULL)
        return cf_raise(task, ENOMEM, "no memory for a buffer");
    fd = open(item->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cf_raise(task, errno, "%s: %s", item->path, strerror(errno));
    if (item->is_cold)
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); /* a wish */
    if (read_file(task, fd, piece, &words))
        status = cf_return(task, &words, sizeof words);
    else
        status = cf_raise(task, errno, "%s: %s", item->path, strerror(errno));
    close(fd);
    return status;
}

/* Writes one file, down to the disk: only a clean one can be forgotten. */
static bool write_file(const char *path, uint64_t number, size_t bytes,
                       struct wl_words *right)
{
    static unsigned char piece[PIECE_BYTES]; /* one thread prepares */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = fd >= 0;

    *right = (struct wl_words){.number = number};
    for (size_t done = 0; good && done < bytes; done += PIECE_BYTES) {
        size_t left = bytes - done;
        size_t part = left < PIECE_BYTES ? left : PIECE_BYTES;

        wl_words_fill(piece, part, number, done / sizeof(uint64_t));
        wl_words_add(right, piece, part);
        good = wl_scratch_write(fd, piece, part);
    }
    good = good && fsync(fd) == 0;
    if (fd >= 0 && close(fd) != 0)
        good = false;
    return good;
}

static void file_read_dispose(struct wl_work *work)
{
    struct read_work *data = work->data;

    if (data != NULL)
        wl_scratch_remove(&data->scratch);
    free(data);
    free((void *)work->items);
}

/* The files, and the items that go round them. */
static enum cf_status write_files(const struct wl_setup *setup,
                                  struct read_work *data, struct item *items)
{
    size_t files = (size_t)setup->values[FILES].number;
    size_t bytes = (size_t)setup->values[BYTES].number;

    for (size_t i = 0; i < setup->tasks; i++) {
        struct item *item = &items[i];

        item->number = i % files;
        item->is_cold = setup->values[COLD].number > 0;
        snprintf(item->path, sizeof item->path, "%s/%zu", data->scratch.path,
                 i % files);
        if (i < files && !write_file(item->path, i, bytes, &data->right[i]))
            return wl_refuse(setup->why, setup->why_bytes, CF_SYSTEM,
                             "cannot write a file of %zu bytes: %s", bytes,
                             strerror(errno));
    }
    return CF_OK;
}

static enum cf_status file_read_prepare(const struct wl_setup *setup,
                                        struct wl_work *work)
{
    size_t files = (size_t)setup->values[FILES].number;
    struct item *items = wl_items_create(setup, sizeof *items, work);
    struct read_work *data =
        calloc(1, sizeof *data + files * sizeof data->right[0]);
    enum cf_status status;

    work->data = data;
    if (items == NULL || data == NULL)
        status = wl_refuse(setup->why, setup->why_bytes, CF_NOMEM,
                           "no memory for %zu tasks and %zu files",
                           setup->tasks, files);
    else
        status = wl_scratch_create(&data->scratch, setup->values[DIR].text,
                                   setup->why, setup->why_bytes);
    if (status == CF_OK)
        status = write_files(setup, data, items);
    if (status != CF_OK)
        file_read_dispose(work);
    return status;
}

static bool file_read_verify(const struct wl_work *work, size_t i,
                             const void *output, size_t output_bytes)
{
    const struct read_work *data = work->data;
    const struct item *items = work->items;

    return output_bytes == sizeof data->right[0] &&
           memcmp(output, &data->right[items[i].number], output_bytes) == 0;
}

static const struct wl_parameter parameters[] = {
    [BYTES] = {.name = "bytes",
               .about = "size of each file",
               .standard = "1048576",
               .kind = WL_INTEGER,
               .minimum = 0,
               .maximum = 1LL << 34},
    [FILES] = {.name = "files",
               .about = "how many files there are, read in turn",
               .standard = "64",
               .kind = WL_INTEGER,
               .minimum = 1,
               .maximum = 1e6},
    [COLD] = {.name = "cold",
              .about = "1: the kernel forgets a file before it is read; 0: no",
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

const struct wl_workload wl_file_read = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "file_read",
    .about = "reads a file from its first byte to its last",
    .limit = "the disk; with cold=0 how fast the kernel copies",
    .klass = WL_IO,
    .parameters = parameters,
    .task = file_read_task,
    .prepare = file_read_prepare,
    .verify = file_read_verify,
    .dispose = file_read_dispose,
};
