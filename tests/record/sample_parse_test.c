/* SPDX-License-Identifier: MIT */
/* A sample read straight from its text is what the parser's tree has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "example.h"

static char path[512];
static struct record_error error;

static int fresh_path(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "%s", scratch("out.json"));
    unlink(path);
    return 0;
}

/* The bytes with `more` put in behind each `before`; for free(). */
static char *put_in(const char *bytes, const char *before, const char *more)
{
    size_t room = strlen(bytes) + 1;
    char *result, *to;

    for (const char *at = bytes; (at = strstr(at, before)) != NULL; at++)
        room += strlen(more);
    result = to = malloc(room);
    assert_non_null(result);
    for (;;) {
        const char *at = strstr(bytes, before);
        size_t length =
            at == NULL ? strlen(bytes) : (size_t)(at - bytes) + strlen(before);
        to = mempcpy(to, bytes, length);
        bytes += length;
        if (at == NULL)
            break;
        to = stpcpy(to, more);
    }
    *to = '\0';
    return result;
}

/* No number of this sample is another's. */
static void make_all_different(struct record_sample *sample)
{
    double *const numbers[] = {
        &sample->started_s,          &sample->submit_s,
        &sample->pool_create_s,      &sample->pool_destroy_s,
        &sample->cpu_user_s,         &sample->cpu_sys_s,
        &sample->switches_voluntary, &sample->switches_involuntary,
        &sample->faults_minor,       &sample->faults_major,
        &sample->peak_rss_bytes,     &sample->latency.max_s,
        &sample->latency.p50_s,      &sample->latency.p90_s,
        &sample->latency.p99_s,      &sample->steal_s,
        &sample->throttled_s,        &sample->foreign_s,
        &sample->thermal_events,     &sample->frequency_hz,
        &sample->disk_read_bytes,    &sample->disk_written_bytes,
        &sample->io_stalled_s,
    };

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        *numbers[i] = (double)i + 1;
}

static void assert_read_as(const char *text, const char *expected)
{
    size_t length;
    struct record *record;
    char *again;

    spill(path, text, strlen(text));
    record = record_read(path, &error);
    assert_non_null(record);
    assert_true(record_write(record, path, &error));
    again = slurp(path, &length);
    assert_string_equal(again, expected);
    record_destroy(record);
    free(again);
}

/* An escape in a member that nobody knows: the sample goes through a tree. */
static void a_sample_is_the_same_with_and_without_a_tree(void **state)
{
    struct record *record = example_record(7);
    size_t length;
    char *bytes, *odd;

    (void)state;
    assert_true(record_summarize(record));
    make_all_different(&record->samples[3]);
    assert_true(record_write(record, path, &error));
    record_destroy(record);
    bytes = slurp(path, &length);
    assert_read_as(bytes, bytes);
    odd = put_in(bytes, "\"delta\": {", "\"news\": \"\\n\", ");
    assert_read_as(odd, bytes);
    free(odd);
    free(bytes);
}

static const char head[] =
    "{\"schema\":{\"name\":\"cfbench.record\",\"version\":\"1.0\"},"
    "\"workloads\":[{\"id\":\"w\",\"class\":\"cpu\"}],"
    "\"cases\":[{\"id\":\"c\",\"workload\":\"w\",\"backend\":\"thread\","
    "\"workers\":1,\"status\":\"measured\"}],"
    "\"samples\":[{\"case\":\"c\",\"elapsed_s\":";

static const struct {
    const char *text;
    double value;
} spellings[] = {
    {"0.10013646065328781", 0.10013646065328781},
    {"1e22", 1e22},
    {"1e23", 1e23},
    {"9007199254740993", 9007199254740993.},
    {"123456789012345678901234567890e-30", 0.12345678901234568},
    {"0.000000000000000000000000000001", 1e-30},
    {"1E+2", 100},
    {"4.9e-324", 4.9e-324},
    {"1.7976931348623157e308", 1.7976931348623157e308},
    {"5e-0001", 0.5},
    {"0", 0},
    {"-0", 0},
};

/* The nearest double, however it is spelled. */
static void a_number_of_a_sample_is_what_strtod_has(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        char text[1024];
        struct record *record;

        snprintf(text, sizeof text, "%s%s}]}", head, spellings[i].text);
        spill(path, text, strlen(text));
        record = record_read(path, &error);
        assert_non_null(record);
        assert_true(record->samples[0].elapsed_s == spellings[i].value);
        record_destroy(record);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_sample_is_the_same_with_and_without_a_tree,
                               fresh_path),
        cmocka_unit_test_setup(a_number_of_a_sample_is_what_strtod_has,
                               fresh_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
