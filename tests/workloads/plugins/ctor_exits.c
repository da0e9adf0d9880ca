/* SPDX-License-Identifier: MIT */
/* A plugin that ends the process which loads it. */
#include <unistd.h>

__attribute__((constructor)) static void leave(void)
{
    _exit(0);
}
