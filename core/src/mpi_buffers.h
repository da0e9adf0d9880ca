/* SPDX-License-Identifier: MIT */
#ifndef CFI_MPI_BUFFERS_H
#define CFI_MPI_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer_impl.h"
#include "mpi_world.h"

struct cf_future;

/* Buffers of tasks that run on other ranks. All on the thread that calls MPI,
 * but for what a buffer's end does by itself. */

/* --- rank 0: which ranks have a copy of which buffer, see mpi_copies.c --- */

/* Sends to a rank what it lacks of a task's buffers; adds what that was to
 * `*sent_bytes`. False: no memory to note who has it. */
CF_MUST_CHECK bool cfi_copies_send(int rank, const struct cf_future *future,
                                   size_t *sent_bytes);

/* What ranks call a buffer that was sent to one of them. */
uint64_t cfi_copies_name(const struct cf_buffer *buffer);

/* The rank could not take one of the task's buffers: the next task that names
 * one has it sent again. */
void cfi_copies_lacking(int rank, const struct cf_future *future);

/* Tells ranks what they need not keep any more. True: something was said. */
bool cfi_copies_forget(void);

/* MPI ends: nobody is told anything from now on. */
void cfi_copies_end(void);

/* --- the other ranks: what they keep, see mpi_kept.c --- */

/* A copy has come, or could not be taken. */
void cfi_kept_put(uint64_t id, struct cfi_mpi_apart *apart);
void cfi_kept_drop(uint64_t id);

/* The copy of that name, lent; NULL: it is not there, and `*status` and `*why`
 * (constant) say why. */
struct cf_buffer *cfi_kept_find(uint64_t id, enum cf_status *status,
                                const char **why);

/* --- both --- */

/* Makes the buffer that `bytes` bytes, which are about to come, lie in. */
void cfi_buffer_make_room(size_t bytes, struct cfi_mpi_apart *apart);

/* Why one could not be made; constant. */
const char *cfi_buffer_why_no_room(enum cf_status status);

#endif
