/* SPDX-License-Identifier: MIT */
#ifndef CFI_TEXT_H
#define CFI_TEXT_H

/* Writes out what was printed to stdout and stderr, where there is any. What
 * another thread keeps locked, for more than a second the first time, is left. */
void cfi_text_flush(void);

#endif
