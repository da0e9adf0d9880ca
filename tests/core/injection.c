/* SPDX-License-Identifier: MIT */
/* The calls that may fail, as the linker hands them to the library (--wrap). */
#include "injection.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

/* --- memory --- */

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
void *__real_realloc(void *memory, size_t bytes);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t most);
void __real_free(void *memory);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes);
void *__wrap_realloc(void *memory, size_t bytes);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t most);
void __wrap_free(void *memory);

static _Atomic long left; /* allocations until the failure; 0: none planned */
static _Atomic bool is_sticky;
static _Atomic bool has_failed;
static _Atomic long live;

void fail_allocation(long n, bool sticky)
{
    atomic_store(&is_sticky, sticky);
    atomic_store(&has_failed, false);
    atomic_store(&left, n);
}

void fail_no_allocation(void)
{
    atomic_store(&left, 0);
}

bool has_allocation_failed(void)
{
    return atomic_load(&has_failed);
}

long live_blocks(void)
{
    return atomic_load(&live);
}

static bool fails(void)
{
    if (atomic_load(&left) == 0)
        return false;
    if (atomic_load(&left) == 1) {
        atomic_store(&has_failed, true);
        if (!atomic_load(&is_sticky))
            atomic_store(&left, 0);
        return true;
    }
    atomic_fetch_sub(&left, 1);
    return false;
}

static void *counted(void *memory)
{
    if (memory != NULL)
        atomic_fetch_add(&live, 1);
    return memory;
}

void *__wrap_malloc(size_t bytes)
{
    return fails() ? NULL : counted(__real_malloc(bytes));
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    return fails() ? NULL : counted(__real_calloc(count, bytes));
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
    return fails() ? NULL : counted(__real_aligned_alloc(alignment, bytes));
}

void *__wrap_realloc(void *memory, size_t bytes)
{
    if (fails())
        return NULL;
    void *resized = __real_realloc(memory, bytes);
    return memory == NULL ? counted(resized) : resized;
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : counted(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t most)
{
    return fails() ? NULL : counted(__real_strndup(text, most));
}

void __wrap_free(void *memory)
{
    if (memory != NULL)
        atomic_fetch_sub(&live, 1);
    __real_free(memory);
}

/* --- address space --- */

void *__real_mmap(void *start, size_t bytes, int protection, int flags,
                  int descriptor, off_t offset);
void *__wrap_mmap(void *start, size_t bytes, int protection, int flags,
                  int descriptor, off_t offset);

void *__wrap_mmap(void *start, size_t bytes, int protection, int flags,
                  int descriptor, off_t offset)
{
    if (!fails())
        return __real_mmap(start, bytes, protection, flags, descriptor, offset);
    errno = ENOMEM;
    return MAP_FAILED;
}

/* --- threads --- */

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*function)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*function)(void *), void *argument);

static _Atomic int threads_left = -1;

void allow_threads(int count)
{
    atomic_store(&threads_left, count);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*function)(void *), void *argument)
{
    if (atomic_load(&threads_left) == 0)
        return EAGAIN;
    if (atomic_load(&threads_left) > 0)
        atomic_fetch_sub(&threads_left, 1);
    return __real_pthread_create(thread, attributes, function, argument);
}
