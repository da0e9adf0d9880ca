/* SPDX-License-Identifier: MIT */
/*
 * payloads LATE.so OTHER.so: arguments, results, errors and functions on their way to a
 * worker and back.
 */
#include "process.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static const char *late_object, *other_object;

static void fill(unsigned char *bytes, size_t count, unsigned seed)
{
    for (size_t i = 0; i < count; i++)
        bytes[i] = (unsigned char)(seed + i * 7 + i / 4096);
}

/* Any bytes -> each one more. */
static enum cf_status add_one(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    const unsigned char *from = arg;

    if (arg_bytes == 0)
        return CF_OK;
    unsigned char *to = cf_return_space(task, arg_bytes);
    if (to == NULL)
        return CF_NOMEM;
    for (size_t i = 0; i < arg_bytes; i++)
        to[i] = (unsigned char)(from[i] + 1);
    return CF_OK;
}

static void assert_one_more(struct cf_future *future,
                            const unsigned char *bytes, size_t count)
{
    const unsigned char *result;
    const void *view;
    size_t result_bytes;

    assert_status(cf_result_view(future, CF_FOREVER, &view, &result_bytes),
                  CF_OK);
    assert_int_equal(result_bytes, count);
    result = view;
    for (size_t i = 0; i < count; i++)
        if (result[i] != (unsigned char)(bytes[i] + 1))
            fail_msg("byte %zu of %zu is wrong", i, count);
    cf_future_release(future);
}

static void payloads_of_any_size_arrive(void **state)
{
    static const size_t sizes[] = {0,     1,       31,       32,      33,
                                   191,   192,     193,      4096,    65535,
                                   65537, 1 << 20, 10 << 20, 64 << 20};
    struct cf_executor *executor = full_executor(2);

    (void)state;
    size_t count = sizeof sizes / sizeof *sizes;
    count -= is_sanitized(); /* the largest takes them too long */
    for (size_t i = 0; i < count; i++) {
        unsigned char *bytes = malloc(sizes[i] + 1);
        fill(bytes, sizes[i], (unsigned)i);
        for (int round = 0; round < 2; round++)
            assert_one_more(submit(executor, add_one, bytes, sizes[i]), bytes,
                            sizes[i]);
        free(bytes);
    }
    cf_executor_destroy(executor);
}

static void many_payloads_under_way_do_not_mix(void **state)
{
    enum { COUNT = 300 };
    static unsigned char bytes[COUNT][20000];
    struct cf_executor *executor = full_executor(3);
    struct cf_future *futures[COUNT];

    (void)state;
    for (unsigned i = 0; i < COUNT; i++) {
        fill(bytes[i], sizeof bytes[i], i);
        futures[i] = submit(executor, add_one, bytes[i], (i * 977) % 20000);
    }
    for (unsigned i = 0; i < COUNT; i++)
        assert_one_more(futures[i], bytes[i], (i * 977) % 20000);
    cf_executor_destroy(executor);
}

static enum cf_status is_aligned(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    int aligned = (uintptr_t)arg % _Alignof(max_align_t) == 0;
    unsigned char *space = cf_return_space(task, arg_bytes);

    aligned = aligned && (uintptr_t)space % _Alignof(max_align_t) == 0;
    return cf_return(task, &aligned, sizeof aligned);
}

static void arguments_and_space_are_aligned_for_any_type(void **state)
{
    struct cf_executor *executor = full_executor(1);
    unsigned char bytes[5000] = {0};

    (void)state;
    for (size_t count = 1; count < sizeof bytes; count += 333)
        assert_int_equal(int_result(submit(executor, is_aligned, bytes, count)),
                         1);
    cf_executor_destroy(executor);
}

static enum cf_status raise_long(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    char text[2000];
    int length = *(const int *)arg;

    (void)arg_bytes;
    memset(text, 'e', sizeof text);
    text[length] = '\0';
    return cf_raise(task, length, "%s", text);
}

