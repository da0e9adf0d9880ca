/* SPDX-License-Identifier: MIT */
/* Memory limits and throttling of all ancestor cgroups, from made-up trees. */
#include "check.h"

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cgroup.h"

static char root[32];
static char own[64];
static char io[64];
static struct cgroup_places places = {own, root, io};

/* Writes a file below the root, with the folders on the way. */
static void put(const char *path, const char *text)
{
    char whole[256];
    FILE *file;

    snprintf(whole, sizeof whole, "%s/%s", root, path);
    for (char *slash = whole + strlen(root) + 1;
         (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(whole, 0700);
        *slash = '/';
    }
    file = fopen(whole, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int make_root(void **state)
{
    (void)state;
    strcpy(root, "/tmp/cfbench-cgroup-XXXXXX");
    if (mkdtemp(root) == NULL)
        return 1;
    snprintf(own, sizeof own, "%s/own", root);
    snprintf(io, sizeof io, "%s/io", root);
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type,
                        struct FTW *place)
{
    (void)status, (void)type, (void)place;
    return remove(path);
}

static int remove_root(void **state)
{
    (void)state;
    return nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void the_tightest_memory_limit_of_all_levels_counts(void **state)
{
    (void)state;
    put("own", "0::/a/b\n");
    put("a/memory.max", "1000\n");
    put("a/memory.current", "400\n");
    put("a/b/memory.max", "max\n");
    put("a/b/memory.current", "300\n");
    assert_true(cgroup_memory_left(&places) == 600);
    put("a/b/memory.max", "500\n");
    assert_true(cgroup_memory_left(&places) == 200);
}

static void version_1_says_it_in_files_of_its_own(void **state)
{
    (void)state;
    put("own", "3:cpu,cpuacct:/x\n4:memory:/x/y\n0::/\n");
    put("memory/x/memory.limit_in_bytes", "5000\n");
    put("memory/x/memory.usage_in_bytes", "4000\n");
    put("memory/x/y/memory.limit_in_bytes", "9223372036854771712\n");
    put("memory/x/y/memory.usage_in_bytes", "10\n");
    assert_true(cgroup_memory_left(&places) == 1000);
    put("memory/x/memory.usage_in_bytes", "6000\n"); /* beyond it */
    assert_true(cgroup_memory_left(&places) == 0);
}

static void without_a_limit_none_is_told(void **state)
{
    (void)state;
    put("own", "4:memory:/gone/away\n");
    put("memory/memory.limit_in_bytes", "9223372036854771712\n");
    put("memory/memory.usage_in_bytes", "10\n");
    assert_true(isnan(cgroup_memory_left(&places)));
    put("own", "nothing of the kind\n");
    assert_true(isnan(cgroup_memory_left(&places)));
}

static void throttling_is_added_up_over_levels_and_versions(void **state)
{
    (void)state;
    put("own", "0::/a/b\n");
    put("a/cpu.stat", "nr_periods 3\nthrottled_usec 1500000\n");
    put("a/b/cpu.stat", "throttled_usec 500000\n");
    assert_true(fabs(cgroup_throttled_s(&places) - 2) < 1e-9);
    put("own", "4:cpuacct,cpu:/x\n0::/a/b\n");
    put("cpu/x/cpu.stat", "nr_throttled 1\nthrottled_time 250000000\n");
    assert_true(fabs(cgroup_throttled_s(&places) - 0.25) < 1e-9);
    put("own", "4:cpuset:/x\n");
    assert_true(isnan(cgroup_throttled_s(&places)));
}

static void waiting_for_disks_is_that_of_our_own_cgroup(void **state)
{
    (void)state;
    put("own", "4:blkio:/x\n0::/a/b\n");
    assert_true(isnan(cgroup_io_stalled_s(&places)));
    put("io", "some avg10=0.00 avg60=0.00 avg300=0.00 total=9000000\n"
              "full avg10=0.00 avg60=0.00 avg300=0.00 total=8000000\n");
    assert_true(fabs(cgroup_io_stalled_s(&places) - 8) < 1e-9);
    put("a/io.pressure", "some avg10=0.00 total=6000000\n"
                         "full avg10=0.00 total=5000000\n");
    assert_true(fabs(cgroup_io_stalled_s(&places) - 5) < 1e-9);
    put("a/b/io.pressure", "some avg10=0.00 total=3000000\n"
                           "full avg10=0.00 total=2500000\n");
    assert_true(fabs(cgroup_io_stalled_s(&places) - 2.5) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            the_tightest_memory_limit_of_all_levels_counts, make_root,
            remove_root),
        cmocka_unit_test_setup_teardown(version_1_says_it_in_files_of_its_own,
                                        make_root, remove_root),
        cmocka_unit_test_setup_teardown(without_a_limit_none_is_told, make_root,
                                        remove_root),
        cmocka_unit_test_setup_teardown(
            throttling_is_added_up_over_levels_and_versions, make_root,
            remove_root),
        cmocka_unit_test_setup_teardown(
            waiting_for_disks_is_that_of_our_own_cgroup, make_root,
            remove_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
