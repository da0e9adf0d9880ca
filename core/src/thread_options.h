/* SPDX-License-Identifier: MIT */
#ifndef CFI_THREAD_OPTIONS_H
#define CFI_THREAD_OPTIONS_H

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>

#include "executor_impl.h"

/*
 * Fixes on which CPUs the workers of an executor run: for CF_BIND_COMPACT and
 * CF_BIND_SPREAD its options get a list, as CF_BIND_LIST brings one. CF_OK,
 * CF_INVALID (a CPU that this thread may not use), CF_NOMEM.
 */
enum cf_status cfi_binding_find(struct cf_executor *executor);

/* The CPU of a worker, -1 where it is not bound. */
int cfi_binding_of(const struct cf_executor *executor, size_t worker);

/* What a worker's thread is to be made with; to be destroyed where 0 was
 * returned, else it is an errno. */
int cfi_thread_attributes(const struct cf_executor *executor, size_t worker,
                          pthread_attr_t *attributes);

/*
 * pthread_create() for each thread of the library's own: the host's signals are
 * for the host's threads, so it begins with all blocked but those which its own
 * instructions raise. Blocked, these would kill, whatever handler the host has;
 * and tasks, callbacks and error handlers run in such threads.
 */
int cfi_thread_create(pthread_t *thread, const pthread_attr_t *attributes,
                      void *(*run)(void *), void *context);

/* Gives the calling thread its name as that worker. */
void cfi_thread_prepare(const struct cf_executor *executor, size_t worker);

/* Binds the calling thread as that worker, if it is to be. */
void cfi_thread_bind(const struct cf_executor *executor, size_t worker);

/*
 * Binds another thread to the processor of its caller, or to the others (not
 * `here`), until it has come there. True: it is for the caller to let it use
 * `own_cpus` again. False: it may not be there at all, or cannot be bound.
 */
bool cfi_thread_bring(pthread_t thread, bool here, cpu_set_t *own_cpus);

#endif
