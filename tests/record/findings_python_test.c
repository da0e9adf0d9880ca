/* SPDX-License-Identifier: MIT */
/* What a record says about Python, from times that were chosen: the ratios are
 * round numbers that can be checked in the head. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "example.h"
#include "findings_python.h"
#include "summarize.h"

enum { BLOCKS = 6, TASKS = 64 }; /* example_sample() has 64 tasks */

static void add_workload(struct record *record, const char *id,
                         const char *in_bytes)
{
    struct record_workload *one = record_add_workload(record);

    one->id = strdup(id);
    one->klass = strdup("cpu");
    one->tasks = TASKS;
    if (in_bytes == NULL)
        return;
    one->parameters = calloc(2, sizeof *one->parameters);
    one->parameters[0].name = strdup("in_bytes");
    one->parameters[0].value = strdup(in_bytes);
    one->parameters[1].name = strdup("out_bytes");
    one->parameters[1].value = strdup("64");
    one->parameter_count = 2;
}

/* A case of the last workload whose tasks take so long. */
static void add_case(struct record *record, const char *backend, size_t workers,
                     double task_s)
{
    struct record_case *one = record_add_case(record);
    char id[16];

    snprintf(id, sizeof id, "c%zu", record->case_count);
    one->id = strdup(id);
    one->workload = strdup(record->workloads[record->workload_count - 1].id);
    one->backend = strdup(backend);
    one->workers = workers;
    one->tasks = TASKS;
    for (size_t block = 0; block < BLOCKS; block++)
        example_sample(record, record->case_count - 1, block,
                       (double)TASKS * task_s);
}

static struct record *finish(struct record *record)
{
    assert_true(record_summarize(record));
    return record;
}

/* 2 processes halve what takes Python 30 times as long as C. */
static struct record *squares(void)
{
    struct record *record = record_create();

    add_workload(record, "sum_squares", NULL);
    add_case(record, "serial", 1, 1e-3);
    add_case(record, "thread", 2, 0.5e-3);
    add_case(record, "gil", 2, 1e-3);
    add_case(record, "cpython-serial", 1, 30e-3);
    add_case(record, "cpython-thread", 2, 30e-3);
    add_case(record, "cpython-process", 2, 15e-3);
    return record;
}

static const char *text_of(const struct findings *findings, size_t i)
{
    assert_in_range(i, 0, findings->count - 1);
    return findings->list[i].text;
}

static void lanes_interpreter_and_gil_are_told_apart(void **state)
{
    struct record *record = finish(squares());
    struct facts *python = facts_add_object(record->env, "python");
    struct findings findings = {0};

    (void)state;
    facts_set_text(python, "version", "3.14.0");
    facts_set_bool(python, "gil_enabled", true);
    assert_true(findings_python_any(record));
    assert_true(findings_python(record, &findings));
    assert_int_equal(findings.count, 3);
    assert_string_equal(
        text_of(&findings, 0),
        "sum_squares in CPython 3.14.0 (GIL on): 2 threads 1.00x [1.00, 1.00], "
        "33.3 /s; 2 processes 2.00x [2.00, 2.00], 66.7 /s; over its own serial "
        "loop. Use 2 processes.");
    assert_string_equal(findings.list[0].headline, "2 processes");
    assert_string_equal(
        text_of(&findings, 1),
        "The interpreter: a task of sum_squares takes CPython 3.14.0 (GIL on) "
        "30.0x [30.0, 30.0] as long as C, each in a loop without workers.");
    assert_string_equal(text_of(&findings, 2),
                        "The GIL alone: the C code of sum_squares on 2 threads "
                        "takes 2.00x [2.00, 2.00] as long under a GIL as on "
                        "free threads.");
    findings_finish(&findings);
    record_destroy(record);
}

static void threads_are_advised_where_they_are_as_good(void **state)
{
    struct record *record = record_create();
    struct findings findings = {0};

    (void)state;
    add_workload(record, "sha256", NULL);
    add_case(record, "cpython-serial", 1, 1e-3);
    add_case(record, "cpython-thread", 2, 0.51e-3);
    add_case(record, "cpython-process", 2, 0.5e-3);
    assert_true(findings_python(finish(record), &findings));
    assert_string_equal(findings.list[0].headline, "2 threads");
    findings_finish(&findings);
    record_destroy(record);
}

/* (120 - 20) us more for an empty task, half of a task saved: 200 us. */
static void processes_pay_from_the_crossover_on(void **state)
{
    struct record *record = squares();
    struct findings findings = {0};

    (void)state;
    add_workload(record, "empty", NULL);
    add_case(record, "cpython-thread", 2, 20e-6);
    add_case(record, "cpython-process", 2, 120e-6);
    assert_true(findings_python(finish(record), &findings));
    assert_int_equal(findings.count, 4);
    assert_string_equal(
        text_of(&findings, 3),
        "From which length on? Work like sum_squares in cpython: 2 processes "
        "gain on as many threads from tasks of 200 µs [200, 200] on.");
    findings_finish(&findings);
    record_destroy(record);
}

