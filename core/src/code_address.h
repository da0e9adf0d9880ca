/* SPDX-License-Identifier: MIT */
#ifndef CFI_CODE_ADDRESS_H
#define CFI_CODE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A function's name that means the same in another process: the identity of
 * the loaded object it lies in (its build-id, hashed; a hash of its code where
 * it has none) and its offset in there. So a task's function needs no
 * registration, and a process that lacks the object can say so instead of
 * jumping somewhere.
 */
struct cfi_code_address {
    uint64_t object;
    uint64_t offset;
    uint64_t hint; /* where it lies in the process that named it: the same
                      place in one that was forked from it */
};

/* The address of `function`; false where it lies in no loaded object (a
 * closure on the stack, JIT code). Takes no lock where it is found. again():
 * the same, faster for who asks for each of many tasks, and not for a signal's
 * handler. */
bool cfi_code_address_of(const void *function,
                         struct cfi_code_address *address);
bool cfi_code_address_again(const void *function,
                            struct cfi_code_address *address);

/* The function at `address` in this process, NULL where no such object is
 * loaded or the offset lies outside its code. Takes no lock where the hint is
 * right. */
void *cfi_code_address_resolve(struct cfi_code_address address);

#endif
