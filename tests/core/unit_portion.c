/* SPDX-License-Identifier: MIT */
/*
 * A worker's portion: who has which entry. What no interleaving may show is
 * searched by tests/models/portion.pml; here it meets real store buffers, with a
 * barrier in all threads and, before that was announced, without.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "barrier.h"
#include "portion.h"

enum { FILLS = 5000, THIEVES = 2 };

/* Entries are told apart by their address; nobody looks behind it. */
static struct cf_future *entry(size_t number)
{
    return (struct cf_future *)(uintptr_t)(64 * (number + 1)); /* not NULL */
}

static size_t number_of(const struct cf_future *future)
{
    return (uintptr_t)future / 64 - 1;
}

static void fill(struct cfi_portion *portion, size_t count)
{
    struct cf_future *taken[CFI_PORTION_MOST];

    for (size_t i = 0; i < count; i++)
        taken[i] = entry(i);
    cfi_portion_fill(portion, taken, count);
}

static void its_owner_takes_the_oldest_first(void **state)
{
    struct cfi_portion portion = {0};

    (void)state;
    assert_null(cfi_portion_take(&portion));
    for (int round = 0; round < 3; round++) {
        fill(&portion, CFI_PORTION_MOST - 1);
        for (size_t i = 0; i < CFI_PORTION_MOST - 1; i++) {
            assert_false(cfi_portion_is_empty(&portion));
            assert_ptr_equal(cfi_portion_take(&portion), entry(i));
        }
        assert_true(cfi_portion_is_empty(&portion));
        assert_null(cfi_portion_take(&portion));
    }
}

static void a_thief_gets_all_that_is_left_in_order(void **state)
{
    struct cfi_portion portion = {0};
    struct cf_future *stolen[CFI_PORTION_MOST];

    (void)state;
    assert_int_equal(cfi_portion_steal(&portion, stolen), 0);
    for (int round = 0; round < 3; round++) {
        fill(&portion, 100);
        for (size_t i = 0; i < 30; i++)
            assert_ptr_equal(cfi_portion_take(&portion), entry(i));
        assert_int_equal(cfi_portion_steal(&portion, stolen), 70);
        for (size_t i = 0; i < 70; i++)
            assert_ptr_equal(stolen[i], entry(30 + i));
        assert_true(cfi_portion_is_empty(&portion));
        assert_null(cfi_portion_take(&portion));
        assert_int_equal(cfi_portion_steal(&portion, stolen), 0);
    }
}

static void it_stands_if_nothing_was_taken_since_the_last_look(void **state)
{
    struct cfi_portion portion = {0}, other = {0};
    struct cfi_portion_look look = {0};

    (void)state;
    fill(&portion, 3);
    fill(&other, 3);
    for (size_t i = 0; i < 2; i++) {
        assert_false(cfi_portion_stands(&portion, &look));
        assert_true(cfi_portion_stands(&portion, &look));
        assert_false(cfi_portion_stands(&other, &look));
        assert_false(cfi_portion_stands(&portion, &look));
        assert_ptr_equal(cfi_portion_take(&portion), entry(i));
    }
}

struct scene {
    struct cfi_portion portion;
    _Atomic int is_over;
    _Atomic int had[CFI_PORTION_MOST];
};

static void have(struct scene *scene, struct cf_future *future)
{
    atomic_fetch_add(&scene->had[number_of(future)], 1);
}

static void *steal_until_it_is_over(void *argument)
{
    struct scene *scene = argument;
    struct cf_future *stolen[CFI_PORTION_MOST];
    size_t sum = 0;

    while (!atomic_load(&scene->is_over)) {
        size_t count = cfi_portion_steal(&scene->portion, stolen);
        for (size_t i = 0; i < count; i++)
            have(scene, stolen[i]);
        sum += count;
    }
    return (void *)sum;
}

static void each_entry_is_had_once(void **state)
{
    struct scene *scene = aligned_alloc(64, sizeof *scene);
    struct cf_future *future;
    pthread_t thieves[THIEVES];
    size_t taken = 0, stolen = 0;

    (void)state;
    assert_non_null(scene);
    *scene = (struct scene){0};
    for (size_t i = 0; i < THIEVES; i++)
        assert_int_equal(
            pthread_create(&thieves[i], NULL, steal_until_it_is_over, scene),
            0);
    for (size_t i = 0; i < FILLS; i++) {
        fill(&scene->portion, CFI_PORTION_MOST);
        while ((future = cfi_portion_take(&scene->portion)) != NULL) {
            have(scene, future);
            taken++;
        }
    }
    atomic_store(&scene->is_over, 1);
    for (size_t i = 0; i < THIEVES; i++) {
        void *sum;
        pthread_join(thieves[i], &sum);
        stolen += (size_t)sum;
    }
    assert_int_equal(taken + stolen, (size_t)FILLS * CFI_PORTION_MOST);
    for (size_t i = 0; i < CFI_PORTION_MOST; i++)
        assert_int_equal(scene->had[i], FILLS);
    print_message("%zu taken, %zu stolen\n", taken, stolen);
    free(scene);
}

/* From here on with a barrier in all threads. */
static void the_barrier_is_to_be_had(void **state)
{
    (void)state;
    assert_false(cfi_barrier_all_exists());
    cfi_barrier_all_announce(true);
    if (cfi_barrier_all_exists())
        return;
    print_message("skipped: no barrier in all threads is to be had here\n");
    skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_owner_takes_the_oldest_first),
        cmocka_unit_test(a_thief_gets_all_that_is_left_in_order),
        cmocka_unit_test(it_stands_if_nothing_was_taken_since_the_last_look),
        cmocka_unit_test(each_entry_is_had_once),
        cmocka_unit_test(the_barrier_is_to_be_had),
        cmocka_unit_test(a_thief_gets_all_that_is_left_in_order),
        cmocka_unit_test(each_entry_is_had_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
