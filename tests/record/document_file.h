/* SPDX-License-Identifier: MIT */
#ifndef TESTS_RECORD_DOCUMENT_FILE_H
#define TESTS_RECORD_DOCUMENT_FILE_H

/* What the tests of documents share: a file and the error it has led to. */
#include "example.h"

extern char path[512];
extern struct record_error error;

/* Sets a test up: there is no file, and no error. */
int fresh_path(void **state);

/* There is an error, it is one line, and it names the file. */
void assert_one_line(void);

#endif