static void errors_arrive_with_text_and_place(void **state)
{
    static const int lengths[] = {0, 1, 100, 200, 1023, 1900};
    struct cf_executor *executor = full_executor(1);

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct cf_future *future = submit_int(executor, raise_long, lengths[i]);
        struct cf_error error = error_of(future);
        size_t length = lengths[i] > 1023 ? 1023 : (size_t)lengths[i];
        assert_status(error.status, CF_EXCEPTION);
        assert_int_equal(error.code, lengths[i]);
        assert_int_equal(strlen(error.message), length);
        assert_int_equal(strspn(error.message, "e"), length);
        assert_non_null(strstr(error.file, "payloads.c"));
        assert_true(error.line > 0);
        cf_future_release(future);
    }
    cf_executor_destroy(executor);
}

/* --- functions --- */

static void a_function_in_no_object_is_refused_at_submit(void **state)
{
    static const unsigned char ret[] = {0x31, 0xc0, 0xc3};
    struct cf_executor *executor = full_executor(1);
    struct cf_future *future;
    void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)state;
    if (code == MAP_FAILED)
        skip(); /* a hardened system: there is no such function then */
    memcpy(code, ret, sizeof ret);
    assert_status(
        cf_submit(executor, (cf_function *)(uintptr_t)code, NULL, 0, &future),
        CF_UNSUPPORTED);
    assert_serves(executor);
    cf_executor_destroy(executor);
    munmap(code, 4096);
}

