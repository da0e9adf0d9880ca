/* SPDX-License-Identifier: MIT */
/* The quota of every ancestor cgroup, both versions, read from made-up trees:
 * the promises of cf_usable_cpus(). */
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <cf/cpus.h>

#include "cpus_impl.h"

static char root[] = "/tmp/cf-cpus-XXXXXX";

static const char *under(const char *path)
{
    static char whole[4][512];
    static size_t turn;
    turn = (turn + 1) % 4;
    snprintf(whole[turn], sizeof whole[turn], "%s/%s", root, path);
    return whole[turn];
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(under(path), "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int make_root(void **state)
{
    (void)state;
    strcpy(root, "/tmp/cf-cpus-XXXXXX");
    return mkdtemp(root) == NULL;
}

static int remove_root(void **state)
{
    static const char *const files[] = {"cgroup",
                                        "mountinfo",
                                        "v2/cpu.max",
                                        "v2/a/cpu.max",
                                        "v2/a/b/cpu.max",
                                        "v1/x/cpu.cfs_quota_us",
                                        "v1/x/cpu.cfs_period_us"};
    static const char *const folders[] = {"v2/a/b", "v2/a", "v2",
                                          "v1/x",   "v1",   ""};
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        unlink(under(files[i]));
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        rmdir(under(folders[i]));
    return 0;
}

static void make_v2(void)
{
    char line[600];
    mkdir(under("v2"), 0700);
    mkdir(under("v2/a"), 0700);
    mkdir(under("v2/a/b"), 0700);
    put("cgroup", "0::/a/b\n");
    snprintf(line, sizeof line,
             "30 20 0:26 / %s rw,nosuid shared:4 - cgroup2 cgroup2 rw\n",
             under("v2"));
    put("mountinfo", line);
}

static double quota(void)
{
    return cfi_cgroup_quota(under("cgroup"), under("mountinfo"));
}

static void a_quota_is_a_fraction_of_a_period(void **state)
{
    (void)state;
    assert_true(cfi_quota_of("150000", "100000\n") == 1.5);
    assert_true(cfi_quota_of("50000\n", "100000\n") == 0.5);
}

static void nonsense_sets_no_bound(void **state)
{
    static const char *const quotas[] = {"max", "-1",  "0",   "",   "junk",
                                         "nan", "inf", "-50", "\n", "1e999"};
    (void)state;
    for (size_t i = 0; i < sizeof quotas / sizeof quotas[0]; i++)
        assert_true(cfi_quota_of(quotas[i], "100000") == INFINITY);
    assert_true(cfi_quota_of("100000", "0") == INFINITY);
    assert_true(cfi_quota_of("100000", "") == INFINITY);
    assert_true(cfi_quota_of("100000", "-1") == INFINITY);
}

static void the_smallest_quota_of_all_ancestors_counts(void **state)
{
    (void)state;
    make_v2();
    put("v2/a/b/cpu.max", "400000 100000\n");
    put("v2/a/cpu.max", "250000 100000\n");
    assert_true(quota() == 2.5);
    put("v2/a/b/cpu.max", "max 100000\n");
    assert_true(quota() == 2.5);
    put("v2/cpu.max", "100000 200000\n");
    assert_true(quota() == 0.5);
}

static void a_container_sees_only_the_part_below_its_root(void **state)
{
    char line[600];
    (void)state;
    make_v2();
    put("cgroup", "0::/outside/container\n");
    snprintf(line, sizeof line,
             "30 20 0:26 /outside/container %s rw - cgroup2 cgroup2 rw\n",
             under("v2"));
    put("mountinfo", line);
    put("v2/cpu.max", "300000 100000\n");
    assert_true(quota() == 3);
}

/* Groups inside groups, as containers in containers have them. */
static void a_groups_path_may_be_long(void **state)
{
    static const char name[] =
        "/a-group-whose-name-has-49-characters-like-others";
    char line[1200], folder[8 * sizeof name] = "v2", file[sizeof folder + 8];
    (void)state;
    make_v2();
    for (int i = 0; i < 7; i++) {
        strcat(folder, name);
        assert_int_equal(mkdir(under(folder), 0700), 0);
    }
    assert_true(strlen(folder) > 255 + 2);
    snprintf(line, sizeof line, "0::%s\n", folder + 2);
    put("cgroup", line);
    snprintf(file, sizeof file, "%s/cpu.max", folder);
    put(file, "300000 100000\n");
    assert_true(quota() == 3);
    /* in a container, whose own root it is */
    snprintf(line, sizeof line, "30 20 0:26 %s %s rw - cgroup2 cgroup2 rw\n",
             folder + 2, under(folder));
    put("mountinfo", line);
    assert_true(quota() == 3);
    unlink(under(file));
    for (; strcmp(folder, "v2") != 0; *strrchr(folder, '/') = '\0')
        rmdir(under(folder));
}

static void version_1_is_read_too(void **state)
{
    char line[600];
    (void)state;
    mkdir(under("v1"), 0700);
    mkdir(under("v1/x"), 0700);
    put("cgroup", "5:cpuset:/y\n4:cpu,cpuacct:/x\nbroken\n0::/\n");
    snprintf(line, sizeof line,
             "nonsense\n30 20 0:26 / %s rw - cgroup cgroup rw,cpu,cpuacct\n",
             under("v1"));
    put("mountinfo", line);
    put("v1/x/cpu.cfs_quota_us", "150000\n");
    assert_true(quota() == INFINITY); /* no period */
    put("v1/x/cpu.cfs_period_us", "100000\n");
    assert_true(quota() == 1.5);
    put("v1/x/cpu.cfs_quota_us", "-1\n");
    assert_true(quota() == INFINITY);
}

static void missing_files_set_no_bound(void **state)
{
    (void)state;
    assert_true(quota() == INFINITY);
    make_v2();
    assert_true(quota() == INFINITY);
    unlink(under("mountinfo"));
    assert_true(quota() == INFINITY);
}

static void the_count_follows_the_affinity_mask(void **state)
{
    (void)state;
    cpu_set_t before, one;
    struct cf_cpus all = cf_usable_cpus();

    assert_true(all.count >= 1 && all.affinity >= 1 && all.online >= 1);
    sched_getaffinity(0, sizeof before, &before);
    CPU_ZERO(&one);
    for (size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
        if (CPU_ISSET(cpu, &before))
            CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
    struct cf_cpus cpus = cf_usable_cpus();
    sched_setaffinity(0, sizeof before, &before);
    assert_int_equal(cpus.affinity, 1);
    assert_int_equal(cpus.count, 1);
}

static void *read_usable(void *count)
{
    *(size_t *)count = cf_usable_cpus().count;
    return NULL;
}

static void the_smallest_stack_is_enough(void **state)
{
    size_t here = cf_usable_cpus().count, there = 0;
    pthread_attr_t attributes;
    pthread_t thread;

    (void)state;
    if (getenv("CF_SANITIZE") != NULL && getenv("CF_SANITIZE")[0] != '\0')
        skip(); /* they need more themselves */
    pthread_attr_init(&attributes);
    assert_int_equal(pthread_attr_setstacksize(
                         &attributes, (size_t)sysconf(_SC_THREAD_STACK_MIN)),
                     0);
    assert_int_equal(pthread_create(&thread, &attributes, read_usable, &there),
                     0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
    assert_int_equal(there, here);
}

int main(void)
{
#define in_a_tree(test)                                                        \
    cmocka_unit_test_setup_teardown(test, make_root, remove_root)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quota_is_a_fraction_of_a_period),
        cmocka_unit_test(nonsense_sets_no_bound),
        in_a_tree(the_smallest_quota_of_all_ancestors_counts),
        in_a_tree(a_container_sees_only_the_part_below_its_root),
        in_a_tree(a_groups_path_may_be_long),
        in_a_tree(version_1_is_read_too),
        in_a_tree(missing_files_set_no_bound),
        cmocka_unit_test(the_count_follows_the_affinity_mask),
        cmocka_unit_test(the_smallest_stack_is_enough),
    };
    return cmocka_run_group_tests_name("cpus", tests, NULL, NULL);
}
