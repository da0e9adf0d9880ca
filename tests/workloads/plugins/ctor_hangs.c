/* SPDX-License-Identifier: MIT */
/* A plugin whose loading never ends. */
#include <unistd.h>

__attribute__((constructor)) static void hang(void)
{
    for (;;)
        pause();
}
