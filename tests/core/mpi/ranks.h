/* SPDX-License-Identifier: MIT */
#ifndef RANKS_H
#define RANKS_H

/* What the programs that run on several ranks share. */
#include <stdio.h>
#include <stdlib.h>

#include <cf/cf.h>

/* A job has one way to fail: rank 0 says what was not so, and ends it. */
#define CHECK(what)                                                            \
    do {                                                                       \
        if (!(what)) {                                                         \
            printf("%s:%d: not so: %s (%s)\n", __FILE__, __LINE__, #what,      \
                   cf_last_error().text);                                      \
            exit(1);                                                           \
        }                                                                      \
    } while (0)

static inline struct cf_executor *executor_of(const struct cf_options *options)
{
    struct cf_executor *executor = NULL;
    CHECK(cf_executor_create(CF_MPI, options, &executor) == CF_OK);
    return executor;
}

static inline struct cf_future *submit(struct cf_executor *executor,
                                       cf_function *function, const void *arg,
                                       size_t arg_bytes)
{
    struct cf_future *future = NULL;
    CHECK(cf_submit(executor, function, arg, arg_bytes, &future) == CF_OK);
    return future;
}

/* What buffers promise there, with such workers inside the ranks. */
void buffers(const struct cf_backend *inside);

/* What a handler of errors may do. */
void handlers(void);

/* What a shutdown does. */
void shutdowns(const struct cf_backend *inside);

/* Ways in which a job ends. */
void left_behind(void);
void destroy_at_exit(void);
void an_executor_may_be_destroyed_after_mpi_has_ended(void);
void death(int signal);

#endif
