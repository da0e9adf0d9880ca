/* SPDX-License-Identifier: MIT */
#ifndef RECORD_JOURNAL_H
#define RECORD_JOURNAL_H

/*
 * The journal of a run that is going on: JSON lines in a file beside the
 * output, so that a run which is killed loses one sample at most.
 *
 *      1st line    everything of the record but samples: one object
 *      others      a sample, or a case as it now stands (it has an "id");
 *                  these are the elements of the document's lists
 *
 * record_read() reads it like a document and summarizes it. A case that came
 * up during the run, or that failed, gets a line by journal_append_case().
 */
#include <stdbool.h>
#include <stddef.h>

#include "record.h"

struct journal;

/* "out.jsonl" for "out.json", else ".jsonl" behind it. For free(); NULL
 * without memory. */
char *journal_path_for(const char *output_path);

/*
 * Begins the journal of `record` at `path`, with the samples that it has
 * already (of a run that is resumed). A journal left over there is replaced in
 * one step; anything else there, and the journal of a run that still goes on,
 * is left alone. NULL with one line in `error`.
 */
struct journal *journal_create(const char *path, const struct record *record,
                               struct record_error *error);

/* Add a line; it is with the kernel on return. False with one line in
 * `error`; then the journal ends with the line before. Without a journal (NULL)
 * nothing is to be kept. */
bool journal_append(struct journal *journal, const struct record *record,
                    const struct record_sample *sample,
                    struct record_error *error);
bool journal_append_case(struct journal *journal, const struct record *record,
                         size_t case_index, struct record_error *error);

/* Closes the file and leaves it there. NULL does nothing. */
void journal_close(struct journal *journal);

/* Deletes the journal at `path`: its document is written. It may be absent.
 * False with one line in `error`. */
bool journal_remove(const char *path, struct record_error *error);

#endif
