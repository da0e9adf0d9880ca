/* SPDX-License-Identifier: MIT */
#include "order.h"

#include <stdbool.h>
#include <string.h>

#include "check.h"

enum { MOST = 200 };

static void check_permutation(const size_t *order, size_t count)
{
    bool seen[MOST] = {false};

    for (size_t i = 0; i < count; i++) {
        assert_true(order[i] < count);
        assert_false(seen[order[i]]);
        seen[order[i]] = true;
    }
}

static void each_case_stands_once_in_each_block(void **state)
{
    static const size_t counts[] = {1, 2, 3, 10, 60, MOST};
    size_t order[MOST];

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (size_t block = 0; block < 40; block++)
            for (int kind = ORDER_RANDOM; kind <= ORDER_WILLIAMS; kind++) {
                if (kind == ORDER_WILLIAMS && counts[i] > ORDER_WILLIAMS_MAX)
                    continue;
                order_block((enum order_kind)kind, 7, block, counts[i], order);
                check_permutation(order, counts[i]);
            }
}

static void an_order_depends_on_seed_and_block_alone(void **state)
{
    size_t once[60], again[60], other[60];

    (void)state;
    order_block(ORDER_RANDOM, 42, 3, 60, once);
    order_block(ORDER_RANDOM, 42, 0, 60, other);
    order_block(ORDER_RANDOM, 42, 3, 60, again);
    assert_memory_equal(once, again, sizeof once);
    assert_memory_not_equal(once, other, sizeof once);
    order_block(ORDER_RANDOM, 43, 3, 60, other);
    assert_memory_not_equal(once, other, sizeof once);
}

static void a_random_order_favours_no_place(void **state)
{
    enum { CASES = 6, BLOCKS = 6000 };
    size_t counts[CASES][CASES] = {{0}};
    size_t order[CASES];

    (void)state;
    for (size_t block = 0; block < BLOCKS; block++) {
        order_block(ORDER_RANDOM, 1, block, CASES, order);
        for (size_t i = 0; i < CASES; i++)
            counts[i][order[i]]++;
    }
    /* Expected 1000, standard deviation 29: six of them on either side. */
    for (size_t i = 0; i < CASES; i++)
        for (size_t j = 0; j < CASES; j++)
            assert_in_range(counts[i][j], 826, 1174);
}

static void in_a_williams_square_each_follows_each_equally_often(void **state)
{
    (void)state;
    for (size_t count = 2; count <= ORDER_WILLIAMS_MAX; count++) {
        size_t rows = order_williams_rows(count);
        size_t follows[ORDER_WILLIAMS_MAX][ORDER_WILLIAMS_MAX] = {{0}};
        size_t order[ORDER_WILLIAMS_MAX];

        for (size_t row = 0; row < rows; row++) {
            order_block(ORDER_WILLIAMS, 99, row, count, order);
            for (size_t i = 1; i < count; i++)
                follows[order[i - 1]][order[i]]++;
        }
        for (size_t a = 0; a < count; a++)
            for (size_t b = 0; b < count; b++)
                assert_int_equal(follows[a][b], a == b ? 0 : rows / count);
    }
}

static void orders_are_found_by_name(void **state)
{
    enum order_kind kind;

    (void)state;
    assert_true(order_find("williams", &kind));
    assert_int_equal(kind, ORDER_WILLIAMS);
    assert_string_equal(order_name(ORDER_RANDOM), "random");
    assert_false(order_find("", &kind));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case_stands_once_in_each_block),
        cmocka_unit_test(an_order_depends_on_seed_and_block_alone),
        cmocka_unit_test(a_random_order_favours_no_place),
        cmocka_unit_test(in_a_williams_square_each_follows_each_equally_often),
        cmocka_unit_test(orders_are_found_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
