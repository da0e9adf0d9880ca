/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_DATABASE_H
#define CFBENCH_DATABASE_H

/*
 * An SQLite database of accounts in a temporary directory, in WAL mode: readers
 * do not wait for the writer, writers wait for each other. An account is a row
 * `id, a, b, note`: `a` and `b` may change, their sum is known for ever.
 */
#include <sqlite3.h>
#include <stdint.h>

#include "kept.h"
#include "scratch.h"

enum { WL_DATABASE_PATH_BYTES = WL_SCRATCH_PATH_BYTES + 16 };

/* What `a` begins with, and what `a` + `b` always is. */
int64_t wl_account_begin(uint64_t id);
int64_t wl_account_total(uint64_t id);

/*
 * Makes the database with accounts 0 .. `accounts` - 1 in `scratch`, and leaves
 * no connection open. CF_OK and its path; or CF_INVALID (more than 10^8) or
 * CF_SYSTEM with a line in `why`.
 */
CF_MUST_CHECK
enum cf_status wl_database_create(const struct wl_scratch *scratch,
                                  uint64_t accounts,
                                  char path[WL_DATABASE_PATH_BYTES], char *why,
                                  size_t why_bytes);

/* A connection, and the one statement that is run again and again. */
struct wl_database {
    sqlite3 *connection;
    sqlite3_stmt *statement;
    char path[WL_DATABASE_PATH_BYTES];
};

/*
 * This thread's connection to the database at `path`, made on first use and
 * kept in `kept`: `setup` is run first, `statement` is made ready. It waits up
 * to a minute for others' locks. NULL: `*why` is a text of SQLite's, constant.
 */
struct wl_database *wl_database_own(struct wl_kept *kept, const char *path,
                                    const char *setup, const char *statement,
                                    const char **why);

#endif
