/* SPDX-License-Identifier: MIT */
/* Directories, servers and programs: by parameter, refused with a reason, and
 * never left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "echo_server.h"
#include "prepared.h"
#include "scratch.h"

static const char *const with_directories[] = {"file_read", "file_write",
                                               "sqlite_read", "sqlite_write"};

enum { DIRECTORIES = sizeof with_directories / sizeof with_directories[0] };

/* A place of this test's own, so that leftovers show. */
static char place[] = "/tmp/cfbench-test-XXXXXX";
static char dir_text[64];
static const char *const texts[] = {dir_text, NULL};

static int make_place(void **state)
{
    (void)state;
    if (mkdtemp(place) == NULL)
        return -1;
    snprintf(dir_text, sizeof dir_text, "dir=%s", place);
    return 0;
}

static int remove_place(void **state)
{
    (void)state;
    return rmdir(place); /* fails where something is left */
}

static size_t entries(void)
{
    DIR *directory = opendir(place);
    size_t count = 0;

    assert_non_null(directory);
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count - 2; /* itself and its parent */
}

static bool is_empty_within_ms(int ms)
{
    for (; entries() > 0 && ms > 0; ms -= 5)
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    return entries() == 0;
}

static void a_directory_ends_with_dispose(void **state)
{
    struct cf_executor *executor = must_create(CF_THREAD, 2);
    struct prepared prepared;

    (void)state;
    for (size_t i = 0; i < DIRECTORIES; i++) {
        must_prepare(&prepared, with_directories[i], texts, 3, 1);
        assert_int_equal(entries(), 1);
        must_run(&prepared, executor);
        assert_int_equal(entries(), 1);
        dispose(&prepared);
        assert_int_equal(entries(), 0);
    }
    cf_executor_destroy(executor);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
}

static void dispose_in_a_fork_leaves_the_directory_alone(void **state)
{
    struct prepared prepared;
    pid_t pid;

    (void)state;
    must_prepare(&prepared, "file_read", texts, 1, 1);
    pid = fork();
    if (pid == 0) {
        dispose(&prepared);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(entries(), 1);
    dispose(&prepared);
}

static void a_directory_ends_when_its_owner_is_killed(void **state)
{
    (void)state;
    for (size_t i = 0; i < DIRECTORIES; i++) {
        struct prepared prepared;
        int ends[2];
        char ready;
        pid_t owner;

        assert_int_equal(pipe(ends), 0);
        owner = fork();
        if (owner == 0) {
            setpgid(0, 0);
            if (prepare(&prepared, with_directories[i], texts, 3, 1) != CF_OK ||
                write(ends[1], "r", 1) != 1)
                _exit(1);
            for (;;)
                pause();
        }
        close(ends[1]);
        assert_int_equal(read(ends[0], &ready, 1), 1);
        assert_int_equal(entries(), 1);
        kill(-owner, SIGKILL); /* and with it everybody of its group */
        assert_int_equal(waitpid(owner, NULL, 0), owner);
        assert_true(is_empty_within_ms(5000));
        assert_int_equal(read(ends[0], &ready, 1), 0);
        close(ends[0]);
    }
}

static void a_useless_directory_is_refused_with_a_reason(void **state)
{
    static char endless[10000] = "dir=/tmp/";
    static const char *const wrong[] = {"dir=/nowhere/at/all", "dir=/dev/null",
                                        "dir=/proc", "dir=\n", endless};
    struct prepared prepared;

    (void)state;
    memset(endless + strlen(endless), 'a',
           sizeof endless - strlen(endless) - 1);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        for (size_t k = 0; k < DIRECTORIES; k++) {
            const char *const text[] = {wrong[i], NULL};
            assert_int_equal(
                prepare(&prepared, with_directories[k], text, 1, 0),
                CF_INVALID);
            assert_memory_equal(prepared.why, "dir=", 4);
            assert_null(strchr(prepared.why, '\n'));
        }
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void a_file_that_is_gone_fails_the_task(void **state)
{
    struct cf_executor *executor = must_create(CF_THREAD, 1);
    struct prepared prepared;

    (void)state;
    for (size_t i = 0; i < DIRECTORIES; i++) {
        struct cf_future *future;
        struct cf_error error;
        char item[4096];

        must_prepare(&prepared, with_directories[i], texts, 1, 1);
        assert_true(prepared.work.item_bytes <= sizeof item);
        memcpy(item, prepared.work.items, prepared.work.item_bytes);
        dispose(&prepared);
        assert_int_equal(cf_submit(executor, prepared.workload->task, item,
                                   prepared.work.item_bytes, &future),
                         CF_OK);
        assert_int_equal(cf_future_error(future, CF_FOREVER, &error), CF_OK);
        assert_int_equal(error.status, CF_EXCEPTION);
        assert_true(strlen(error.message) > 0);
        cf_future_release(future);
    }
    cf_executor_destroy(executor);
}

static void an_echo_server_of_ones_own_is_used(void **state)
{
    struct cf_executor *executor = must_create(CF_THREAD, 3);
    struct wl_echo_server server;
    struct prepared prepared;
    char why[100], text[64];

    (void)state;
    assert_int_equal(wl_echo_server_start(&server, why, sizeof why), CF_OK);
    snprintf(text, sizeof text, "server=127.0.0.1:%u", server.port);
    must_prepare(&prepared, "tcp_echo",
                 (const char *[]){text, "bytes=65536", NULL}, 10, 0);
    must_run(&prepared, executor);
    dispose(&prepared);
    must_prepare(&prepared, "tcp_echo", (const char *[]){text, NULL}, 10, 0);
    must_run(&prepared, executor); /* other messages, other connections */
    dispose(&prepared);
    cf_executor_destroy(executor);
    wl_echo_server_stop(&server);
}

static void an_echo_server_that_is_gone_fails_the_task(void **state)
{
    struct cf_executor *executor = must_create(CF_THREAD, 1);
    struct prepared prepared;
    struct cf_future *future;
    struct cf_error error;
    char item[512];

    (void)state;
    must_prepare(&prepared, "tcp_echo", NULL, 1, 0);
    must_run(&prepared, executor);
    memcpy(item, prepared.work.items, prepared.work.item_bytes);
    dispose(&prepared);
    for (int attempt = 0; attempt < 2; attempt++) { /* broken; not there */
        assert_int_equal(cf_submit(executor, prepared.workload->task, item,
                                   prepared.work.item_bytes, &future),
                         CF_OK);
        assert_int_equal(cf_future_error(future, CF_FOREVER, &error), CF_OK);
        assert_int_equal(error.status, CF_EXCEPTION);
        assert_non_null(strstr(error.message, "connect"));
        cf_future_release(future);
    }
    cf_executor_destroy(executor);
}

static void a_useless_server_is_refused_with_a_reason(void **state)
{
    static const char *const wrong[] = {"server=nowhere", "server=:7",
                                        "server=127.0.0.1:no_such_port",
                                        "server=256.256.256.256:7"};
    struct prepared prepared;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *const text[] = {wrong[i], NULL};
        assert_int_equal(prepare(&prepared, "tcp_echo", text, 1, 0),
                         CF_INVALID);
        assert_memory_equal(prepared.why, "server=", 7);
    }
}

static void a_useless_program_is_refused_with_a_reason(void **state)
{
    static const char *const wrong[] = {
        "command=",     "command=no-such-program", "command=/etc/passwd",
        "command=/tmp", "command=true; echo oh",   "command=false"};
    struct prepared prepared;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *const text[] = {wrong[i], NULL};
        assert_int_equal(prepare(&prepared, "subprocess", text, 1, 0),
                         CF_INVALID);
        assert_memory_equal(prepared.why, "command=", 8);
    }
}

