/* SPDX-License-Identifier: MIT */
/*
 * Large arguments and results, used again. From malloc() each of 1 MiB costs a
 * brk() up, a brk() down and 256 page faults, several times its copy: glibc
 * gives the top of its heap back with the very free() that makes it large.
 *
 *      below 32 KiB     malloc(), free()
 *      below 128 KiB    malloc(), kept
 *      from there on    mapped, kept: what is no longer kept is then surely
 *                       given back, wherever it lies
 *
 *      kept, the oldest first:   [1 MiB] [1 MiB] [320 KiB]
 *      take: the youngest of just that size, else a new one
 *      give: to the end; what is too much leaves at the front
 *
 * Sizes are rounded up to a quarter of the power of two below them, so that
 * payloads of about the same size share blocks; pages that nobody has touched
 * cost nothing. Only so much is kept, and only while payloads come: what is
 * given back long after the last was taken is not kept, and whoever keeps
 * workers looks after it when they have been idle for a while (pool_search.c,
 * process_threads.c; a worker process, whose results mostly go straight to
 * shared memory, whenever it falls asleep).
 *
 * Under the address sanitizer nothing is kept, or it would not see a use after
 * the end.
 */
#include "heap.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "clock.h"
#include "lock.h"

#if defined __SANITIZE_ADDRESS__
#define KEPT_BYTES ((size_t)0)
#define LEAST_MAP  SIZE_MAX
#else
#define KEPT_BYTES ((size_t)32 << 20)
#define LEAST_MAP  ((size_t)128 << 10)
#endif

enum { KEPT_BLOCKS = 32 };

struct block {
    _Alignas(max_align_t) size_t bytes; /* this head included */
    max_align_t payload[];
};

static struct {
    struct cfi_lock lock;
    /* --- written with the lock held, the first two read without --- */
    _Atomic int64_t taken_ns; /* when one was last taken */
    _Atomic size_t bytes;     /* of all below            */
    size_t count;
    struct block *blocks[KEPT_BLOCKS];
} kept;

static size_t round_up(size_t bytes)
{
    size_t step = (size_t)1 << (61 - __builtin_clzll(bytes));
    return (bytes + step - 1) & ~(step - 1);
}

/* --- new ones --- */

static struct block *map(size_t rounded, size_t bytes, bool is_whole)
{
    const size_t page = 4096;
    struct block *block = mmap(NULL, rounded, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (block == MAP_FAILED)
        return NULL;
    /* before Linux 5.14, and where memory is short, they come one by one */
    if (is_whole)
        madvise(block, (bytes + page - 1) & ~(page - 1), MADV_POPULATE_WRITE);
    return block;
}

static void destroy(struct block *block)
{
    if (block->bytes >= LEAST_MAP)
        munmap(block, block->bytes);
    else
        free(block);
}

static void destroy_all(struct block *const *blocks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        destroy(blocks[i]);
}

/* --- kept ones; relaxed, all: written with the lock, else read as a hint --- */

static void count_bytes(size_t more)
{
    atomic_store_explicit(
        &kept.bytes,
        atomic_load_explicit(&kept.bytes, memory_order_relaxed) + more,
        memory_order_relaxed);
}

/* Takes out number `at`. Lock held. */
static struct block *take_out(size_t at)
{
    struct block *block = kept.blocks[at];

    kept.count--;
    memmove(&kept.blocks[at], &kept.blocks[at + 1],
            (kept.count - at) * sizeof kept.blocks[0]);
    count_bytes(-block->bytes);
    return block;
}

static struct block *take_kept(size_t bytes)
{
    int64_t now_ns = cfi_now_ns();
    struct block *block = NULL;

    cfi_lock(&kept.lock);
    atomic_store_explicit(&kept.taken_ns, now_ns, memory_order_relaxed);
    for (size_t i = kept.count; i-- > 0 && block == NULL;)
        if (kept.blocks[i]->bytes == bytes)
            block = take_out(i);
    cfi_unlock(&kept.lock);
    return block;
}

static bool is_idle(void)
{
    return cfi_now_ns() -
               atomic_load_explicit(&kept.taken_ns, memory_order_relaxed) >=
           CFI_HEAP_IDLE_NS;
}

/* Makes room for `bytes` more; returns how many go instead. Lock held. */
static size_t make_room(size_t bytes, struct block **going)
{
    size_t count = 0;

    while (kept.count == KEPT_BLOCKS ||
           (kept.count > 0 &&
            atomic_load_explicit(&kept.bytes, memory_order_relaxed) + bytes >
                KEPT_BYTES))
        going[count++] = take_out(0);
    return count;
}

static void keep(struct block *block)
{
    struct block *going[KEPT_BLOCKS];

    cfi_lock(&kept.lock);
    size_t count = make_room(block->bytes, going);
    kept.blocks[kept.count++] = block;
    count_bytes(block->bytes);
    cfi_unlock(&kept.lock);
    destroy_all(going, count);
}

/* --- both --- */

static void *take(size_t bytes, bool is_whole)
{
    struct block *block = NULL;

    if (__builtin_add_overflow(bytes, sizeof *block, &bytes) ||
        bytes > SIZE_MAX / 2)
        return NULL;
    size_t rounded = bytes < CFI_HEAP_LARGE ? bytes : round_up(bytes);
    if (rounded >= CFI_HEAP_LARGE && rounded <= KEPT_BYTES)
        block = take_kept(rounded);
    if (block == NULL)
        block = rounded < LEAST_MAP ? malloc(rounded)
                                    : map(rounded, bytes, is_whole);
    if (block == NULL)
        return NULL;
    block->bytes = rounded;
    return block->payload;
}

void *cfi_heap_take(size_t bytes)
{
    return take(bytes, false);
}

void *cfi_heap_take_whole(size_t bytes)
{
    return take(bytes, true);
}

void cfi_heap_give(void *memory)
{
    if (memory == NULL)
        return;
    struct block *block =
        (struct block *)((char *)memory - offsetof(struct block, payload));
    if (block->bytes < CFI_HEAP_LARGE || block->bytes > KEPT_BYTES || is_idle())
        destroy(block);
    else
        keep(block);
}

void cfi_heap_trim(void)
{
    struct block *going[KEPT_BLOCKS];

    if (atomic_load_explicit(&kept.bytes, memory_order_relaxed) == 0)
        return;
    cfi_lock(&kept.lock);
    size_t count = make_room(KEPT_BYTES + 1, going);
    cfi_unlock(&kept.lock);
    destroy_all(going, count);
}

bool cfi_heap_trim_idle(void)
{
    if (!is_idle())
        return false;
    cfi_heap_trim();
    return true;
}

void cfi_heap_after_fork(void)
{
    /* another thread had it locked: it may be half changed */
    if (atomic_load(&kept.lock.word) != 0)
        memset(&kept, 0, sizeof kept);
}
