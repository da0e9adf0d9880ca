/* SPDX-License-Identifier: MIT */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

/* The promises of every backend: one program, run once per backend. */
#include "../shared.h"

/* The backend under test, from the command line. */
extern const struct cf_backend *backend;

/* Every executor of this program has the start method under test: one of
 * CF_START_AUTO's kin, from the command line. */
enum cf_status create_by_method(const struct cf_backend *backend,
                                const struct cf_options *options,
                                struct cf_executor **executor);
#define cf_executor_create(backend, options, executor)                         \
    create_by_method((backend), (options), (executor))

/* serial runs every task inside submit: nothing is ever pending there. */
bool is_serial(void);
/* Do tasks run in a process of their own? */
bool is_remote(void);

/* Skips the test, for a stated reason. */
#define SKIP_IF(condition, reason)                                             \
    do {                                                                       \
        if (condition) {                                                       \
            print_message("skipped on %s: %s\n", cf_backend_name(backend),     \
                          (reason));                                           \
            skip();                                                            \
        }                                                                      \
    } while (0)

struct cf_executor *executor_of(size_t workers);

/* Arrives at the gate, waits until it opens, returns 1. `arg` is a gate. */
cf_function stand_at_gate;

/* Arrives at the gate, works until it is asked to end, returns 7. */
cf_function work_until_asked;

cf_function echo;          /* any bytes -> the same  */
cf_function fail_with;     /* int code -> raises it  */
cf_function return_code;   /* int -> returns it bare */
cf_function odd_ones_fail; /* int -> itself, or raises it */

/* Waits for an int result, which must come. */
int int_result(struct cf_future *future);

/* Waits for the end; the error's texts last as long as the future. */
struct cf_error outcome_of(struct cf_future *future);

int run_future_tests(void);
int run_cancel_tests(void);
int run_wait_tests(void);
int run_map_tests(void);
int run_fill_tests(void);
int run_executor_tests(void);
int run_submit_tests(void);
int run_bound_tests(void);
int run_nested_tests(void);
int run_shutdown_tests(void);
int run_worker_tests(void);
int run_callback_tests(void);
int run_ending_tests(void);
int run_lost_worker_tests(void);
int run_attempt_tests(void);
int run_life_tests(void);
int run_object_tests(void);
int run_observer_tests(void);
int run_pull_tests(void);
int run_spare_tests(void);
int run_priority_tests(void);
int run_buffer_tests(void);
int run_copy_tests(void);
int run_block_tests(void);
int run_branch_tests(void);
int run_inside_tests(void);
int run_number_tests(void);

#endif
