/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_CHECK_H
#define TESTS_BENCH_CHECK_H

/* cmocka wants these first, in this order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
