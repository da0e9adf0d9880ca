/* SPDX-License-Identifier: MIT */
/* unit_code_address MODULE...: a function's address that means the same in
 * another process. The modules have no build-id and differ in their code. */
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "code_address.h"

static int data;

static int own(int number)
{
    return number + data;
}

static const void *code(void (*function)(void))
{
    return (const void *)(uintptr_t)function;
}

static void a_function_is_found_again(void **state)
{
    const void *functions[] = {code((void (*)(void))own),
                               code((void (*)(void))qsort),
                               code((void (*)(void))_cmocka_run_group_tests)};
    struct cfi_code_address address;

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3; i++) {
            assert_true(cfi_code_address_of(functions[i], &address));
            assert_true(address.hint == (uintptr_t)functions[i]);
            assert_ptr_equal(cfi_code_address_resolve(address), functions[i]);
            address.hint = 0; /* as where nothing lies at the same place */
            assert_ptr_equal(cfi_code_address_resolve(address), functions[i]);
            address.hint = (uintptr_t)functions[(i + 1) % 3];
            assert_ptr_equal(cfi_code_address_resolve(address), functions[i]);
            address.hint = (uintptr_t)&address;
            assert_ptr_equal(cfi_code_address_resolve(address), functions[i]);
        }
    }
}

static void what_is_no_function_has_no_address(void **state)
{
    struct cfi_code_address address = {0};
    void *heap = malloc(64);

    (void)state;
    assert_false(cfi_code_address_of(&address, &address));
    assert_false(cfi_code_address_of(&data, &address));
    assert_false(cfi_code_address_of(heap, &address));
    assert_false(cfi_code_address_of(NULL, &address));
    free(heap);
}

static void what_is_not_here_is_not_jumped_to(void **state)
{
    struct cfi_code_address address;

    (void)state;
    assert_true(cfi_code_address_of(code((void (*)(void))own), &address));
    address.object ^= 1;
    assert_null(cfi_code_address_resolve(address));
    address.object ^= 1;
    address.offset = UINT64_MAX / 2;
    assert_null(cfi_code_address_resolve(address));
    address.offset = 0; /* the ELF header */
    assert_null(cfi_code_address_resolve(address));
}

/* --- objects without a build-id: more than are remembered --- */

enum { MOST_MODULES = 16, ROUNDS = 100000 };

struct module {
    const void *function;
    uint64_t object; /* as it is found while nobody else looks */
};

static struct module modules[MOST_MODULES];
static int module_count;
static char **paths;

/* Returns how often one was taken for another. */
static void *look_them_up(void *step)
{
    uintptr_t mistakes = 0;
    struct cfi_code_address address;

    for (int i = 0; i < ROUNDS * module_count; i++) {
        struct module *module = &modules[i * *(int *)step % module_count];
        mistakes += !cfi_code_address_of(module->function, &address) ||
                    address.object != module->object;
    }
    return (void *)mistakes;
}

/* Where they did, some runs showed it. */
static void threads_take_no_object_for_another(void **state)
{
    int steps[] = {1, 2}; /* through all, as their number is odd */
    struct cfi_code_address address;
    pthread_t threads[2];
    void *mistakes;

    (void)state;
    assert_int_equal(module_count % 2, 1);
    for (int i = 0; i < module_count; i++) {
        void *module = dlopen(paths[i], RTLD_NOW | RTLD_LOCAL);
        assert_non_null(module);
        modules[i].function = dlsym(module, "late_answer");
        assert_non_null(modules[i].function);
        assert_true(cfi_code_address_of(modules[i].function, &address));
        modules[i].object = address.object;
        for (int k = 0; k < i; k++)
            assert_true(modules[k].object != address.object);
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, look_them_up, &steps[i]), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], &mistakes), 0);
        assert_null(mistakes);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_function_is_found_again),
        cmocka_unit_test(what_is_no_function_has_no_address),
        cmocka_unit_test(what_is_not_here_is_not_jumped_to),
        cmocka_unit_test(threads_take_no_object_for_another),
    };

    paths = argv + 1;
    module_count = argc - 1 < MOST_MODULES ? argc - 1 : MOST_MODULES;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