static void an_empty_part_of_the_path_is_no_folder(void **state)
{
    const char *const text[] = {"command=no-such-program", NULL};
    char *before = strdup(getenv("PATH"));
    struct prepared prepared;

    (void)state;
    assert_int_equal(chdir(place), 0);
    assert_int_equal(close(open("no-such-program", O_CREAT | O_WRONLY, 0755)),
                     0);
    setenv("PATH", ":.::relative", 1);
    assert_int_equal(prepare(&prepared, "subprocess", text, 1, 0), CF_INVALID);
    setenv("PATH", before, 1);
    free(before);
    assert_int_equal(unlink("no-such-program"), 0);
    assert_int_equal(chdir("/"), 0);
}

/* What the program finds when it is run as a task: see main(). */
static int count_strange_descriptors(void)
{
    for (int fd = 3; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            return 1;
    return 0;
}

static void a_program_gets_descriptors_0_to_2_only(void **state)
{
    struct cf_executor *executor = must_create(CF_PROCESS, 2);
    int leaks = dup(2); /* not close-on-exec */
    struct prepared prepared;

    (void)state;
    assert_true(leaks > 2);
    setenv("CFBENCH_TEST_AS_TASK", "1", 1);
    must_prepare(&prepared, "subprocess",
                 (const char *[]){"command=/proc/self/exe", NULL}, 4, 0);
    unsetenv("CFBENCH_TEST_AS_TASK");
    dispose(&prepared);
    close(leaks);
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_directory_ends_with_dispose),
        cmocka_unit_test(dispose_in_a_fork_leaves_the_directory_alone),
        cmocka_unit_test(a_directory_ends_when_its_owner_is_killed),
        cmocka_unit_test(a_useless_directory_is_refused_with_a_reason),
        cmocka_unit_test(a_file_that_is_gone_fails_the_task),
        cmocka_unit_test(an_echo_server_of_ones_own_is_used),
        cmocka_unit_test(an_echo_server_that_is_gone_fails_the_task),
        cmocka_unit_test(a_useless_server_is_refused_with_a_reason),
        cmocka_unit_test(a_useless_program_is_refused_with_a_reason),
        cmocka_unit_test(an_empty_part_of_the_path_is_no_folder),
        cmocka_unit_test(a_program_gets_descriptors_0_to_2_only),
    };

    if (getenv("CFBENCH_TEST_AS_TASK") != NULL)
        return count_strange_descriptors();
    return cmocka_run_group_tests(tests, make_place, remove_place);
}
