/* SPDX-License-Identifier: MIT */
#include "grain_search.h"

#include <math.h>

#include "check.h"

/* Work whose time is known, on a machine that others use as well. */
struct machine {
    double own_s; /* what comes with every task */
    double unit_s;
    double power;
    bool is_busy; /* one time in three is two to four times as long */
    uint64_t random;
    int trials;
};

static double time_of(const struct machine *machine, double value)
{
    return machine->own_s + machine->unit_s * pow(value, machine->power);
}

/* In 0 .. 1 (Knuth's MMIX constants); the same numbers on every machine. */
static double draw(struct machine *machine)
{
    machine->random =
        machine->random * 6364136223846793005u + 1442695040888963407u;
    return (double)(machine->random >> 33) / 2147483648.0;
}

static double try_value(void *context, double value, double expected_s)
{
    struct machine *machine = context;
    double task_s = time_of(machine, value);

    (void)expected_s;
    machine->trials++;
    if (machine->is_busy && draw(machine) < 1.0 / 3)
        task_s *= 2 + 2 * draw(machine);
    return task_s;
}

/* How far off the wanted length the true one is, as a factor above 1. */
static double miss(struct machine *machine, double begin, double wanted_s,
                   bool is_whole)
{
    const struct grain_search search = {.wanted_s = wanted_s,
                                        .minimum = 0,
                                        .maximum = 1e12,
                                        .is_whole = is_whole,
                                        .try_value = try_value,
                                        .context = machine};
    double value = begin, task_s;

    machine->trials = 0;
    assert_true(grain_search(&search, &value, &task_s));
    return exp(fabs(log(time_of(machine, value) / wanted_s)));
}

static const struct machine loop = {.own_s = 3e-6, .unit_s = 4e-10, .power = 1};
static const struct machine cube = {.own_s = 1e-7, .unit_s = 6e-10, .power = 3};
static const struct machine rate = {.own_s = 1e-6, .unit_s = 1, .power = -1};

static void a_length_is_found_from_wherever_it_begins(void **state)
{
    static const double begins[] = {1, 1000, 1e7}, lengths[] = {2e-5, 1e-3, 1};

    (void)state;
    for (int b = 0; b < 3; b++)
        for (int k = 0; k < 3; k++) {
            struct machine machines[] = {loop, cube, rate};

            for (int m = 0; m < 3; m++) {
                assert_true(miss(&machines[m], begins[b], lengths[k], m < 2) <
                            1.11);
                assert_true(machines[m].trials <= 24);
            }
        }
}

static void a_length_is_found_though_times_are_disturbed(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        struct machine machines[] = {loop, cube, rate};

        for (int m = 0; m < 3; m++) {
            machines[m].is_busy = true;
            machines[m].random = seed * 0x9e3779b97f4a7c15u;
            /* what was lengthened may be taken for it, and by a little more
             * what lies beside; one that got lost would be 300 times off */
            assert_true(miss(&machines[m], 1, 1e-3, m < 2) < 7);
        }
    }
}

static void what_cannot_be_reached_ends_near_it_and_soon(void **state)
{
    struct machine machine = {.own_s = 7e-5, .unit_s = 1e-3, .power = 1};

    (void)state;
    assert_true(miss(&machine, 1, 2e-5, false) < 3.6); /* its own 70 us */
    assert_true(machine.trials <= 20);
    machine.own_s = 2; /* far too long: a leap would take minutes */
    assert_true(miss(&machine, 1, 0.01, true) < 210);
    assert_true(machine.trials <= 3);
}

static double refuse(void *context, double value, double expected_s)
{
    (void)context, (void)value, (void)expected_s;
    return NAN;
}

static void work_that_cannot_be_tried_is_told(void **state)
{
    const struct grain_search search = {
        .wanted_s = 1, .maximum = 10, .try_value = refuse};
    double value = 1, task_s;

    (void)state;
    assert_false(grain_search(&search, &value, &task_s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_length_is_found_from_wherever_it_begins),
        cmocka_unit_test(a_length_is_found_though_times_are_disturbed),
        cmocka_unit_test(what_cannot_be_reached_ends_near_it_and_soon),
        cmocka_unit_test(work_that_cannot_be_tried_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
