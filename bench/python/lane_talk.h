/* SPDX-License-Identifier: MIT */
#ifndef BENCH_LANE_TALK_H
#define BENCH_LANE_TALK_H

/*
 * A talk with lane.py in an interpreter of its own: requests in, answers out,
 * each one JSON object a line. workloads/python/protocol.md has the protocol.
 */
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

enum { LANE_ANSWERS = 2, LANE_WHY_BYTES = 240 };

/* The answers to the requests, all of them ok; NULL past the last. */
struct lane_talk {
    cJSON *answers[LANE_ANSWERS];
    char why[LANE_WHY_BYTES]; /* one line where something was not, else "" */
};

/*
 * Starts `interpreter` (a path), hands it up to LANE_ANSWERS requests, which it
 * takes over, and waits for the answers, for at most `timeout_ns` (0: for
 * ever). lane_talk_end() in any case.
 */
void lane_talk(struct lane_talk *talk, const char *interpreter,
               cJSON *const *requests, size_t count, int64_t timeout_ns);
void lane_talk_end(struct lane_talk *talk);

/* A number of an answer; NAN where it is none. */
double lane_talk_number(const cJSON *answer, const char *name);

#endif
