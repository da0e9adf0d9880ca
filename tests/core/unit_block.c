/* SPDX-License-Identifier: MIT */
/* Memory that is used again. Under the address sanitizer all of it is malloc's,
 * and there is nothing to see. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "block.h"

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define MANY 10000 /* they are slow */
#else
#define MANY 100000
#endif

static void *blocks[MANY];

static unsigned char *rest_of(void *block)
{
    return (unsigned char *)block +
           (CFI_BLOCKS_ARE_KEPT ? CFI_BLOCK_REST_AT : -CFI_BLOCK_REST);
}

static void assert_rest_is_zero(void *block)
{
    static const unsigned char zero[CFI_BLOCK_REST];
    assert_memory_equal(rest_of(block), zero, CFI_BLOCK_REST);
}

/* All of their bytes are written. */
static void take_many(size_t bytes)
{
    void *later;

    for (size_t i = 0; i < MANY; i++) {
        blocks[i] = cfi_block_take(cfi_block_size(bytes), &later);
        assert_non_null(blocks[i]);
        memset(blocks[i], (int)(i % 251), bytes);
    }
}

static void give_one(unsigned char *block, size_t i, size_t bytes)
{
    assert_int_equal(block[0], i % 251);
    assert_int_equal(block[bytes - 1], i % 251);
    cfi_block_give(block, cfi_block_size(bytes));
}

static void give_many(size_t bytes)
{
    for (size_t i = 0; i < MANY; i++)
        give_one(blocks[i], i, bytes);
}

static void skip_with_a_sanitizer(void)
{
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    skip(); /* it has memory of its own, which counts as well */
#endif
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

static int compare(const void *left, const void *right)
{
    uintptr_t a = *(const uintptr_t *)left, b = *(const uintptr_t *)right;
    return (a > b) - (a < b);
}

static void blocks_are_apart_and_aligned(void **state)
{
    (void)state;
    for (size_t size = 0; size < CFI_BLOCK_SIZES; size++) {
        size_t bytes = CFI_BLOCK_LEAST + size * CFI_BLOCK_STEP;
        size_t block_bytes = cfi_block_bytes(bytes - CFI_BLOCK_STEP + 1);
        assert_int_equal(block_bytes, bytes);
        assert_int_equal(cfi_block_size(block_bytes), size);
        take_many(block_bytes);
        qsort(blocks, MANY, sizeof blocks[0], compare);
        for (size_t i = 0; i < MANY; i++) {
            assert_int_equal((uintptr_t)blocks[i] % 16, 0);
            if (i > 0)
                assert_true((uintptr_t)blocks[i] - (uintptr_t)blocks[i - 1] >=
                            block_bytes);
        }
        for (size_t i = 0; i < MANY; i++)
            give_one(blocks[i], *(unsigned char *)blocks[i], block_bytes);
    }
}

static void
the_rest_is_zero_whoever_had_the_block_and_wherever_it_lay(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        take_many(96);
        for (size_t i = 0; i < MANY; i++) {
            assert_rest_is_zero(blocks[i]);
            memset(rest_of(blocks[i]), 0xee, CFI_BLOCK_REST);
        }
        for (size_t i = 0; i < MANY; i++) {
            memset(rest_of(blocks[i]), 0, CFI_BLOCK_REST);
            give_one(blocks[i], i, 96); /* mostly to the store, by the batch */
        }
        cfi_block_trim();
    }
}

static void a_rest_that_nobody_writes_takes_no_memory(void **state)
{
    (void)state;
    skip_with_a_sanitizer();
    size_t before = resident_bytes();
    take_many(CFI_BLOCK_LEAST);
    size_t taken = resident_bytes() - before;
    give_many(CFI_BLOCK_LEAST);
    assert_true(taken < (size_t)MANY * CFI_BLOCK_LEAST * 3 / 2);
    /* neither while they lie in the store */
    assert_true(resident_bytes() - before <= taken);
}

static void what_was_given_back_is_taken_again(void **state)
{
    (void)state;
    skip_with_a_sanitizer();
    take_many(128);
    give_many(128);
    size_t before = resident_bytes();
    for (int i = 0; i < 20; i++) {
        take_many(128);
        give_many(128);
    }
    assert_true(resident_bytes() < before + MANY * 128 / 2);
}

static void *give_back(void *unused)
{
    (void)unused;
    give_many(128);
    return NULL;
}

static void what_another_thread_gave_back_is_taken_again(void **state)
{
    (void)state;
    skip_with_a_sanitizer();
    size_t before = 0;
    for (int i = 0; i < 20; i++) {
        pthread_t thread;
        take_many(128);
        assert_int_equal(pthread_create(&thread, NULL, give_back, NULL), 0);
        pthread_join(thread, NULL);
        if (i == 0)
            before = resident_bytes();
    }
    assert_true(resident_bytes() < before + MANY * 128 / 2);
}

/* So a future can name the one that its reader will want soon. */
static void which_block_comes_some_takes_later_is_known(void **state)
{
    (void)state;
    static void *later[MANY];
    size_t unknown = 0;

    for (size_t i = 0; i < MANY; i++) {
        blocks[i] = cfi_block_take(0, &later[i]);
        assert_non_null(blocks[i]);
    }
    for (size_t i = 0; i + CFI_BLOCK_AHEAD < MANY; i++) {
        unknown += later[i] == blocks[i];
        if (later[i] != blocks[i])
            assert_ptr_equal(later[i], blocks[i + CFI_BLOCK_AHEAD]);
    }
    if (CFI_BLOCKS_ARE_KEPT)
        assert_true(unknown <= CFI_BLOCK_AHEAD); /* of an empty shelf */
    for (size_t i = 0; i < MANY; i++) {
        memset(blocks[i], 0, CFI_BLOCK_LEAST);
        cfi_block_give(blocks[i], 0);
    }
}

static void a_burst_is_given_back(void **state)
{
    (void)state;
    skip_with_a_sanitizer();
    cfi_block_trim();
    size_t before = resident_bytes();
    take_many(128);
    size_t in_use = resident_bytes();
    give_many(128);
    cfi_block_trim();
    assert_true(resident_bytes() < before + (in_use - before) / 2);
}

static void trimming_leaves_what_is_in_use(void **state)
{
    (void)state;
    take_many(160);
    for (size_t i = 0; i < MANY; i += 2)
        give_one(blocks[i], i, 160);
    cfi_block_trim();
    for (size_t i = 1; i < MANY; i += 2)
        give_one(blocks[i], i, 160);
    cfi_block_trim();
    take_many(160);
    give_many(160);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rest_that_nobody_writes_takes_no_memory),
        cmocka_unit_test(blocks_are_apart_and_aligned),
        cmocka_unit_test(
            the_rest_is_zero_whoever_had_the_block_and_wherever_it_lay),
        cmocka_unit_test(what_was_given_back_is_taken_again),
        cmocka_unit_test(what_another_thread_gave_back_is_taken_again),
        cmocka_unit_test(which_block_comes_some_takes_later_is_known),
        cmocka_unit_test(a_burst_is_given_back),
        cmocka_unit_test(trimming_leaves_what_is_in_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
