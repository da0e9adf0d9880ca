/* SPDX-License-Identifier: MIT */
/* What a workload prepares is the work it says, told by another way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/sha.h>

#include "prepared.h"
#include "squares.h"

static void the_closed_form_is_the_loop(void **state)
{
    uint64_t sum = 0;

    (void)state;
    for (uint64_t n = 0; n < 3000; n++) {
        assert_true(wl_squares_known(n) == sum);
        assert_true(wl_squares_loop(0, n) == sum);
        sum += n * n;
    }
    /* Far beyond 2^64: sum(2n) = sum(n) + sum of (n + i)^2 for i < n. */
    for (uint64_t n = 1; n < UINT64_C(1) << 60; n = n * 3 + 1) {
        uint64_t upper = n * n * n + n * (n * (n - 1)) + wl_squares_known(n);
        assert_true(wl_squares_known(2 * n) == wl_squares_known(n) + upper);
    }
}

static uint64_t total_of(const struct prepared *prepared)
{
    const uint64_t *items = prepared->work.items;
    uint64_t total = 0;

    for (size_t i = 0; i < prepared->tasks; i++)
        total += items[i];
    return total;
}

static void skewed_has_the_same_total_for_every_seed(void **state)
{
    const char *const texts[] = {"n=1000000", "ratio=50", NULL};
    struct prepared one, two, again;
    size_t bytes;

    (void)state;
    must_prepare(&one, "skewed", texts, 64, 1);
    must_prepare(&two, "skewed", texts, 64, 2);
    must_prepare(&again, "skewed", texts, 64, 1);
    bytes = 64 * one.work.item_bytes;
    assert_true(total_of(&one) == total_of(&two));
    assert_true(llabs((long long)total_of(&one) - 64000000) < 64);
    assert_int_not_equal(memcmp(one.work.items, two.work.items, bytes), 0);
    assert_memory_equal(one.work.items, again.work.items, bytes);
    dispose(&one);
    dispose(&two);
    dispose(&again);
}

static void skewed_has_the_ratio_it_was_given(void **state)
{
    const char *const texts[] = {"n=1000000", "ratio=50", NULL};
    struct prepared prepared;
    uint64_t shortest = UINT64_MAX, longest = 0;

    (void)state;
    must_prepare(&prepared, "skewed", texts, 64, 3);
    for (size_t i = 0; i < 64; i++) {
        uint64_t n = ((const uint64_t *)prepared.work.items)[i];
        shortest = n < shortest ? n : shortest;
        longest = n > longest ? n : longest;
    }
    assert_true((double)longest / (double)shortest > 49.9 &&
                (double)longest / (double)shortest < 50.1);
    dispose(&prepared);
    must_prepare(&prepared, "skewed", texts, 1, 3); /* no ratio to keep */
    assert_true(total_of(&prepared) == 1000000);
    dispose(&prepared);
}

static void sha256_knows_the_digest_of_its_message(void **state)
{
    const char *const texts[] = {"bytes=11", "rounds=3", NULL};
    const char block[] = "\3\0\0\0\0\0\0\0\3\0";
    unsigned char message[33], digest[SHA256_DIGEST_LENGTH];
    struct prepared prepared;

    (void)state;
    for (size_t round = 0; round < 3; round++)
        memcpy(message + 11 * round, block, 11); /* with its last 0 */
    SHA256(message, sizeof message, digest);
    must_prepare(&prepared, "sha256", texts, 20, 0);
    assert_true(prepared.workload->verify(&prepared.work, 3, digest, 32));
    assert_true(prepared.workload->verify(&prepared.work, 19, digest, 32));
    assert_false(prepared.workload->verify(&prepared.work, 4, digest, 32));
    dispose(&prepared);
}

/* Counts that every table of primes has. */
static void primes_knows_how_many_there_are(void **state)
{
    static const struct {
        const char *text;
        uint64_t count;
    } known[] = {{"n=0", 0},        {"n=2", 0},       {"n=3", 1},
                 {"n=4", 2},        {"n=10", 4},      {"n=25", 9},
                 {"n=49", 15},      {"n=100", 25},    {"n=1000", 168},
                 {"n=10000", 1229}, {"n=1e6", 78498}, {"n=1e7", 664579}};
    struct prepared prepared;

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const char *const texts[] = {known[i].text, NULL};
        uint64_t wrong = known[i].count + 1;

        must_prepare(&prepared, "primes", texts, 1, 0);
        assert_true(
            prepared.workload->verify(&prepared.work, 0, &known[i].count, 8));
        assert_false(prepared.workload->verify(&prepared.work, 0, &wrong, 8));
        dispose(&prepared);
    }
}

/* Small cases of what is otherwise only known in closed form. */
static void small_products_and_sweeps_are_as_by_hand(void **state)
{
    /* item 1, n=2: A = 1 3 / 2 4, B = 1 2 / 4 5, C = 13 17 / 18 24 */
    const double product = 1 * 13 + 2 * 17 + 2 * 18 + 4 * 24;
    /* item 1, two elements: 1 3 and 1 4 give 4 15; then 1 4 + 3 * (4 15) */
    const uint64_t sweeps = 13 + 49;
    struct prepared prepared;

    (void)state;
    must_prepare(&prepared, "matmul", (const char *[]){"n=2", NULL}, 2, 0);
    assert_true(prepared.workload->verify(&prepared.work, 1, &product, 8));
    dispose(&prepared);
    must_prepare(&prepared, "stream",
                 (const char *[]){"bytes=16", "rounds=2", NULL}, 2, 0);
    assert_true(prepared.workload->verify(&prepared.work, 1, &sweeps, 8));
    dispose(&prepared);
}

static void all_mixed_tasks_do_the_same_work(void **state)
{
    struct prepared prepared;
    const unsigned char *items;
    size_t bytes;

    (void)state;
    must_prepare(&prepared, "mixed", NULL, 10, 0);
    items = prepared.work.items;
    bytes = prepared.work.item_bytes;
    for (size_t i = 1; i < 10; i++)
        assert_memory_equal(items, items + i * bytes, bytes);
    dispose(&prepared);
}

static void too_many_tasks_are_refused_with_a_reason(void **state)
{
    static const char *const names[] = {
        "sum_squares", "primes",   "sha256", "json_parse", "compress",
        "matmul",      "skewed",   "fib",    "payload",    "stream",
        "sleep",       "http_get", "mixed"};
    struct prepared prepared;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(prepare(&prepared, names[i], NULL, SIZE_MAX / 2, 0),
                         CF_NOMEM);
        assert_non_null(strstr(prepared.why, "no memory"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_closed_form_is_the_loop),
        cmocka_unit_test(skewed_has_the_same_total_for_every_seed),
        cmocka_unit_test(skewed_has_the_ratio_it_was_given),
        cmocka_unit_test(sha256_knows_the_digest_of_its_message),
        cmocka_unit_test(primes_knows_how_many_there_are),
        cmocka_unit_test(small_products_and_sweeps_are_as_by_hand),
        cmocka_unit_test(all_mixed_tasks_do_the_same_work),
        cmocka_unit_test(too_many_tasks_are_refused_with_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
