/* SPDX-License-Identifier: MIT */
/*
 * SQLite must not be carried over a fork, so whoever prepares closes its
 * connection, and every worker opens its own, as every thread of a program
 * that cares about speed does.
 */
#include "database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "refuse.h"

enum { BUSY_MS = 60000, SPREAD = 1000003, ACCOUNTS_MAX = 100000000 };

int64_t wl_account_begin(uint64_t id)
{
    return (int64_t)(id * 7919 % SPREAD);
}

int64_t wl_account_total(uint64_t id)
{
    return (int64_t)(id % SPREAD * 7 + 13);
}

static int insert_accounts(sqlite3 *connection, uint64_t accounts)
{
    static const char sql[] =
        "INSERT INTO account VALUES (?1, ?2, ?3, "
        "printf('account %08d of somebody with a long name', ?1))";
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(connection, sql, -1, &statement, NULL);

    for (uint64_t id = 0; code == SQLITE_OK && id < accounts; id++) {
        int64_t begin = wl_account_begin(id);

        sqlite3_bind_int64(statement, 1, (int64_t)id);
        sqlite3_bind_int64(statement, 2, begin);
        sqlite3_bind_int64(statement, 3, wl_account_total(id) - begin);
        sqlite3_step(statement);
        code = sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    return code;
}

static int fill(sqlite3 *connection, uint64_t accounts)
{
    int code = sqlite3_exec(connection,
                            "PRAGMA journal_mode = WAL;"
                            "PRAGMA synchronous = OFF;"
                            "CREATE TABLE account (id INTEGER PRIMARY KEY,"
                            " a INTEGER, b INTEGER, note TEXT);"
                            "BEGIN",
                            NULL, NULL, NULL);

    if (code == SQLITE_OK)
        code = insert_accounts(connection, accounts);
    if (code == SQLITE_OK)
        code = sqlite3_exec(connection, "COMMIT", NULL, NULL, NULL);
    return code;
}

enum cf_status wl_database_create(const struct wl_scratch *scratch,
                                  uint64_t accounts,
                                  char path[WL_DATABASE_PATH_BYTES], char *why,
                                  size_t why_bytes)
{
    sqlite3 *connection = NULL;
    int code, closed;

    if (accounts > ACCOUNTS_MAX)
        return wl_refuse(why, why_bytes, CF_INVALID,
                         "SQLite: more than %d rows in all", ACCOUNTS_MAX);
    snprintf(path, WL_DATABASE_PATH_BYTES, "%s/accounts", scratch->path);
    code = sqlite3_open(path, &connection);
    if (code == SQLITE_OK)
        code = fill(connection, accounts);
    closed = sqlite3_close(connection);
    if (code == SQLITE_OK)
        code = closed;
    if (code == SQLITE_OK)
        return CF_OK;
    return wl_refuse(why, why_bytes, CF_SYSTEM, "SQLite: %s",
                     sqlite3_errstr(code));
}

static void database_destroy(void *value)
{
    struct wl_database *database = value;

    sqlite3_finalize(database->statement);
    sqlite3_close(database->connection);
    free(database);
}

/* Opens it for this thread alone. */
static int open_own(struct wl_database *database, const char *setup,
                    const char *statement)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    int code =
        sqlite3_open_v2(database->path, &database->connection, flags, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_busy_timeout(database->connection, BUSY_MS);
    if (code == SQLITE_OK)
        code = sqlite3_exec(database->connection, setup, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v3(database->connection, statement, -1,
                                  SQLITE_PREPARE_PERSISTENT,
                                  &database->statement, NULL);
    return code;
}

struct wl_database *wl_database_own(struct wl_kept *kept, const char *path,
                                    const char *setup, const char *statement,
                                    const char **why)
{
    struct wl_database *database = wl_kept_get(kept);
    int code;

    if (database != NULL && strcmp(database->path, path) == 0)
        return database;
    database = calloc(1, sizeof *database);
    *why = sqlite3_errstr(SQLITE_NOMEM);
    if (database == NULL)
        return NULL;
    snprintf(database->path, sizeof database->path, "%s", path);
    code = open_own(database, setup, statement);
    if (code != SQLITE_OK) {
        *why = sqlite3_errstr(code);
        database_destroy(database);
        return NULL;
    }
    return wl_kept_set(kept, database, database_destroy) ? database : NULL;
}
