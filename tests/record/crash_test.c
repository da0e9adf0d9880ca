/* SPDX-License-Identifier: MIT */
/* What a kill or a full disk leaves behind: the old file or the new one; of a
 * journal, all lines but the last. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "example.h"
#include "journal.h"

#define KILLS 200

static struct record_error error;

/* Starts `body` in a child and kills it after up to 4 ms. */
static void run_and_kill(void (*body)(const char *path), const char *path)
{
    struct timespec nap = {0, rand() % 4000000};
    pid_t child = fork();

    if (child == 0) {
        body(path);
        _exit(0);
    }
    nanosleep(&nap, NULL);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    /* what it was writing when it died */
    for (int i = 0; i < 2; i++) {
        char name[64];
        snprintf(name, sizeof name, ".cfbench-%ld-%d.tmp", (long)child, i);
        unlink(scratch(name));
    }
}

static void save_again_and_again(const char *path)
{
    struct record *small = example_record(1), *large = example_record(30);

    for (;;) {
        if (!record_write(small, path, &error) ||
            !record_write(large, path, &error))
            abort();
    }
}

static void a_kill_during_a_save_leaves_the_old_or_the_new_file(void **state)
{
    char path[512];
    struct record *record = example_record(1);
    int small = 0, large = 0;

    (void)state;
    snprintf(path, sizeof path, "%s", scratch("killed.json"));
    assert_true(record_write(record, path, &error));
    record_destroy(record);
    for (int i = 0; i < KILLS; i++) {
        run_and_kill(save_again_and_again, path);
        record = record_read(path, &error);
        assert_non_null(record);
        small += record->sample_count == 3 + 4;
        large += record->sample_count == 3 + 4 * 30;
        record_destroy(record);
    }
    assert_int_equal(small + large, KILLS);
}

static void append_again_and_again(const char *path)
{
    struct record *record = example_record(1);
    struct journal *journal = journal_create(path, record, &error);

    for (;;) {
        if (journal == NULL ||
            !journal_append(journal, record, &record->samples[3], &error))
            abort();
    }
}

static void a_kill_during_an_append_loses_one_sample_at_most(void **state)
{
    char path[512];

    (void)state;
    snprintf(path, sizeof path, "%s", scratch("killed.jsonl"));
    for (int i = 0; i < KILLS; i++) {
        size_t length, lines = 0;
        struct record *record;
        char *bytes;

        run_and_kill(append_again_and_again, path);
        bytes = slurp(path, &length);
        if (bytes == NULL)
            continue; /* killed before it began */
        for (size_t at = 0; at < length; at++)
            lines += bytes[at] == '\n';
        record = record_read(path, &error);
        assert_non_null(record);
        assert_true(record->from_journal);
        assert_true(record->sample_count >= lines - 1);
        record_destroy(record);
        free(bytes);
        assert_true(journal_remove(path, &error));
    }
}

/* Mounts of this process's own; as an ordinary user by way of a user
 * namespace, in which this user is root. */
static bool enter_own_mounts(void)
{
    unsigned user = getuid(), group = getgid();
    char map[32];

    if (unshare(CLONE_NEWNS) != 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
            return false;
        spill("/proc/self/setgroups", "deny", 4);
        spill("/proc/self/uid_map", map,
              (size_t)snprintf(map, sizeof map, "0 %u 1", user));
        spill("/proc/self/gid_map", map,
              (size_t)snprintf(map, sizeof map, "0 %u 1", group));
    }
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* In a child: mounts a disk of 64 KiB over the folder. 77: not allowed. */
static int fill_a_small_disk(const char *folder, const char *path)
{
    struct record *small = example_record(1), *large = example_record(60);
    struct record *old;
    struct journal *journal;
    size_t appended = 0;

    if (!enter_own_mounts() ||
        mount("none", folder, "tmpfs", 0, "size=64k") != 0)
        return 77;
    if (!record_write(small, path, &error))
        return 1;
    if (record_write(large, path, &error) ||
        strstr(error.text, strerror(ENOSPC)) == NULL)
        return 2;
    old = record_read(path, &error);
    if (old == NULL || old->sample_count != small->sample_count)
        return 3;
    record_destroy(old);

    path = journal_path_for(path);
    journal = journal_create(path, small, &error);
    while (journal_append(journal, small, &small->samples[3], &error))
        appended++;
    journal_close(journal);
    old = record_read(path, &error);
    if (old == NULL || old->sample_count != small->sample_count + appended)
        return 4;
    return 0;
}

static void a_full_disk_is_an_error_and_leaves_what_was_whole(void **state)
{
    char folder[512], path[600];
    int status;
    pid_t child;

    (void)state;
    snprintf(folder, sizeof folder, "%s", scratch("disk"));
    snprintf(path, sizeof path, "%s/out.json", folder);
    assert_int_equal(mkdir(folder, 0777), 0);
    child = fork();
    if (child == 0)
        _exit(fill_a_small_disk(folder, path));
    assert_int_equal(waitpid(child, &status, 0), child);
    rmdir(folder);
    if (status == 77 << 8)
        skip(); /* no file system may be mounted here */
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kill_during_a_save_leaves_the_old_or_the_new_file),
        cmocka_unit_test(a_kill_during_an_append_loses_one_sample_at_most),
        cmocka_unit_test(a_full_disk_is_an_error_and_leaves_what_was_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
