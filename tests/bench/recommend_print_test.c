/* SPDX-License-Identifier: MIT */
/* The answer in words: they do not contradict each other. */
#include "recommend_print.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

/* One worker, `good` of which are shown to be as good as the best. */
static struct record *record_of(double good)
{
    struct record *record = record_create();
    struct record_recommendation *one = record_add_recommendation(record);

    *one = (struct record_recommendation){
        .workload = strdup("work"),
        .backend = strdup("thread"),
        .best_backend = strdup("thread"),
        .goal = strdup("knee"),
        .paste = strdup("max_workers=1"),
        .within_ratio = 0.05,
        .workers = 1,
        .best_workers = 2,
        .confidence_set = {1, 2},
        .good_set = {good, good},
        .regret_ratio = 0.03,
        .regret_ci95 = {0, 0.06},
        .throughput_per_s = 100,
        .shown = isfinite(good),
    };
    return record;
}

/* What is printed about it, which is the caller's to free. */
static char *printed(struct record *record)
{
    FILE *file = tmpfile();
    char *text = calloc(1, 4096);
    int out = dup(STDOUT_FILENO);

    assert_non_null(file);
    assert_non_null(text);
    fflush(stdout);
    assert_true(dup2(fileno(file), STDOUT_FILENO) >= 0);
    recommend_print(record, false);
    fflush(stdout);
    assert_true(dup2(out, STDOUT_FILENO) >= 0);
    close(out);
    rewind(file);
    assert_true(fread(text, 1, 4095, file) > 0);
    fclose(file);
    record_destroy(record);
    return text;
}

static void what_is_not_shown_is_not_said_to_be_within(void **state)
{
    char *text = printed(record_of(NAN));

    (void)state;
    assert_non_null(strstr(text, "work: 1 thread (the knee is 1 to 2; not "
                                 "shown to be within 5 % of the best)\n"));
    free(text);
    text = printed(record_of(1));
    assert_non_null(strstr(text, "; 1 is within 5 % of the best)\n"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_shown_is_not_said_to_be_within),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
