/* SPDX-License-Identifier: MIT */
/* A function's address that means the same in another process. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_function_is_found_again),
        cmocka_unit_test(what_is_no_function_has_no_address),
        cmocka_unit_test(what_is_not_here_is_not_jumped_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
