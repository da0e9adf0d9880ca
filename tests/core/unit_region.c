/* SPDX-License-Identifier: MIT */
/* A worker's shared memory: sealed, not inherited, and full memory is an error
 * where a touch would have been a SIGBUS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <cf/status.h>

#include "forbidden.h"
#include "region.h"

static void a_regions_size_is_sealed(void **state)
{
    struct cfi_region region;
    int fd;

    (void)state;
    assert_int_equal(cfi_region_create((size_t)1 << 30, &region, &fd), CF_OK);
    assert_int_equal(ftruncate(fd, 0), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(ftruncate(fd, (off_t)1 << 40), -1);
    assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
    cfi_region_unmap(&region);
}

static void both_sides_see_the_same_memory(void **state)
{
    struct cfi_region host, worker;
    int fd;

    (void)state;
    assert_int_equal(cfi_region_create((size_t)1 << 30, &host, &fd), CF_OK);
    assert_int_equal(cfi_region_map(fd, &worker), CF_OK);
    close(fd);
    assert_int_equal(host.bytes, worker.bytes);
    assert_int_equal(host.arena_bytes, worker.arena_bytes);
    assert_true(host.arena_bytes >= (size_t)1 << 30);
    assert_int_equal(cfi_region_reserve(host.results + host.arena_bytes - 1, 1),
                     CF_OK);
    host.results[host.arena_bytes - 1] = 42;
    assert_int_equal(worker.results[worker.arena_bytes - 1], 42);
    cfi_region_unmap(&host);
    cfi_region_unmap(&worker);
}

static bool maps_a_region(void)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[512];
    bool is_found = false;

    while (fgets(line, sizeof line, maps) != NULL)
        is_found = is_found || strstr(line, "memfd:cf-worker") != NULL;
    fclose(maps);
    return is_found;
}

static void a_region_is_not_inherited(void **state)
{
    struct cfi_region region;
    int fd, status;

    (void)state;
    assert_int_equal(cfi_region_create((size_t)1 << 20, &region, &fd), CF_OK);
    assert_true(maps_a_region());
    int pid = fork();
    if (pid == 0)
        _exit(maps_a_region());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(fd);
    cfi_region_unmap(&region);
}

/* A file on a file system of 64 KiB, as large as a region is; -1: not
 * allowed here. */
static int file_on_a_full_disk(char *folder)
{
    char path[64];

    if (mkdtemp(folder) == NULL || unshare(CLONE_NEWNS) != 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", folder, "tmpfs", 0, "size=64k") != 0)
        return -1;
    snprintf(path, sizeof path, "%s/file", folder);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    umount2(folder, MNT_DETACH);
    return fd >= 0 && ftruncate(fd, (off_t)1 << 24) == 0 ? fd : -1;
}

/* 0: fine; 77: cannot be tried here; anything else, a signal too: not. */
static int touch_full_memory(char *folder)
{
    struct cfi_region region;

    int fd = file_on_a_full_disk(folder);
    if (fd < 0)
        return 77;
    if (cfi_region_map(fd, &region) != CF_OK)
        return 1;
    if (cfi_region_reserve(region.results, 4096) != CF_OK)
        return 2;
    region.results[0] = 1;
    return cfi_region_reserve(region.results, 1 << 20) == CF_NOMEM ? 0 : 3;
}

static void full_memory_is_an_error_and_no_signal(void **state)
{
    char folder[] = "/tmp/cf-region-XXXXXX";
    int status;

    (void)state;
    int pid = fork();
    if (pid == 0)
        _exit(touch_full_memory(folder));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    rmdir(folder);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        print_message("skipped: no file system can be mounted here\n");
        skip();
    }
    assert_int_equal(status, 0);
}

/* What is said of memory that the system refuses with `error`. */
static int reserve_refused(int error, size_t bytes)
{
    struct cfi_region region;
    int fd;

    if (cfi_region_create((size_t)1 << 20, &region, &fd) != CF_OK)
        return 1;
    if (!forbid_call(SYS_madvise, (unsigned)error))
        return 77;
    enum cf_status status = cfi_region_reserve(region.results, bytes);
    if (bytes > region.arena_bytes) /* nobody is asked */
        return status == CF_NOMEM ? 0 : 4;
    if (error == ENOMEM || error == EFAULT)
        return status == CF_NOMEM ? 0 : 2;
    return status == CF_SYSTEM && cf_last_error().system_errno == error ? 0 : 3;
}

static void assert_refused(int error, size_t bytes)
{
    int status, pid = fork();

    if (pid == 0)
        _exit(reserve_refused(error, bytes));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        print_message("skipped: calls cannot be filtered here\n");
        skip();
    }
    assert_int_equal(status, 0);
}

static void memory_that_may_not_be_had_is_no_lack_of_memory(void **state)
{
    static const int errors[] = {ENOMEM, EFAULT, EPERM, ENOSYS};

    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        assert_refused(errors[i], 4096);
}

/* Where the system is asked for it, it ends processes before it says no. */
static void more_than_the_machine_has_is_not_asked_for(void **state)
{
    (void)state;
    assert_refused(EPERM, (size_t)1 << 52);
    assert_refused(EPERM, SIZE_MAX);
}

/* 0: it takes no more than its rings. */
static int lock_all_memory(void)
{
    struct cfi_region region;
    struct stat about;
    int fd;

    if (mlockall(MCL_FUTURE) != 0)
        return 77;
    if (cfi_region_create((size_t)64 << 20, &region, &fd) != CF_OK)
        return 1;
    region.args[0] = 1;
    return fstat(fd, &about) == 0 && about.st_blocks * 512 < 1 << 20 ? 0 : 2;
}

static void a_region_takes_no_memory_where_all_is_locked(void **state)
{
    int status, pid;

    (void)state;
    pid = fork();
    if (pid == 0)
        _exit(lock_all_memory());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        print_message("skipped: memory may not be locked here\n");
        skip();
    }
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_regions_size_is_sealed),
        cmocka_unit_test(both_sides_see_the_same_memory),
        cmocka_unit_test(a_region_is_not_inherited),
        cmocka_unit_test(a_region_takes_no_memory_where_all_is_locked),
        cmocka_unit_test(full_memory_is_an_error_and_no_signal),
        cmocka_unit_test(memory_that_may_not_be_had_is_no_lack_of_memory),
        cmocka_unit_test(more_than_the_machine_has_is_not_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
