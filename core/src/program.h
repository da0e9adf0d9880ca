/* SPDX-License-Identifier: MIT */
#ifndef CFI_PROGRAM_H
#define CFI_PROGRAM_H

#include <stdbool.h>

/* This program, to be started anew as a process of ours. */
struct cfi_program {
    char *arguments[2];
    char **environment;
    char *marker;  /* who is to be told what: see worker_entry.h */
    char *preload; /* of the library; NULL: it is in the program */
};

/* Why that cannot be done; NULL: it can. The text is constant. */
const char *cfi_program_obstacle(void);

/* Gets ready what the new process is to find, which will hear the rest over
 * `socket`. False: no memory. finish() frees it. */
bool cfi_program_prepare(struct cfi_program *program, int socket);
void cfi_program_finish(struct cfi_program *program);

/* Becomes that process; to be called in a forked one. Calls nothing but the
 * system. Returns where that refuses; errno tells why. */
void cfi_program_exec(const struct cfi_program *program, int socket);

/* In the new process: the environment is again what the program's own starter
 * has made it. */
void cfi_program_restore_environment(void);

#endif
