/* SPDX-License-Identifier: MIT */
/*
 * Looks up rows of an SQLite database by their key, in random order. The
 * database fits in memory, so this is a library's work on shared pages: each
 * query takes a read lock that all workers share.
 */
#include "workload.h"

#include <errno.h>
#include <string.h>

#include "database.h"
#include "random.h"

enum { ROWS, QUERIES, DIR }; /* the parameters' places */

enum { STRIDE = 8 }; /* queries between two cf_stopping(): some 20 us */

struct item {
    uint64_t number;
    uint64_t seed;
    uint64_t rows;
    uint64_t queries;
    char path[WL_DATABASE_PATH_BYTES];
};

/* A task's output, so without padding. */
struct found {
    uint64_t number;
    int64_t sum; /* of what the accounts hold */
};

static struct wl_kept kept; /* the connection */

/* Adds account `id` to `*sum`. False: there is no such row, or SQLite failed. */
static bool look_up(sqlite3_stmt *statement, uint64_t id, int64_t *sum)
{
    bool found;

    sqlite3_bind_int64(statement, 1, (int64_t)id);
    found = sqlite3_step(statement) == SQLITE_ROW;
    if (found)
        *sum += sqlite3_column_int64(statement, 0);
    return sqlite3_reset(statement) == SQLITE_OK && found;
}

static enum cf_status sqlite_read_task(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    const struct item *item = arg;
    struct found found = {.number = item->number};
    uint64_t state = item->seed;
    const char *why;
    struct wl_database *database =
        wl_database_own(&kept, item->path, "PRAGMA query_only = 1",
                        "SELECT a FROM account WHERE id = ?1", &why);

    (void)arg_bytes; /* always one item */
    if (database == NULL)
        return cf_raise(task, EIO, "SQLite: %s", why);
    for (uint64_t i = 0; i < item->queries; i++) {
        if (!look_up(database->statement, wl_random(&state) % item->rows,
                     &found.sum))
            return cf_raise(task, EIO, "SQLite: %s",
                            sqlite3_errmsg(database->connection));
        if (i % STRIDE == STRIDE - 1 && cf_stopping(task))
            return cf_raise(task, ECANCELED, "asked to stop");
    }
    return cf_return(task, &found, sizeof found);
}

static enum cf_status sqlite_read_prepare(const struct wl_setup *setup,
                                          struct wl_work *work)
{
    enum cf_status status = wl_scratch_prepare(setup, sizeof(struct item),
                                               setup->values[DIR].text, work);
    const struct wl_scratch *scratch = work->data;
    struct item *items = (struct item *)work->items;
    uint64_t rows = (uint64_t)setup->values[ROWS].number;
    char path[WL_DATABASE_PATH_BYTES] = "";

    if (status != CF_OK)
        return status;
    status =
        wl_database_create(scratch, rows, path, setup->why, setup->why_bytes);
    if (status != CF_OK) {
        wl_scratch_dispose(work);
        return status;
    }
    for (size_t i = 0; i < setup->tasks; i++) {
        items[i] = (struct item){
            .number = i,
            .seed = setup->seed + i,
            .rows = rows,
            .queries = (uint64_t)setup->values[QUERIES].number,
        };
        memcpy(items[i].path, path, sizeof path);
    }
    return CF_OK;
}

static bool sqlite_read_verify(const struct wl_work *work, size_t i,
                               const void *output, size_t output_bytes)
{
    const struct item *item = (const struct item *)work->items + i;
    struct found right = {.number = i};
    uint64_t state = item->seed;

    for (uint64_t k = 0; k < item->queries; k++)
        right.sum += wl_account_begin(wl_random(&state) % item->rows);
    return output_bytes == sizeof right &&
           memcmp(output, &right, sizeof right) == 0;
}

static const struct wl_parameter parameters[] = {
    [ROWS] = {.name = "rows",
              .about = "how many rows the table has",
              .standard = "100000",
              .kind = WL_INTEGER,
              .minimum = 1,
              .maximum = 1e8},
    [QUERIES] = {.name = "queries",
                 .about = "how many rows each task looks up",
                 .standard = "1000",
                 .kind = WL_INTEGER,
                 .minimum = 1,
                 .maximum = 1e7},
    [DIR] = {.name = "dir",
             .about = "where the database lies; without it $TMPDIR or /var/tmp",
             .standard = "",
             .kind = WL_TEXT},
    {0},
};

const struct wl_workload wl_sqlite_read = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "sqlite_read",
    .about = "looks up random rows of an SQLite database by their key",
    .limit = "the cores, and the locks that the readers share",
    .klass = WL_CPU,
    .parameters = parameters,
    .task = sqlite_read_task,
    .prepare = sqlite_read_prepare,
    .verify = sqlite_read_verify,
    .dispose = wl_scratch_dispose,
};
