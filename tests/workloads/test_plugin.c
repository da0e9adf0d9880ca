/* SPDX-License-Identifier: MIT */
/* test_plugin FOLDER: whatever a plugin is or does, it is a line of text; and
 * a good one is a workload like any other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "parameters.h"
#include "plugin.h"
#include "prepared.h"

static const int64_t second_ns = 1000000000;

static const char *folder; /* where the plugins were built */
static char copy[256];     /* a file of this test's own    */
static char why[256];

static enum cf_status load(const char *path,
                           const struct wl_workload **workload)
{
    memset(why, 0, sizeof why);
    return wl_plugin_load(path, workload, why, sizeof why);
}

static enum cf_status load_built(const char *name,
                                 const struct wl_workload **workload)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return load(path, workload);
}

static void must_load(const char *name, const struct wl_workload **workload)
{
    if (load_built(name, workload) != CF_OK)
        fail_msg("%s: %s", name, why);
}

/* It is refused, by a printable line in which `part` stands. */
static void check_refusal(enum cf_status status, const char *part)
{
    assert_int_equal(status, CF_INVALID);
    if (strstr(why, part) == NULL)
        fail_msg("'%s' is not in '%s'", part, why);
    for (const char *c = why; *c != '\0'; c++)
        assert_true(*c >= ' ' && *c <= '~');
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
}

static void refused(const char *name, const char *part)
{
    const struct wl_workload *workload;

    check_refusal(load_built(name, &workload), part);
}

static void refused_as_typed(const char *path, const char *part)
{
    const struct wl_workload *workload;

    check_refusal(load(path, &workload), part);
}

/* --- good ones --- */

static void the_template_is_a_workload_like_any_other(void **state)
{
    static const struct cf_backend *const backends[] = {CF_SERIAL, CF_THREAD,
                                                        CF_PROCESS};
    struct prepared prepared = {.tasks = 20};
    struct wl_setup setup = {.tasks = 20, .seed = 3};
    const char *const texts[] = {"size=999"};

    (void)state;
    must_load("example_plugin.so:parse", &prepared.workload);
    assert_string_equal(prepared.workload->name, "parse");
    assert_int_equal(wl_parameters_parse(prepared.workload, texts, 1,
                                         prepared.values, why, sizeof why),
                     CF_OK);
    assert_int_equal(wl_plugin_try(prepared.workload, prepared.values,
                                   10 * second_ns, why, sizeof why),
                     CF_OK);
    setup.values = prepared.values;
    assert_int_equal(prepared.workload->prepare(&setup, &prepared.work), CF_OK);
    for (size_t i = 0; i < sizeof backends / sizeof backends[0]; i++) {
        struct cf_executor *executor = must_create(backends[i], 2);
        must_run(&prepared, executor);
        cf_executor_destroy(executor);
    }
    dispose(&prepared);
}

static void a_plugin_is_loaded_once_and_found_by_any_path(void **state)
{
    const struct wl_workload *one, *again, *alone, *relative;
    char here[4096];

    (void)state;
    must_load("example_plugin.so:parse", &one);
    must_load("example_plugin.so:parse", &again);
    must_load("../plugins/example_plugin.so", &alone);
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(load("./example_plugin.so:parse", &relative), CF_OK);
    assert_int_equal(chdir(here), 0);
    assert_ptr_equal(one, again);
    assert_ptr_equal(one, alone);
    assert_ptr_equal(one, relative);
}

static void two_plugins_live_side_by_side(void **state)
{
    const struct wl_workload *one, *other;

    (void)state;
    must_load("example_plugin.so:parse", &one);
    must_load("faulty.so:good", &other);
    assert_string_equal(one->name, "parse");
    assert_string_equal(other->name, "good");
}

static void only_what_has_a_slash_is_a_plugin(void **state)
{
    (void)state;
    assert_true(wl_plugin_is_name("./a.so"));
    assert_true(wl_plugin_is_name("/a/b.so:c"));
    assert_false(wl_plugin_is_name("libm.so.6"));
    assert_false(wl_plugin_is_name("sleep"));
    refused_as_typed("libm.so.6", "write ./libm.so.6");
}

/* --- files that are no plugin --- */

static void what_is_no_file_is_refused(void **state)
{
    static char endless[8000] = "./";

    (void)state;
    memset(endless + 2, 'a', sizeof endless - 3);
    refused("no-such-file.so:x", "No such file");
    refused("no-such-file.so", "No such file");
    refused_as_typed("/:x", "not a file");
    refused_as_typed("/dev/null", "not a file");
    refused_as_typed("/:", "not a file");
    refused_as_typed("./\033[2J:x", "no line of text");
    refused_as_typed(endless, "too long");
}

static void write_copy(const void *bytes, size_t count, mode_t mode)
{
    int fd = open(copy, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, count), count);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static size_t read_example(unsigned char *bytes, size_t room)
{
    char path[512];
    ssize_t count;
    int fd;

    snprintf(path, sizeof path, "%s/example_plugin.so", folder);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    count = read(fd, bytes, room);
    close(fd);
    assert_true(count > 0 && (size_t)count < room);
    return (size_t)count;
}

