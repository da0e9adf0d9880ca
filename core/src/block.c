/* SPDX-License-Identifier: MIT */
/*
 * Blocks of memory that are used again: per thread a shelf for each size,
 * behind the shelves one store for all threads, behind it slabs.
 *
 *      thread: shelf, up to 46 blocks     <- take, give: no lock, no atomic
 *                 |  ^     15 at a time
 *                 v  |
 *      store: batches of 15, one lock     <- evens out who takes and who gives
 *                    ^     15 at a time
 *                    |
 *      slabs: 2 MiB each, cut up in order of address
 *
 * A batch is a block that holds the addresses of 14 others, so that giving
 * back needs no memory. Addresses, not a chain: a block that comes next can be
 * fetched into the cache ahead of its use, since that address is known.
 *
 * Trimming counts, slab by slab, what lies in the store; a slab of which every
 * block does is unmapped. Nothing is counted before that, so that taking and
 * giving stay cheap. A thread that ends gives its shelves to the store.
 *
 * This is kept outside executors since futures outlive them; it knows nothing
 * of them. Under the address sanitizer every block comes from calloc().
 */
#include "block.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lock.h"
#include "slab.h"

enum {
    BATCH = 15,     /* blocks that move at a time         */
    KEPT = 1 << 13, /* blocks that are not worth trimming */
};

/* What a free block holds in the store. */
struct batch {
    struct batch *next;
    size_t others;
    void *blocks[BATCH - 1];
};

_Static_assert(sizeof(struct batch) <= CFI_BLOCK_LEAST, "fits any block");
_Static_assert((int)CFI_BLOCK_AHEAD + (int)BATCH <= (int)CFI_BLOCK_SHELF,
               "a batch fits below those that are left");

struct store {
    struct cfi_lock lock;
    /* --- guarded by lock --- */
    struct batch *first;
    size_t free; /* blocks in the batches */
    struct cfi_cutting cutting;
};

static struct store stores[CFI_BLOCK_SIZES];
static _Atomic bool is_trimming;
static pthread_key_t at_thread_end;
static bool has_key;

static size_t bytes_of(size_t size)
{
    return CFI_BLOCK_LEAST + size * CFI_BLOCK_STEP;
}

/* --- the store --- */

static void push_batch(struct store *store, void *const *blocks, size_t count)
{
    struct batch *batch = blocks[0];

    batch->others = count - 1;
    for (size_t i = 1; i < count; i++)
        batch->blocks[i - 1] = blocks[i];
    cfi_lock(&store->lock);
    batch->next = store->first;
    store->first = batch;
    store->free += count;
    cfi_unlock(&store->lock);
}

/* The batch is a block again, whose second line is zero. */
static size_t unpack(struct batch *batch, void **blocks)
{
    size_t count = batch->others;

    for (size_t i = 0; i < count; i++)
        blocks[i] = batch->blocks[i];
    memset((char *)batch + CFI_BLOCK_LINE, 0, CFI_BLOCK_LINE);
    blocks[count] = batch;
    return count + 1;
}

/* Both of its lines, some blocks before they are needed. */
static inline void fetch_ahead(void *block)
{
    __builtin_prefetch(block, 1);
    __builtin_prefetch((char *)block + CFI_BLOCK_LINE, 1);
}

/* Up to BATCH blocks; 0 without memory. */
static size_t fetch(size_t size, void **blocks)
{
    struct store *store = &stores[size];
    size_t count = 0;

    cfi_lock(&store->lock);
    struct batch *batch = store->first;
    if (batch != NULL) {
        store->first = batch->next;
        store->free -= batch->others + 1;
        if (batch->next != NULL)
            fetch_ahead(batch->next);
    } else {
        count = cfi_slab_cut(&store->cutting, bytes_of(size), blocks, BATCH);
    }
    cfi_unlock(&store->lock);
    return batch != NULL ? unpack(batch, blocks) : count;
}

/* --- a thread's shelves --- */

static void leave(void *context)
{
    struct cfi_shelves *shelves = context;

    cfi_this_thread.shelves = NULL;
    for (size_t size = 0; size < CFI_BLOCK_SIZES; size++) {
        struct cfi_shelf *shelf = &shelves->of[size];
        for (size_t done = 0, count; done < shelf->count; done += count) {
            size_t rest = shelf->count - done;
            count = rest < BATCH ? rest : BATCH;
            push_batch(&stores[size], shelf->blocks + done, count);
        }
    }
    munmap(shelves, sizeof *shelves);
}

static void make_key(void)
{
    has_key = pthread_key_create(&at_thread_end, leave) == 0;
}

/* NULL: this thread has to do without. */
static struct cfi_shelves *make_own(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, make_key);
    if (!has_key)
        return NULL;
    void *shelves =
        mmap(NULL, sizeof *cfi_this_thread.shelves, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (shelves == MAP_FAILED)
        return NULL;
    if (pthread_setspecific(at_thread_end, shelves) != 0) {
        munmap(shelves, sizeof *cfi_this_thread.shelves);
        return NULL;
    }
    return cfi_this_thread.shelves = shelves;
}

