/* SPDX-License-Identifier: MIT */
/* Large payloads' memory. Under the address sanitizer nothing is kept, and
 * there is nothing to see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "heap.h"

#define MIB ((size_t)1 << 20)

static void skip_with_a_sanitizer(void)
{
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    skip(); /* it has memory of its own, which counts as well */
#endif
}

static long page_faults(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_minflt;
}

static size_t resident_bytes(void)
{
    size_t all = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%zu %zu", &all, &resident), 2);
    fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static unsigned char *take(size_t bytes)
{
    unsigned char *memory = cfi_heap_take_whole(bytes);
    assert_non_null(memory);
    memset(memory, 1, bytes);
    return memory;
}

static void what_was_given_back_is_taken_again(void **state)
{
    (void)state;
    skip_with_a_sanitizer();
    cfi_heap_give(take(MIB));
    long before = page_faults();
    for (int i = 0; i < 50; i++)
        cfi_heap_give(take(MIB));
    /* 256 each without; what the test is kept from giving back in time is not
     * kept either */
    assert_true(page_faults() - before < 50 * 128);
    cfi_heap_trim();
}

static void any_size_is_all_there_and_apart(void **state)
{
    enum { COUNT = 300 }; /* the last has some 4 MiB */
    unsigned char *taken[COUNT];
    size_t sizes[COUNT], bytes = 1;

    (void)state;
    for (size_t i = 0; i < COUNT; i++, bytes += bytes / 25 + 1)
        sizes[i] = bytes;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < COUNT; i++) {
            taken[i] = cfi_heap_take(sizes[i]);
            assert_non_null(taken[i]);
            assert_int_equal((uintptr_t)taken[i] % _Alignof(max_align_t), 0);
            memset(taken[i], (int)(i % 251), sizes[i]);
        }
        for (size_t i = 0; i < COUNT; i++) {
            assert_int_equal(taken[i][0], i % 251);
            assert_int_equal(taken[i][sizes[i] - 1], i % 251);
            cfi_heap_give(taken[i]);
        }
    }
    cfi_heap_trim();
}

static void no_more_than_32_mib_are_kept(void **state)
{
    unsigned char *taken[40];

    (void)state;
    skip_with_a_sanitizer();
    size_t before = resident_bytes();
    for (size_t i = 0; i < 40; i++)
        taken[i] = take(MIB);
    for (size_t i = 0; i < 40; i++)
        cfi_heap_give(taken[i]);
    assert_true(resident_bytes() < before + 34 * MIB);
    cfi_heap_trim();
    assert_true(resident_bytes() < before + 2 * MIB);
}

static void a_giant_is_not_kept(void **state)
{
    (void)state;
    skip_with_a_sanitizer();
    size_t before = resident_bytes();
    cfi_heap_give(take(33 * MIB));
    assert_true(resident_bytes() < before + MIB);
}

static void nothing_is_kept_once_no_more_is_taken(void **state)
{
    struct timespec pause = {.tv_nsec = (long)CFI_HEAP_IDLE_NS};

    (void)state;
    skip_with_a_sanitizer();
    size_t before = resident_bytes();
    unsigned char *early = take(4 * MIB), *late = take(4 * MIB);
    cfi_heap_give(early);
    nanosleep(&pause, NULL);
    cfi_heap_give(late);
    assert_true(resident_bytes() < before + 5 * MIB);
    assert_true(cfi_heap_trim_idle());
    assert_true(resident_bytes() < before + MIB);
}

static void what_no_memory_can_hold_is_refused(void **state)
{
    (void)state;
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
    assert_null(cfi_heap_take(SIZE_MAX / 4));
#endif
    assert_null(cfi_heap_take(SIZE_MAX));
    cfi_heap_give(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_given_back_is_taken_again),
        cmocka_unit_test(any_size_is_all_there_and_apart),
        cmocka_unit_test(no_more_than_32_mib_are_kept),
        cmocka_unit_test(a_giant_is_not_kept),
        cmocka_unit_test(nothing_is_kept_once_no_more_is_taken),
        cmocka_unit_test(what_no_memory_can_hold_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
