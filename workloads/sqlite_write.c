/* SPDX-License-Identifier: MIT */
/*
 * Transactions in an SQLite database: each moves one unit from `b` to `a` in
 * some rows of its own and commits. Only one can write at a time, so more
 * workers are of no use, and that is what it shows.
 *
 * What the rows hold depends on how often they were written before, but never
 * the sum of `a` and `b`: a transaction that was lost by half would show.
 */
#include "workload.h"

#include <errno.h>
#include <string.h>

#include "database.h"

enum { ROWS, SYNC, DIR }; /* the parameters' places */

struct item {
    uint64_t number;
    uint64_t rows;
    uint64_t is_synced;
    char path[WL_DATABASE_PATH_BYTES];
};

/* A task's output, so without padding. */
struct moved {
    uint64_t number;
    int64_t rows; /* that were changed                     */
    int64_t sum;  /* of `a` + `b` over them, in the end    */
};

static struct wl_kept kept; /* the connection */

static int execute(struct wl_database *database, const char *sql)
{
    return sqlite3_exec(database->connection, sql, NULL, NULL, NULL);
}

/* Changes the task's rows. */
static int move_units(struct wl_database *database, const struct item *item,
                      struct moved *moved)
{
    int code = SQLITE_OK;

    for (uint64_t i = 0; code == SQLITE_OK && i < item->rows; i++) {
        sqlite3_bind_int64(database->statement, 1,
                           (int64_t)(item->number * item->rows + i));
        sqlite3_step(database->statement);
        code = sqlite3_reset(database->statement);
        moved->rows += sqlite3_changes(database->connection);
    }
    return code;
}

static int take_sum(struct wl_database *database, const struct item *item,
                    struct moved *moved)
{
    sqlite3_stmt *statement;
    int64_t first = (int64_t)(item->number * item->rows);
    int code = sqlite3_prepare_v2(
        database->connection,
        "SELECT sum(a + b) FROM account WHERE id BETWEEN ?1 AND ?2", -1,
        &statement, NULL);

    if (code != SQLITE_OK)
        return code;
    sqlite3_bind_int64(statement, 1, first);
    sqlite3_bind_int64(statement, 2, first + (int64_t)item->rows - 1);
    if (sqlite3_step(statement) == SQLITE_ROW)
        moved->sum = sqlite3_column_int64(statement, 0);
    return sqlite3_finalize(statement);
}

/* The whole transaction. IMMEDIATE: it waits for the lock at its beginning,
 * where nothing is lost by waiting. */
static int transact(struct wl_database *database, const struct item *item,
                    struct moved *moved)
{
    int code = execute(database, "BEGIN IMMEDIATE");

    if (code != SQLITE_OK)
        return code;
    code = move_units(database, item, moved);
    if (code == SQLITE_OK)
        code = take_sum(database, item, moved);
    if (code == SQLITE_OK)
        code = execute(database, "COMMIT");
    if (code != SQLITE_OK)
        (void)execute(database, "ROLLBACK");
    return code;
}

static enum cf_status sqlite_write_task(struct cf_task *task, const void *arg,
                                        size_t arg_bytes)
{
    const struct item *item = arg;
    struct moved moved = {.number = item->number};
    const char *setup = item->is_synced ? "PRAGMA synchronous = FULL"
                                        : "PRAGMA synchronous = OFF";
    const char *why;
    struct wl_database *database;
    int code;

    (void)arg_bytes; /* always one item */
    database = wl_database_own(
        &kept, item->path, setup,
        "UPDATE account SET a = a + 1, b = b - 1 WHERE id = ?1", &why);
    if (database == NULL)
        return cf_raise(task, EIO, "SQLite: %s", why);
    cf_blocking_begin(task);
    code = transact(database, item, &moved);
    cf_blocking_end(task);
    if (code != SQLITE_OK)
        return cf_raise(task, EIO, "SQLite: %s", sqlite3_errstr(code));
    return cf_return(task, &moved, sizeof moved);
}

static enum cf_status sqlite_write_prepare(const struct wl_setup *setup,
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
    status = wl_database_create(scratch, rows * setup->tasks, path, setup->why,
                                setup->why_bytes);
    if (status != CF_OK) {
        wl_scratch_dispose(work);
        return status;
    }
    for (size_t i = 0; i < setup->tasks; i++) {
        items[i] = (struct item){
            .number = i,
            .rows = rows,
            .is_synced = setup->values[SYNC].number > 0,
        };
        memcpy(items[i].path, path, sizeof path);
    }
    return CF_OK;
}

static bool sqlite_write_verify(const struct wl_work *work, size_t i,
                                const void *output, size_t output_bytes)
{
    const struct item *item = (const struct item *)work->items + i;
    struct moved right = {.number = i, .rows = (int64_t)item->rows};

    for (uint64_t k = 0; k < item->rows; k++)
        right.sum += wl_account_total(i * item->rows + k);
    return output_bytes == sizeof right &&
           memcmp(output, &right, sizeof right) == 0;
}

static const struct wl_parameter parameters[] = {
    [ROWS] = {.name = "rows",
              .about = "how many rows each task changes in one transaction",
              .standard = "10",
              .kind = WL_INTEGER,
              .minimum = 1,
              .maximum = 1e5},
    [SYNC] = {.name = "fsync",
              .about = "1: each commit goes down to the disk; 0: no",
              .standard = "1",
              .kind = WL_INTEGER,
              .minimum = 0,
              .maximum = 1},
    [DIR] = {.name = "dir",
             .about = "where the database lies; without it $TMPDIR or /var/tmp",
             .standard = "",
             .kind = WL_TEXT},
    {0},
};

const struct wl_workload wl_sqlite_write = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "sqlite_write",
    .about = "changes rows of an SQLite database in a transaction",
    .limit = "the one writer that SQLite lets in, and the disk behind it",
    .klass = WL_IO,
    .parameters = parameters,
    .task = sqlite_write_task,
    .prepare = sqlite_write_prepare,
    .verify = sqlite_write_verify,
    .dispose = wl_scratch_dispose,
};
