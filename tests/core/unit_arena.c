/* SPDX-License-Identifier: MIT */
/* The account of an arena: what is under way never overlaps, and memory is used
 * again before more is reserved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"

#define CAPACITY ((size_t)1 << 20)

static struct cfi_arena arena;

static int make_arena(void **state)
{
    void *base = mmap(NULL, CAPACITY, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    (void)state;
    if (base == MAP_FAILED)
        return -1;
    cfi_arena_init(&arena, base, CAPACITY);
    return 0;
}

static int drop_arena(void **state)
{
    (void)state;
    return munmap(arena.base, CAPACITY);
}

static size_t take(uint64_t position, size_t bytes)
{
    size_t at;
    assert_true(cfi_arena_take(&arena, position, bytes, &at));
    assert_true(at % 64 == 0);
    assert_true(at + bytes <= arena.reserved);
    assert_true(arena.reserved <= arena.capacity);
    return at;
}

static void what_is_under_way_never_overlaps(void **state)
{
    struct {
        size_t begin, end;
    } live[CFI_RING_SLOTS];
    uint64_t oldest = 1, next = 1;
    unsigned random = 1;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        random = random * 1664525 + 1013904223;
        size_t bytes = 1 + (random >> 8) % 30000, at;
        if (next - oldest < CFI_RING_SLOTS && random >> 31 &&
            cfi_arena_take(&arena, next, bytes, &at)) {
            assert_true(at + bytes <= arena.reserved);
            for (uint64_t p = oldest; p < next; p++) {
                size_t slot = p % CFI_RING_SLOTS;
                assert_true(at + bytes <= live[slot].begin ||
                            live[slot].end <= at);
                assert_int_equal(cfi_arena_where(&arena, p), live[slot].begin);
            }
            live[next % CFI_RING_SLOTS].begin = at;
            live[next % CFI_RING_SLOTS].end = at + bytes;
            next++;
        } else if (oldest < next) {
            oldest++;
            cfi_arena_release(&arena, oldest);
        }
    }
    assert_true(next > 1000);
}

static void memory_is_used_again_before_more_is_reserved(void **state)
{
    (void)state;
    for (uint64_t position = 1; position < 10000; position++) {
        take(position, 20000);
        if (position > 2)
            cfi_arena_release(&arena, position - 2); /* three under way */
    }
    assert_true(arena.reserved <= (size_t)6 * 20000 + 65536);
}

static void what_fits_anywhere_finds_its_place(void **state)
{
    (void)state;
    take(1, 400000);
    size_t middle = take(2, 1000);
    cfi_arena_release(&arena, 2);
    assert_true(take(3, 300000) + 300000 <= middle);
    /* what is left before the middle is too little, what is behind is not */
    assert_true(take(4, 200000) >= middle + 1000);
}

static void what_does_not_fit_is_refused(void **state)
{
    size_t at;

    (void)state;
    assert_false(cfi_arena_take(&arena, 1, CAPACITY + 1, &at));
    assert_false(cfi_arena_take(&arena, 1, SIZE_MAX, &at));
    take(1, CAPACITY);
    assert_false(cfi_arena_take(&arena, 2, 1, &at));
    cfi_arena_release(&arena, 2);
    take(2, CAPACITY);
}

/* Memory ends in the middle of what is to be had. */
static void a_reservation_that_fails_keeps_no_memory(void **state)
{
    struct stat before, after;
    size_t at;

    (void)state;
    int file = memfd_create("arena", MFD_CLOEXEC);
    assert_int_equal(ftruncate(file, CAPACITY), 0);
    unsigned char *base =
        mmap(NULL, CAPACITY, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    assert_true(base != MAP_FAILED);
    assert_int_equal(munmap(base + CAPACITY / 2, CAPACITY / 2), 0);
    cfi_arena_init(&arena, base, CAPACITY);
    size_t first = take(1, 100000);
    base[first] = base[first + 99999] = 42;
    assert_int_equal(fstat(file, &before), 0);
    assert_false(cfi_arena_take(&arena, 2, CAPACITY / 4 * 3, &at));
    assert_int_equal(fstat(file, &after), 0);
    assert_int_equal(after.st_blocks, before.st_blocks);
    assert_int_equal(base[first], 42);
    assert_int_equal(base[first + 99999], 42);
    take(2, 200000);
    close(file);
    munmap(base, CAPACITY / 2);
}

static void an_offer_is_free_and_has_memory_behind_it(void **state)
{
    size_t bytes;

    (void)state;
    cfi_arena_offer(&arena, &bytes);
    assert_int_equal(bytes, 0); /* nothing is reserved yet */
    size_t first = take(1, 100000);
    take(2, 100);
    cfi_arena_release(&arena, 2);
    size_t at = cfi_arena_offer(&arena, &bytes);
    assert_true(at == first && bytes >= 100000);
    cfi_arena_keep(&arena, 3, at, 50000);
    size_t next = take(4, 1000);
    assert_true(next >= at + 50000 || next + 1000 <= at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_under_way_never_overlaps,
                                        make_arena, drop_arena),
        cmocka_unit_test_setup_teardown(
            memory_is_used_again_before_more_is_reserved, make_arena,
            drop_arena),
        cmocka_unit_test_setup_teardown(what_fits_anywhere_finds_its_place,
                                        make_arena, drop_arena),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_refused,
                                        make_arena, drop_arena),
        cmocka_unit_test(a_reservation_that_fails_keeps_no_memory),
        cmocka_unit_test_setup_teardown(
            an_offer_is_free_and_has_memory_behind_it, make_arena, drop_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
