/* SPDX-License-Identifier: MIT */
/*
 * Real computing through a real library: OpenSSL's SHA-256, which is also what
 * Python's hashlib calls. A task hashes one block again and again, as one
 * message. The block is an item's number, repeated, so that twins in other
 * languages can make the same one. A few different items are enough to tell
 * outputs apart, and keep the right digests cheap to know beforehand.
 */
#include "workload.h"

#include <endian.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "items.h"
#include "refuse.h"

enum {
    DIGEST_BYTES = 32,
    VARIETY = 16,               /* of items; fewer where messages are long  */
    BEFOREHAND_BYTES = 1 << 30, /* to hash before anything is measured      */
    STRIDE_BYTES = 32 << 10,    /* from cf_stopping() to the next: ~20 us   */
    CALL_BYTES = 128,           /* what a call costs, in bytes hashed       */
};

struct item {
    uint64_t number;
    uint64_t bytes;
    uint64_t rounds;
};

/* The block of `item`: its number as 8-byte words, least byte first. NULL: no
 * memory. */
static unsigned char *make_block(const struct item *item)
{
    uint64_t word = htole64(item->number);
    unsigned char *block = malloc(item->bytes + sizeof word);

    if (block == NULL)
        return NULL;
    for (uint64_t i = 0; i < item->bytes; i += sizeof word)
        memcpy(block + i, &word, sizeof word);
    return block;
}

/* One round, in strides; `*since_stop` is carried from round to round. */
static enum cf_status hash_block(struct cf_task *task, EVP_MD_CTX *hash,
                                 const unsigned char *block, size_t bytes,
                                 size_t *since_stop)
{
    for (size_t done = 0; done < bytes;) {
        size_t left = bytes - done;
        size_t stride = left < STRIDE_BYTES ? left : STRIDE_BYTES;

        if (EVP_DigestUpdate(hash, block + done, stride) != 1)
            return cf_raise(task, EIO, "OpenSSL: EVP_DigestUpdate failed");
        done += stride;
        *since_stop += stride + CALL_BYTES;
        if (*since_stop < STRIDE_BYTES)
            continue;
        *since_stop = 0;
        if (cf_stopping(task))
            return cf_raise(task, ECANCELED, "asked to stop");
    }
    return CF_OK;
}

static enum cf_status hash_rounds(struct cf_task *task, const struct item *item,
                                  const unsigned char *block, EVP_MD_CTX *hash)
{
    unsigned char digest[DIGEST_BYTES];
    size_t since_stop = 0;

    if (EVP_DigestInit_ex(hash, EVP_sha256(), NULL) != 1)
        return cf_raise(task, EIO, "OpenSSL: EVP_DigestInit_ex failed");
    for (uint64_t round = 0; round < item->rounds; round++) {
        enum cf_status status =
            hash_block(task, hash, block, item->bytes, &since_stop);
        if (status != CF_OK)
            return status;
    }
    if (EVP_DigestFinal_ex(hash, digest, NULL) != 1)
        return cf_raise(task, EIO, "OpenSSL: EVP_DigestFinal_ex failed");
    return cf_return(task, digest, sizeof digest);
}

static enum cf_status sha256_task(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    const struct item *item = arg;
    unsigned char *block = make_block(item);
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    enum cf_status status = CF_NOMEM;

    (void)arg_bytes; /* always one item */
    if (block != NULL && hash != NULL)
        status = hash_rounds(task, item, block, hash);
    EVP_MD_CTX_free(hash);
    free(block);
    return status;
}

/* The right digest, by another way: no strides, no task. */
static bool know_digest(const struct item *item,
                        unsigned char digest[DIGEST_BYTES])
{
    unsigned char *block = make_block(item);
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    bool good = block != NULL && hash != NULL &&
                EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1;

    for (uint64_t round = 0; good && round < item->rounds; round++)
        good = EVP_DigestUpdate(hash, block, item->bytes) == 1;
    good = good && EVP_DigestFinal_ex(hash, digest, NULL) == 1;
    EVP_MD_CTX_free(hash);
    free(block);
    return good;
}

/* How many different items there are: as many as are known at the cost of
 * BEFOREHAND_BYTES or a single one. */
static uint64_t variety_of(double message_bytes)
{
    double affordable = BEFOREHAND_BYTES / message_bytes;

    return affordable < 1         ? 1
           : affordable > VARIETY ? VARIETY
                                  : (uint64_t)affordable;
}

/* Digests of the first `variety` items; the others repeat them. */
static bool know_digests(const struct item *items, size_t count,
                         uint64_t variety,
                         unsigned char digests[VARIETY][DIGEST_BYTES])
{
    for (size_t i = 0; i < count && i < variety; i++)
        if (!know_digest(&items[i], digests[i]))
            return false;
    return true;
}

static enum cf_status sha256_prepare(const struct wl_setup *setup,
                                     struct wl_work *work)
{
    struct item *items = wl_items_create(setup, sizeof *items, work);
    unsigned char(*digests)[DIGEST_BYTES] = calloc(VARIETY, sizeof *digests);
    uint64_t variety =
        variety_of(setup->values[0].number * setup->values[1].number);

    for (size_t i = 0; items != NULL && i < setup->tasks; i++)
        items[i] = (struct item){
            .number = i % variety,
            .bytes = (uint64_t)setup->values[0].number,
            .rounds = (uint64_t)setup->values[1].number,
        };
    if (items == NULL || digests == NULL ||
        !know_digests(items, setup->tasks, variety, digests)) {
        free(items);
        free(digests);
        return wl_refuse(setup->why, setup->why_bytes, CF_NOMEM,
                         "no memory for %zu tasks, or OpenSSL failed",
                         setup->tasks);
    }
    work->data = digests;
    return CF_OK;
}

static bool sha256_verify(const struct wl_work *work, size_t i,
                          const void *output, size_t output_bytes)
{
    const unsigned char(*digests)[DIGEST_BYTES] = work->data;
    const struct item *items = work->items;

    return output_bytes == DIGEST_BYTES &&
           memcmp(output, digests[items[i].number], DIGEST_BYTES) == 0;
}

static void sha256_dispose(struct wl_work *work)
{
    free((void *)work->items);
    free(work->data);
}

static const struct wl_parameter parameters[] = {
    {.name = "bytes",
     .about = "how many bytes are hashed in one call",
     .standard = "65536",
     .kind = WL_INTEGER,
     .minimum = 1,
     .maximum = 1 << 30},
    {.name = "rounds",
     .about = "how many such calls make a task",
     .standard = "80",
     .kind = WL_INTEGER,
     .minimum = 1,
     .maximum = 1e9},
    {0},
};

const struct wl_workload wl_sha256 = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "sha256",
    .about = "hashes a block with OpenSSL's SHA-256, `rounds` times over",
    .limit = "the cores and their caches: real library code, no lock in it",
    .klass = WL_CPU,
    .parameters = parameters,
    .task = sha256_task,
    .prepare = sha256_prepare,
    .verify = sha256_verify,
    .dispose = sha256_dispose,
};
