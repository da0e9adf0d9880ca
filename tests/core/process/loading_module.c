/* SPDX-License-Identifier: MIT */
/* A library whose constructor calls the program that loads it. */
extern void run_in_constructor(void);

__attribute__((constructor)) static void begin(void)
{
    run_in_constructor();
}
