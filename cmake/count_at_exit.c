/* SPDX-License-Identifier: MIT */
/* Builds that count coverage: a process that leaves by _exit(), as our workers
 * and their zygote do, writes down first what it has counted. */
#include <stdnoreturn.h>

void __gcov_dump(void);
noreturn void __real__exit(int code);
noreturn void __wrap__exit(int code);

/* weak: each target has its own */
__attribute__((weak)) noreturn void __wrap__exit(int code)
{
    __gcov_dump();
    __real__exit(code);
}