static void no_crossover_is_made_up(void **state)
{
    struct record *record = record_create();
    struct findings findings = {0};

    (void)state;
    add_workload(record, "sha256", NULL);
    add_case(record, "cpython-serial", 1, 1e-3);
    add_case(record, "cpython-thread", 2, 0.5e-3);
    add_case(record, "cpython-process", 2, 0.6e-3);
    add_workload(record, "empty", NULL);
    add_case(record, "cpython-thread", 2, 20e-6);
    add_case(record, "cpython-process", 2, 120e-6);
    assert_true(findings_python(finish(record), &findings));
    assert_non_null(strstr(text_of(&findings, findings.count - 1),
                           "None was found for work like sha256"));
    findings_finish(&findings);
    record_destroy(record);
}

static void the_border_is_what_pickling_costs_beside_copying(void **state)
{
    struct record *record = record_create();
    struct findings findings = {0};
    struct python_boundary boundary;

    (void)state;
    add_workload(record, "payload", "4096");
    add_case(record, "process", 2, 2e-6);
    add_case(record, "cpython-process", 1, 300e-6); /* libcf has no such case */
    add_case(record, "cpython-process", 2, 200e-6);
    assert_true(findings_python(finish(record), &findings));
    assert_int_equal(findings.count, 1);
    assert_string_equal(
        text_of(&findings, 0),
        "The border of a process: 4096 bytes to a worker and 64 back, with 2 "
        "workers, take 200 µs a task pickled by CPython and 2.00 µs copied by "
        "libcf, 100x [100, 100].");
    assert_true(findings_python_boundary(record, 0, &boundary));
    assert_true(boundary.in_bytes == 4096 && boundary.workers == 2);
    findings_finish(&findings);
    record_destroy(record);
}

static void each_interpreter_is_compared_with_itself(void **state)
{
    struct record *record = record_create();
    struct findings findings = {0};
    struct facts *python;

    (void)state;
    for (int i = 0; i < 2; i++) {
        python = facts_add_object(record->env, "python");
        facts_set_text(python, "version", i == 0 ? "3.13.1" : "3.13.1t");
        facts_set_bool(python, "gil_enabled", i == 0);
    }
    add_workload(record, "primes", NULL);
    add_case(record, "cpython3.13-serial", 1, 10e-3); /* as a run has them */
    add_case(record, "cpython3.13t-serial", 1, 12e-3);
    add_case(record, "cpython3.13-thread", 2, 10e-3);
    add_case(record, "cpython3.13t-thread", 2, 6e-3);
    add_case(record, "cpython3.13t-interpreter", 2, 6e-3);
    assert_true(findings_python(finish(record), &findings));
    assert_non_null(strstr(text_of(&findings, 0), "CPython 3.13.1 (GIL on): 2 "
                                                  "threads 1.00x"));
    assert_non_null(strstr(text_of(&findings, 1),
                           "CPython 3.13.1t (GIL off): 2 threads 2.00x"));
    assert_non_null(strstr(text_of(&findings, 1), "2 interpreters 2.00x"));
    assert_int_equal(findings.count, 2); /* each once */
    findings_finish(&findings);
    record_destroy(record);
}

static void without_a_lane_of_python_there_is_nothing_to_say(void **state)
{
    struct record *record = record_create();
    struct findings findings = {0};

    (void)state;
    add_workload(record, "primes", NULL);
    add_case(record, "serial", 1, 10e-3);
    add_case(record, "process", 2, 5e-3);
    assert_false(findings_python_any(finish(record)));
    assert_true(findings_python(record, &findings));
    assert_int_equal(findings.count, 0);
    findings_finish(&findings);
    record_destroy(record);
}

static void lanes_of_python_are_told_in_words(void **state)
{
    static const struct {
        const char *backend;
        size_t workers;
        const char *words;
    } lanes[] = {{"cpython-thread", 1, "1 CPython thread"},
                 {"cpython3.14t-thread", 8, "8 CPython 3.14t threads"},
                 {"cpython3.14-interpreter", 2, "2 CPython 3.14 interpreters"},
                 {"cpython3.14-serial", 1, "the CPython 3.14 loop"},
                 {"cpython; or else-thread", 2, "cpython; or else-thread, 2"},
                 {"cpython", 2, "cpython, 2"}};

    (void)state;
    for (size_t i = 0; i < sizeof lanes / sizeof *lanes; i++) {
        char words[64];

        findings_workers(words, sizeof words, lanes[i].backend,
                         lanes[i].workers);
        assert_string_equal(words, lanes[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lanes_interpreter_and_gil_are_told_apart),
        cmocka_unit_test(threads_are_advised_where_they_are_as_good),
        cmocka_unit_test(processes_pay_from_the_crossover_on),
        cmocka_unit_test(no_crossover_is_made_up),
        cmocka_unit_test(the_border_is_what_pickling_costs_beside_copying),
        cmocka_unit_test(each_interpreter_is_compared_with_itself),
        cmocka_unit_test(without_a_lane_of_python_there_is_nothing_to_say),
        cmocka_unit_test(lanes_of_python_are_told_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
