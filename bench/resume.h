/* SPDX-License-Identifier: MIT */
#ifndef BENCH_RESUME_H
#define BENCH_RESUME_H

/* The record that a resumed run goes on from, and where it is to be written. */
#include <stdbool.h>

#include "record.h"

/* The record at `path`, document or journal. NULL: one line has been said. */
struct record *resume_read(const char *path);

/* Where the run that left `path` would have written its document: beside its
 * journal, else to `path` itself. For free(); NULL without memory. */
char *resume_output(const struct record *record, const char *path);

/* Puts down the name of the file that resume_output() is to find. */
bool resume_note_output(struct facts *run, const char *output);

/*
 * `journal` is where the run is going to keep its journal. One that stands
 * there already is of an earlier resume that was killed: where it has more
 * samples, it takes the place of `*record`. False: it is of another run, or
 * cannot be read, which has been said.
 */
bool resume_catch_up(struct record **record, const char *journal);

/* How long the run has gone on so far: what came before the first sample and
 * after the last is a part of it, as far as the record knows. */
double resume_elapsed_s(const struct record *record);

#endif
