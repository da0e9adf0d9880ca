/* SPDX-License-Identifier: MIT */
#ifndef RECORD_FINDINGS_H
#define RECORD_FINDINGS_H

/*
 * What a record says, in words: sentences with numbers, intervals and bases,
 * made of its summaries and comparisons. Names in them are cut and hold no
 * control bytes, so that a sentence may go to a terminal.
 */
#include <stdbool.h>
#include <stddef.h>

#include "record.h"

enum { FINDING_BYTES = 768 };

struct finding {
    char text[FINDING_BYTES];
    char headline[32]; /* of an answer: its number alone, "1.97x" */
    size_t workload;   /* its index; SIZE_MAX: about the whole record */
};

struct findings {
    struct finding *list;
    size_t count;
};

/*
 * One answer per workload, the most telling first: what more workers bring,
 * "sum_squares: 2 threads 1.97x [1.95, 1.98] over one thread; under a GIL
 * 1.00x [0.99, 1.01]". The worker count named is the smallest within 5 % of
 * the best measured. A workload without a result has none. False without
 * memory.
 */
bool findings_answers(const struct record *record, struct findings *findings);

/* Tasks a second that came in an open loop (--rate); 0: it was a closed one. */
double findings_rate(const struct record *record);

/* Of an open loop: do more tasks come than this case does, so that they queue
 * as long as they come? */
bool findings_is_queueing(const struct record *record, size_t case_index);

/* The answer of an open loop, in place of a speed-up: "sleep: 4 threads, 1985
 * /s [1980, 1990] of 2000 /s that came; half of tasks within 1.11 ms; 99 %
 * within 1.53 ms", of the fewest workers within 5 % of the shortest latency
 * (the 99th percentile; of too few tasks the 90th, or half of them).
 * False where nothing is known. */
bool findings_open_loop(const struct record *record, size_t workload,
                        struct finding *finding);

/*
 * What a reader should know before believing the rest: a run that did not
 * end, cases that failed, samples that do not count, few blocks, and what the
 * environment's checks had to say. False without memory.
 */
bool findings_notes(const struct record *record, struct findings *findings);

/* Which backend is the fastest on a workload, and by how much over each
 * other. False where nothing was compared. */
bool findings_fastest(const struct record *record, size_t workload,
                      struct finding *finding);

/* The same in short: the best and the next, "Best measured: 2 threads, 490 /s
 * [485, 495]; next 2 processes, 1.02x [1.00, 1.03] its time (not told apart)".
 * The serial loop is next only where nothing else is. */
bool findings_winner(const struct record *record, size_t workload,
                     struct finding *finding);

/* What is recommended for a workload, and how sure that is. False where nobody
 * has asked. */
bool findings_advice(const struct record *record, size_t workload,
                     struct finding *finding);

/* What the goal of a recommendation is about, of so many workers of its backend:
 * "p90 5.25 ms [5.21, 5.30]", "96 % [94, 97] of one worker's", "1.21 ms of
 * CPU time a task". False where the goal is the throughput, or they were not
 * measured. And what was asked for: ", 7.00 ms allowed", or nothing. */
bool findings_goal(const struct record *record,
                   const struct record_recommendation *one, size_t workers,
                   char *text, size_t text_bytes);
void findings_goal_asked(const struct record_recommendation *one, char *text,
                         size_t text_bytes);

/* Of a latency that no count keeps: "; the shortest p90 is 5.25 ms, of 4
 * threads". Else nothing. */
void findings_goal_missed(const struct record *record,
                          const struct record_recommendation *one, char *text,
                          size_t text_bytes);

/* What keeps more workers from bringing more, with its evidence (cause.h).
 * False where nothing was measured, or no memory. */
bool findings_limits(const struct record *record, size_t workload,
                     struct finding *finding);

/* A cause of cause.h in words; NULL: it is none that is known here. */
const char *findings_cause(const char *cause);

/* What a model of the record says, and whether it fits. False for one that is
 * of no backend. */
bool findings_model(const struct record *record, size_t model,
                    struct finding *finding);

/* How long tasks must be, from what grain_collect() found. False where nothing
 * was. */
struct grain;
bool findings_lengths(const struct grain *grain, const char *of, double usable,
                      struct finding *finding);

/* Of a record of two sides: how the new stands against the old. Part of
 * findings_answers(), which has these first. False without memory. */
bool findings_sides(const struct record *record, struct findings *findings);

void findings_finish(struct findings *findings);

/* "2 threads", "1 process", "4 CPython threads"; what nobody knows the plural of:
 * "foo, 2". */
void findings_workers(char *text, size_t text_bytes, const char *backend,
                      size_t workers);

/* The case that an answer would name for a backend: the fewest workers whose
 * throughput is within 5 % of the best. NO_CASE: none was measured. */
size_t findings_knee(const struct record *record, const char *workload,
                     const char *backend);

/* For the other files of this noun: a new sentence, NULL without memory; and
 * a name cut to `max_chars` characters, without control bytes. */
struct finding *findings_add(struct findings *findings, size_t workload);
void findings_plain(char *text, size_t text_bytes, const char *name,
                    size_t max_chars);

#endif
