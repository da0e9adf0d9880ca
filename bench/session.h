/* SPDX-License-Identifier: MIT */
#ifndef BENCH_SESSION_H
#define BENCH_SESSION_H

/*
 * A run from its options to its document, for the commands that measure a plan
 * as it stands. In this order:
 *
 *     session_plan, session_record   or   session_resume
 *     session_measure
 *     session_finish
 *
 * Each false has said one line.
 */
#include <stdbool.h>
#include <stdint.h>

#include "joblog.h"
#include "machine.h"
#include "options.h"
#include "plan.h"
#include "record.h"
#include "runner.h"

/* Zeroed but for the first four. */
struct session {
    struct options options;
    int argc;
    char **argv; /* argv[0] is the command's word */
    int64_t start_ns;
    bool is_quiet; /* no progress */
    struct machine_cpu cpu;
    struct plan plan;
    struct record *record;
    char *output;
    char *journal_path;
    struct joblog *joblog; /* NULL: none is asked for */
    double elapsed_s;      /* of earlier parts of a resumed run */
};

/* From the options to a plan, and from that to a record without a sample. */
bool session_plan(struct session *session);
bool session_record(struct session *session);
/* Both from the file that the options name. */
bool session_resume(struct session *session);

/* Prints the plan instead, with what it would take. Returns the exit code. */
int session_dry_run(struct session *session);

/* Signals are decisions from here on, inputs are made, --setup is run. Done by
 * session_measure() where nobody needed it earlier. */
bool session_prepare(struct session *session);

/*
 * Measures and writes the document. Whatever can be refused is refused before
 * the first measurement. However the measuring ends, what was measured is
 * compiled into a valid document; where that cannot be written, the journal
 * stays. Interrupted before the first sample, it writes nothing.
 */
bool session_measure(struct session *session, enum runner_end *end);

/* Frees everything, runs --cleanup. False: that failed, or the joblog could not
 * be written. */
bool session_finish(struct session *session);

/* Does the record have a case that failed, and is that trouble? */
bool session_has_failed(const struct session *session);

#endif