static void what_is_no_shared_object_of_this_machine_is_refused(void **state)
{
    static unsigned char bytes[4 << 20];
    Elf64_Ehdr *head = (Elf64_Ehdr *)bytes;
    size_t count = read_example(bytes, sizeof bytes);

    (void)state;
    write_copy("#!/bin/sh\nexit\n", 15, 0755);
    refused_as_typed(copy, "file too short");
    write_copy(memset(bytes, 'x', 4096), 4096, 0755);
    refused_as_typed(copy, "invalid ELF header");
    write_copy("", 0, 0755);
    refused_as_typed(copy, "file too short");

    count = read_example(bytes, sizeof bytes);
    head->e_machine = head->e_machine == EM_RISCV ? EM_X86_64 : EM_RISCV;
    write_copy(bytes, count, 0755);
    refused_as_typed(copy, copy); /* "cannot open", or "wrong" */
    count = read_example(bytes, sizeof bytes);
    write_copy(bytes, count / 2, 0755); /* its end is missing */
    refused_as_typed(copy, "");
    unlink(copy);
}

static void what_everybody_may_write_is_refused(void **state)
{
    static unsigned char bytes[4 << 20];
    size_t count = read_example(bytes, sizeof bytes);
    const struct wl_workload *workload;
    char open_folder[] = "/tmp/cfbench-open-XXXXXX", path[128];

    (void)state;
    write_copy(bytes, count, 0777);
    refused_as_typed(copy, "everybody may write");
    chmod(copy, 0755);
    assert_int_equal(load(copy, &workload), CF_OK); /* /tmp is sticky */

    assert_non_null(mkdtemp(open_folder));
    snprintf(path, sizeof path, "%s/a.so", open_folder);
    assert_int_equal(rename(copy, path), 0);
    assert_int_equal(chmod(open_folder, 0777), 0);
    refused_as_typed(path, "everybody may write");
    unlink(path);
    rmdir(open_folder);
}

static void what_is_no_plugin_is_refused(void **state)
{
    (void)state;
    refused("no_symbol.so:x", "wl_plugin");
    refused("undefined.so:x", "nobody_has_this");
    refused("empty_list.so:x", "has no workload");
    refused("empty_list.so", "has no workload");
    refused("wild_list.so:x", "crashes while it is looked at: signal 11");
    refused("example_plugin.so:parze", "no workload 'parze'; its first is "
                                       "'parse'");
    refused("example_plugin.so:", "no workload ''");
    refused("faulty.so", "has 10 workloads: write :good");
}

static void a_wrong_table_is_refused_before_any_call(void **state)
{
    (void)state;
    refused("wrong_abi.so:w", "another version of workload.h");
    refused("wrong_size.so:w", "table_bytes");
    refused("wrong_name.so:w", "without a name");
    refused("wrong_limits.so:w", "outside its limits");
}

/* --- what its code does --- */

static void a_constructor_may_crash_exit_or_hang(void **state)
{
    struct timespec before, after;

    (void)state;
    refused("ctor_crashes.so:x", "crashes while it is loaded: signal 6");
    refused("ctor_exits.so:x", "ends its process while it is loaded: code 0");
    clock_gettime(CLOCK_MONOTONIC, &before);
    refused("ctor_hangs.so:x", "hangs while it is loaded");
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_true(after.tv_sec - before.tv_sec < 30);
}

static void a_workload_is_tried_before_it_is_measured(void **state)
{
    static const struct {
        const char *name;
        const char *part;
    } faults[] = {
        {"task_fails", "its task fails: on purpose (code 7)"},
        {"task_crashes", "crashes while it runs a task: signal 6"},
        {"task_hangs", "hangs while it runs a task"},
        {"prepare_refuses", "no licence?[2J"},
        {"prepare_fails", "does not say why"},
        {"prepare_crashes", "crashes while it prepares: signal 6"},
        {"prepare_is_empty", "its prepare() leaves no items, of 16 bytes each"},
        {"verify_refuses", "does not accept its own task's output"},
        {"dispose_exits", "ends its process while it clears up: code 0"},
    };
    const struct wl_workload *workload;
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        snprintf(text, sizeof text, "faulty.so:%s", faults[i].name);
        must_load(text, &workload);
        memset(why, 0, sizeof why);
        check_refusal(wl_plugin_try(workload, NULL, second_ns, why, sizeof why),
                      faults[i].part);
    }
    must_load("faulty.so:good", &workload);
    assert_int_equal(
        wl_plugin_try(workload, NULL, 10 * second_ns, why, sizeof why), CF_OK);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_template_is_a_workload_like_any_other),
        cmocka_unit_test(a_plugin_is_loaded_once_and_found_by_any_path),
        cmocka_unit_test(two_plugins_live_side_by_side),
        cmocka_unit_test(only_what_has_a_slash_is_a_plugin),
        cmocka_unit_test(what_is_no_file_is_refused),
        cmocka_unit_test(what_is_no_shared_object_of_this_machine_is_refused),
        cmocka_unit_test(what_everybody_may_write_is_refused),
        cmocka_unit_test(what_is_no_plugin_is_refused),
        cmocka_unit_test(a_wrong_table_is_refused_before_any_call),
        cmocka_unit_test(a_constructor_may_crash_exit_or_hang),
        cmocka_unit_test(a_workload_is_tried_before_it_is_measured),
    };

    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    folder = argv[1];
    snprintf(copy, sizeof copy, "/tmp/cfbench-plugin-%d.so", (int)getpid());
    return cmocka_run_group_tests(tests, NULL, NULL);
}
