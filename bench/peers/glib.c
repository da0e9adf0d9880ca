/* SPDX-License-Identifier: MIT */
/* GLib's GThreadPool: one lock, one queue. A handle is a flag; the last task
 * tells the waiter by a condition variable. */
#include <glib.h>

#include "peer.h"

struct batch {
    GMutex lock;
    GCond all_done;
    gint left;
    GThreadPool *pool;
    unsigned char *done;
    size_t count;
};

struct item {
    struct batch *batch;
    size_t index;
};

static void work(gpointer data, gpointer context)
{
    struct item *item = data;
    struct batch *batch = item->batch;

    (void)context;
    batch->done[item->index] = 1;
    if (!g_atomic_int_dec_and_test(&batch->left))
        return;
    g_mutex_lock(&batch->lock);
    batch->left = -1; /* so that the waiter may go, once we are done with it */
    g_cond_signal(&batch->all_done);
    g_mutex_unlock(&batch->lock);
}

static void run_batch(struct batch *batch, struct item *items)
{
    batch->left = (gint)batch->count;
    for (size_t i = 0; i < batch->count; i++) {
        items[i] = (struct item){batch, i};
        g_thread_pool_push(batch->pool, &items[i], NULL);
    }
    g_mutex_lock(&batch->lock);
    while (batch->left != -1)
        g_cond_wait(&batch->all_done, &batch->lock);
    g_mutex_unlock(&batch->lock);
}

static void batch_init(struct batch *batch, GThreadPool *pool, size_t count)
{
    g_mutex_init(&batch->lock);
    g_cond_init(&batch->all_done);
    batch->pool = pool;
    batch->count = count;
    batch->done = g_malloc0(count);
}

static void batch_finish(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        peer_check(batch->done[i], "a task has not run");
    g_free(batch->done);
    g_cond_clear(&batch->all_done);
    g_mutex_clear(&batch->lock);
}

static GThreadPool *start(const struct peer_run *run)
{
    return g_thread_pool_new(work, NULL, (gint)run->workers, TRUE, NULL);
}

static void t1(const struct peer_run *run)
{
    GThreadPool *pool = start(run);
    struct item *items = g_new(struct item, run->tasks);

    for (int pass = 0; pass < PEER_PASSES; pass++) {
        struct batch batch;
        batch_init(&batch, pool, run->tasks);
        double begun_s = peer_now_s();
        run_batch(&batch, items);
        peer_say(pass, run->tasks, peer_now_s() - begun_s);
        batch_finish(&batch);
    }
    g_thread_pool_free(pool, FALSE, TRUE);
    g_free(items);
}

static void trip(void *context)
{
    struct item item;
    run_batch(context, &item);
}

static void t2(const struct peer_run *run)
{
    GThreadPool *pool = start(run);
    struct batch batch;

    batch_init(&batch, pool, 1);
    peer_trips(run, trip, &batch);
    g_thread_pool_free(pool, FALSE, TRUE);
    batch_finish(&batch);
}

static gpointer produce(gpointer context)
{
    struct batch *batch = context;
    struct item *items = g_new(struct item, batch->count);

    run_batch(batch, items);
    g_free(items);
    return NULL;
}

static void t4(const struct peer_run *run)
{
    GThreadPool *pool = start(run);
    size_t each = run->tasks / PEER_PRODUCERS;

    for (int pass = 0; pass < PEER_PASSES; pass++) {
        struct batch batches[PEER_PRODUCERS];
        GThread *threads[PEER_PRODUCERS];
        for (size_t i = 0; i < PEER_PRODUCERS; i++)
            batch_init(&batches[i], pool, each);
        double begun_s = peer_now_s();
        for (size_t i = 0; i < PEER_PRODUCERS; i++)
            threads[i] = g_thread_new("producer", produce, &batches[i]);
        for (size_t i = 0; i < PEER_PRODUCERS; i++)
            g_thread_join(threads[i]);
        peer_say(pass, each * PEER_PRODUCERS, peer_now_s() - begun_s);
        for (size_t i = 0; i < PEER_PRODUCERS; i++)
            batch_finish(&batches[i]);
    }
    g_thread_pool_free(pool, FALSE, TRUE);
}

static void t6(const struct peer_run *run)
{
    GThreadPool *pool = start(run);
    struct batch batch;

    batch_init(&batch, pool, 1);
    for (int i = 0; i < 1000; i++)
        trip(&batch);
    peer_idle(run);
    g_thread_pool_free(pool, FALSE, TRUE);
    batch_finish(&batch);
}

static const struct peer_case cases[] = {
    {"t1", t1},
    {"t2", t2},
    {"t4", t4},
    {"t6", t6},
};

PEER_MAIN(cases)
