/* SPDX-License-Identifier: MIT */
#ifndef RECORD_FOREIGN_H
#define RECORD_FOREIGN_H

/*
 * Building a record from another tool's file. Such a file has runs of one
 * command after those of another, so nothing is paired: each of its values is a
 * block of its own.
 */
#include <stdbool.h>

#include <cjson/cJSON.h>

#include "record.h"
#include "series.h"

struct foreign {
    struct record *record;
    const char *path;
    struct record_error *error;
    const char *tool; /* "hyperfine" */
    size_t next_block;
};

/* One line in foreign->error; false. */
__attribute__((format(printf, 2, 3))) bool
foreign_fail(struct foreign *foreign, const char *format, ...);

/* The case, made where there is none; NO_CASE with an error. */
size_t foreign_case(struct foreign *foreign, const char *workload,
                    const char *backend, size_t workers);

/* Adds a sample that counts, with everything else unknown; NULL with an
 * error, as where the factors of a time are too large or too small for it. Its
 * block is a new one. */
struct record_sample *foreign_sample(struct foreign *foreign, size_t case_index,
                                     double tasks, double elapsed_s);

/* A number above zero and finite. */
bool foreign_is_time(const cJSON *item);

/* What a name says. Names are kept whole: two that differ at their end only are
 * two cases. */
struct foreign_name {
    char *workload;
    char *backend; /* NULL: it says nothing about it */
    size_t workers;
};

/*
 * Splits a name that holds a worker count: "sum/threads:8", "x/workers=8",
 * "pool-8", "pool/8/real_time"; and perhaps "backend=NAME". 1 worker where it
 * says nothing. In a name of our own, "WORKLOAD/backend=NAME/workers=8", only
 * the end counts. False with an error; foreign_finish_name() in either case.
 */
bool foreign_split_name(struct foreign *foreign, const char *name,
                        struct foreign_name *split);
void foreign_finish_name(struct foreign_name *split);

/* foreign_case() of it; `backend` where it says none. */
size_t foreign_name_case(struct foreign *foreign,
                         const struct foreign_name *split, const char *backend);

/* Is this what a worker count is called? */
bool foreign_is_count_name(const char *name);

/* A format that can be read. */
struct import_format {
    const char *name;
    bool (*is_it)(const cJSON *root);
    bool (*read)(struct foreign *foreign, const cJSON *root);
};

extern const struct import_format import_hyperfine, import_pyperf,
    import_google_benchmark;

/* A table of N and X, as read by table_read(). */
bool import_series(struct foreign *foreign, const struct series_list *series);

#endif