/* Beneath those that have been fetched into the cache, which go first. */
static void lay_below(struct cfi_shelf *shelf, void *const *blocks,
                      size_t count)
{
    for (size_t i = shelf->count; i-- > 0;)
        shelf->blocks[i + count] = shelf->blocks[i];
    for (size_t i = 0; i < count; i++)
        shelf->blocks[i] = blocks[i];
    shelf->count += count;
}

void *cfi_block_fetch(size_t size, void **later)
{
    if (!CFI_BLOCKS_ARE_KEPT)
        return *later = calloc(1, bytes_of(size));
    struct cfi_shelves *shelves =
        cfi_this_thread.shelves != NULL ? cfi_this_thread.shelves : make_own();
    void *some[BATCH];
    size_t count = fetch(size, some);

    if (shelves != NULL) {
        struct cfi_shelf *shelf = &shelves->of[size];
        lay_below(shelf, some, count);
        if (shelf->count == 0)
            return NULL;
        void *block = shelf->blocks[--shelf->count];
        *later = shelf->count >= CFI_BLOCK_AHEAD
                     ? shelf->blocks[shelf->count - CFI_BLOCK_AHEAD]
                     : block;
        return block;
    }
    if (count > 1)
        push_batch(&stores[size], some + 1, count - 1);
    return *later = count > 0 ? some[0] : NULL;
}

void cfi_block_put_away(void *block, size_t size)
{
    if (!CFI_BLOCKS_ARE_KEPT) {
        free(block);
        return;
    }
    struct cfi_shelves *shelves =
        cfi_this_thread.shelves != NULL ? cfi_this_thread.shelves : make_own();

    if (shelves == NULL) {
        push_batch(&stores[size], &block, 1);
        return;
    }
    struct cfi_shelf *shelf = &shelves->of[size];
    if (shelf->count == CFI_BLOCK_SHELF) {
        shelf->count -= BATCH; /* the coldest go */
        push_batch(&stores[size], shelf->blocks, BATCH);
        for (size_t i = 0; i < shelf->count; i++)
            shelf->blocks[i] = shelf->blocks[i + BATCH];
        fetch_ahead(shelf->blocks[0]); /* it becomes the next batch */
    }
    shelf->blocks[shelf->count++] = block;
}

/* --- giving back to the system --- */

static void count_free(struct batch *first)
{
    for (struct batch *batch = first; batch != NULL; batch = batch->next) {
        cfi_slab_of(batch)->seen++;
        for (size_t i = 0; i < batch->others; i++)
            cfi_slab_of(batch->blocks[i])->seen++;
    }
}

/* Puts blocks of slabs that stay back into the store; of each other slab, the
 * last of its blocks to be met unmaps it. */
static void sort_out(struct store *store, const struct cfi_slab *in_use,
                     struct batch *first)
{
    void *kept[BATCH], *blocks[BATCH];
    size_t keeps = 0;
    struct batch *next;

    for (struct batch *batch = first; batch != NULL; batch = next) {
        next = batch->next;
        size_t count = unpack(batch, blocks);
        for (size_t i = 0; i < count; i++) {
            struct cfi_slab *slab = cfi_slab_of(blocks[i]);
            if (slab != in_use && slab->seen >= slab->cut) {
                /* counts on, from `cut` up to twice that */
                if (++slab->seen == 2 * slab->cut)
                    cfi_slab_unmap(slab);
                continue;
            }
            kept[keeps++] = blocks[i];
            if (keeps == BATCH) {
                push_batch(store, kept, keeps);
                keeps = 0;
            }
        }
    }
    if (keeps > 0)
        push_batch(store, kept, keeps);
}

static void zero_counts(struct batch *first)
{
    for (struct batch *batch = first; batch != NULL; batch = batch->next) {
        cfi_slab_of(batch)->seen = 0;
        for (size_t i = 0; i < batch->others; i++)
            cfi_slab_of(batch->blocks[i])->seen = 0;
    }
}

/* The batches are ours alone while the slabs are looked at; who takes
 * meanwhile cuts new ones. */
static void trim(struct store *store)
{
    cfi_lock(&store->lock);
    bool is_worth = store->free >= KEPT;
    struct batch *first = is_worth ? store->first : NULL;
    const struct cfi_slab *in_use = store->cutting.slab;
    if (is_worth) {
        store->first = NULL;
        store->free = 0;
    }
    cfi_unlock(&store->lock);
    if (!is_worth)
        return;
    zero_counts(first);
    count_free(first);
    sort_out(store, in_use, first);
}

void cfi_block_trim(void)
{
    if (atomic_exchange(&is_trimming, true))
        return; /* somebody is at it */
    for (size_t size = 0; size < CFI_BLOCK_SIZES; size++)
        trim(&stores[size]);
    atomic_store(&is_trimming, false);
}

void cfi_block_after_fork(void)
{
    /* a store that another thread had locked may be half changed: it is
     * dropped, with the blocks in it */
    for (size_t size = 0; size < CFI_BLOCK_SIZES; size++)
        if (atomic_load(&stores[size].lock.word) != 0)
            stores[size] = (struct store){0};
    atomic_store(&is_trimming, false);
}
