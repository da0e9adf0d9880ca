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
 *      slabs: 2 MiB each, cut up in order of address; the rests behind
 *
 * A batch is two blocks that hold the addresses of 13 others, so that giving
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

/*
 * A batch of free blocks: the first of them tells where others lie, and a second
 * one where those lie for which that has no room. (So it takes two lines, and
 * touches no block's rest.)
 */
enum { IN_FIRST = 5, IN_SECOND = BATCH - 2 - IN_FIRST };

struct second {
    void *blocks[IN_SECOND];
};

struct batch {
    struct first *first;   /* NULL: none                   */
    struct second *second; /* NULL: the first has room */
};

struct first {
    struct batch next;
    size_t others; /* but for the two */
    void *blocks[IN_FIRST];
};

_Static_assert(sizeof(struct first) <= CFI_BLOCK_LEAST &&
                   sizeof(struct second) <= CFI_BLOCK_LEAST,
               "they fit any block");
_Static_assert((int)CFI_BLOCK_AHEAD + (int)BATCH <= (int)CFI_BLOCK_SHELF,
               "a batch fits below those that are left");

struct store {
    struct cfi_lock lock;
    /* --- guarded by lock --- */
    struct batch first;
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

/* Where none is kept. */
static void *new_alone(size_t size)
{
    char *memory = calloc(1, CFI_BLOCK_REST + bytes_of(size));

    return memory != NULL ? memory + CFI_BLOCK_REST : NULL;
}

/* --- the store --- */

static void push_batch(struct store *store, void *const *blocks, size_t count)
{
    struct batch batch = {.first = blocks[0]};
    size_t done = 1;

    if (count > 1 + IN_FIRST)
        batch.second = blocks[done++];
    batch.first->others = count - done;
    for (size_t i = 0; i < IN_FIRST && done < count; i++)
        batch.first->blocks[i] = blocks[done++];
    for (size_t i = 0; done < count; i++)
        batch.second->blocks[i] = blocks[done++];
    cfi_lock(&store->lock);
    batch.first->next = store->first;
    store->first = batch;
    store->free += count;
    cfi_unlock(&store->lock);
}

/* Its blocks, up to BATCH of them; the first and the second, of which the lines
 * are at hand now, come last. */
static size_t unpack(struct batch batch, void **blocks)
{
    size_t others = batch.first->others, count = 0;

    for (; count < others && count < IN_FIRST; count++)
        blocks[count] = batch.first->blocks[count];
    for (; count < others; count++)
        blocks[count] = batch.second->blocks[count - IN_FIRST];
    if (batch.second != NULL)
        blocks[count++] = batch.second;
    blocks[count++] = batch.first;
    return count;
}

static inline void fetch_ahead(struct batch batch)
{
    __builtin_prefetch(batch.first, 1);
    __builtin_prefetch(batch.second, 1); /* NULL does no harm */
}

/* Up to BATCH blocks; 0 without memory. */
static size_t fetch(size_t size, void **blocks)
{
    struct store *store = &stores[size];
    size_t count = 0;

    cfi_lock(&store->lock);
    struct batch batch = store->first;
    if (batch.first != NULL) {
        store->first = batch.first->next;
        store->free -= batch.first->others + 1 + (batch.second != NULL);
        fetch_ahead(store->first);
    } else {
        count = cfi_slab_cut(&store->cutting, bytes_of(size), blocks, BATCH);
    }
    cfi_unlock(&store->lock);
    return batch.first != NULL ? unpack(batch, blocks) : count;
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
        return *later = new_alone(size);
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
        free((char *)block - CFI_BLOCK_REST);
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
        fetch_ahead((struct batch){shelf->blocks[0], shelf->blocks[1]});
    }
    shelf->blocks[shelf->count++] = block;
}

/* --- giving back to the system --- */

/* In each slab, which has zero. */
static void count_free(struct batch batch)
{
    void *blocks[BATCH];

    for (; batch.first != NULL; batch = batch.first->next) {
        fetch_ahead(batch.first->next);
        for (size_t i = unpack(batch, blocks); i-- > 0;)
            cfi_slab_of(blocks[i])->seen++;
    }
}

/* Puts blocks of slabs that stay back into the store; of each other slab, the
 * last of its blocks to be met unmaps it. */
static void sort_out(struct store *store, const struct cfi_slab *in_use,
                     struct batch batch)
{
    void *kept[BATCH], *blocks[BATCH];
    size_t keeps = 0;
    struct batch next;

    for (; batch.first != NULL; batch = next) {
        next = batch.first->next;
        fetch_ahead(next);
        size_t count = unpack(batch, blocks);
        for (size_t i = 0; i < count; i++) {
            struct cfi_slab *slab = cfi_slab_of(blocks[i]);
            if (slab != in_use && slab->seen >= slab->cut) {
                /* counts on, from `cut` up to twice that */
                if (++slab->seen == 2 * slab->cut)
                    cfi_slab_unmap(slab);
                continue;
            }
            slab->seen = 0;
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

/* The batches are ours alone while the slabs are looked at; who takes
 * meanwhile cuts new ones. */
static void trim(struct store *store)
{
    struct batch all = {0};

    cfi_lock(&store->lock);
    const struct cfi_slab *in_use = store->cutting.slab;
    if (store->free >= KEPT) {
        all = store->first;
        store->first = (struct batch){0};
        store->free = 0;
    }
    cfi_unlock(&store->lock);
    count_free(all);
    sort_out(store, in_use, all);
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