static void an_object_loaded_after_the_workers_is_loaded_there_too(void **state)
{
    struct cf_executor *executor = full_executor(2);

    (void)state;
    assert_serves(executor);
    void *object = dlopen(late_object, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(object);
    cf_function *late = (cf_function *)(uintptr_t)dlsym(object, "late_answer");
    assert_non_null(late);
    for (int i = 0; i < 4; i++) {
        struct cf_future *future = submit_int(executor, late, i);
        struct cf_error error = error_of(future);
        assert_status(error.status, CF_EXCEPTION);
        assert_int_equal(error.code, 43);
        cf_future_release(future);
    }
    dlclose(object);
    cf_executor_destroy(executor);
}

static void copy_file(const char *from, const char *to)
{
    char bytes[4096];
    size_t count;
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");

    assert_true(in != NULL && out != NULL);
    while ((count = fread(bytes, 1, sizeof bytes, in)) > 0)
        assert_int_equal(fwrite(bytes, 1, count, out), count);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

/* It is gone, or another one stands in its place. */
static void an_object_whose_file_is_not_the_same_fails_the_task(void **state)
{
    static const char *const reasons[] = {"is not known by its path",
                                          "is not what its host has loaded"};
    char path[] = "/tmp/cf-late-XXXXXX";

    (void)state;
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    for (int i = 0; i < 2; i++) {
        struct cf_executor *executor = full_executor(1);
        copy_file(late_object, path);
        void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        assert_non_null(object);
        cf_function *late =
            (cf_function *)(uintptr_t)dlsym(object, "late_answer");
        unlink(path);
        if (i == 1)
            copy_file(other_object, path);
        struct cf_future *future = submit_int(executor, late, 0);
        struct cf_error error = error_of(future);
        assert_told(future, CF_UNSUPPORTED);
        assert_non_null(strstr(error.message, reasons[i]));
        cf_future_release(future);
        assert_serves(executor);
        cf_executor_destroy(executor);
        dlclose(object);
        unlink(path);
    }
}

static void an_object_in_the_place_of_another_is_told_from_it(void **state)
{
    struct cf_executor *executor = full_executor(1);
    cf_function *first = NULL;
    bool is_there = true;

    (void)state;
    for (int i = 0; i < 4; i++) {
        void *object = dlopen(i % 2 ? other_object : late_object, RTLD_NOW);
        assert_non_null(object);
        cf_function *late =
            (cf_function *)(uintptr_t)dlsym(object, "late_answer");
        first = first != NULL ? first : late;
        is_there = is_there && late == first;
        struct cf_future *future = submit_int(executor, late, 0);
        assert_int_equal(error_of(future).code, 43 + i % 2);
        cf_future_release(future);
        dlclose(object);
    }
    cf_executor_destroy(executor);
    if (!is_there)
        skip(); /* the loader has put them elsewhere */
}

/* --- memory --- */

static enum cf_status return_much(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    size_t bytes = *(const size_t *)arg;
    (void)arg_bytes;
    void *space = cf_return_space(task, bytes);
    return space != NULL ? CF_OK : CF_NOMEM;
}

static void a_result_larger_than_memory_fails_its_task(void **state)
{
    struct cf_executor *executor = full_executor(1);
    size_t bytes = SIZE_MAX / 4;

    (void)state;
    if (is_sanitized())
        skip(); /* their malloc ends the program instead */
    struct cf_future *future =
        submit(executor, return_much, &bytes, sizeof bytes);
    struct cf_error error = error_of(future);
    assert_status(error.status, CF_EXCEPTION);
    assert_int_equal(error.code, CF_NOMEM);
    cf_future_release(future);
    assert_serves(executor);
    cf_executor_destroy(executor);
}

static void reused_memory_does_not_grow(void **state)
{
    enum { BYTES = 1 << 20 };
    struct cf_executor *executor = full_executor(1);
    unsigned char *bytes = malloc(BYTES);
    struct cf_future *futures[3];
    struct rusage before, after;

    (void)state;
    fill(bytes, BYTES, 1);
    for (int i = 0; i < 100; i++) {
        if (i == 10)
            getrusage(RUSAGE_SELF, &before);
        for (int k = 0; k < 3; k++)
            futures[k] = submit(executor, add_one, bytes, BYTES);
        for (int k = 0; k < 3; k++)
            assert_one_more(futures[k], bytes, BYTES);
    }
    getrusage(RUSAGE_SELF, &after);
    if (!is_sanitized())
        assert_true(after.ru_maxrss - before.ru_maxrss < 16 * 1024);
    free(bytes);
    cf_executor_destroy(executor);
}

static long page_faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

static void there_and_back(struct cf_executor *executor,
                           const unsigned char *bytes, size_t count)
{
    struct cf_future *future = submit(executor, add_one, bytes, count);
    assert_one_more(future, bytes, count);
}

static void a_large_payload_makes_no_page_anew(void **state)
{
    enum { BYTES = 1 << 20, ROUNDS = 50 };
    struct cf_executor *executor = full_executor(1);
    unsigned char *bytes = malloc(BYTES);

    (void)state;
    fill(bytes, BYTES, 1);
    for (int i = 0; i < 3; i++)
        there_and_back(executor, bytes, BYTES);
    long before = page_faults();
    for (int i = 0; i < ROUNDS; i++)
        there_and_back(executor, bytes, BYTES);
    if (!is_sanitized()) /* 512 each without; some where this test is held up */
        assert_true(page_faults() - before < ROUNDS * 128);
    free(bytes);
    cf_executor_destroy(executor);
}

static size_t resident_bytes(void)
{
    size_t all = 0, resident = 0, shared = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%zu %zu %zu", &all, &resident, &shared), 3);
    fclose(file);
    return (resident - shared) * (size_t)sysconf(_SC_PAGESIZE);
}

static void the_host_gives_back_what_large_payloads_left(void **state)
{
    enum { BYTES = 4 << 20 };
    struct timespec pause = {.tv_sec = 1}; /* due after 0.2 to 0.4 s */
    struct cf_executor *executor = full_executor(1);
    unsigned char *bytes = malloc(BYTES);

    (void)state;
    fill(bytes, BYTES, 1);
    size_t before = resident_bytes();
    there_and_back(executor, bytes, BYTES);
    nanosleep(&pause, NULL);
    if (!is_sanitized()) /* else argument and result are still there */
        assert_true(resident_bytes() < before + BYTES / 2);
    free(bytes);
    cf_executor_destroy(executor);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payloads_of_any_size_arrive),
        cmocka_unit_test(many_payloads_under_way_do_not_mix),
        cmocka_unit_test(arguments_and_space_are_aligned_for_any_type),
        cmocka_unit_test(errors_arrive_with_text_and_place),
        cmocka_unit_test(a_function_in_no_object_is_refused_at_submit),
        cmocka_unit_test(
            an_object_loaded_after_the_workers_is_loaded_there_too),
        cmocka_unit_test(an_object_whose_file_is_not_the_same_fails_the_task),
        cmocka_unit_test(an_object_in_the_place_of_another_is_told_from_it),
        cmocka_unit_test(a_result_larger_than_memory_fails_its_task),
        cmocka_unit_test(reused_memory_does_not_grow),
        cmocka_unit_test(a_large_payload_makes_no_page_anew),
        cmocka_unit_test(the_host_gives_back_what_large_payloads_left),
    };
    if (argc != 3)
        return 2;
    late_object = argv[1];
    other_object = argv[2];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
