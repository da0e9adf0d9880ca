/* SPDX-License-Identifier: MIT */
/*
 * Frames that go to other ranks and come from them. What is said to a rank in
 * one turn goes as one frame; a large one in pieces, as MPI counts in ints.
 * What goes apart follows the frame that its record ends, from where it lies,
 * and is received where it stays.
 *
 * Times are of the sender's clock. On another machine that is another clock:
 * each frame tells when it was sent, and the least that clocks and way ever
 * made up between two ranks is taken for the difference of the clocks.
 */
#include "mpi_post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buffer_impl.h"
#include "clock.h"
#include "heap.h"

#define PIECE_BYTES ((size_t)16 << 20)
#define FULL_BYTES  ((size_t)256 << 10) /* a frame that is not added to */

/* A frame that is being written, or on its way, or what follows one apart. */
struct outgoing {
    struct outgoing *next;
    unsigned char *bytes; /* of a frame                  */
    size_t count;
    size_t room;
    void (*sent)(void *context); /* of what goes apart: gives it back */
    void *context;
    void **pieces; /* as MPI knows them          */
    size_t piece_count;
    size_t sent_count; /* of these, so many are gone */
};

/* What is known of, and goes on with, another rank. */
struct peer {
    struct outgoing *writing;
    struct peer *next_spoken; /* of those that something was said to */
    bool is_spoken;
    unsigned char *coming; /* a frame of which only the first pieces came */
    size_t came;
    unsigned char *frame; /* one whose last record waits for this: */
    const struct cfi_mpi_record *waiting;
    struct cfi_mpi_apart apart;
    int64_t frame_clock_ns;
    bool is_elsewhere; /* on another machine: its clock is not ours */
    int64_t clock_ns;  /* between the two: the least that a frame took and
                          the clocks differ by                          */
    char host[256];
};

/* The process's own, used by the thread that calls MPI alone. */
static struct {
    const struct cfi_mpi_module *mpi;
    struct cfi_mpi_place place;
    char boot_id[40];
    struct peer *peers;
    struct peer *spoken;
    struct outgoing *flying; /* the latest first */
    int known;
    int left;
} post;

const char *cfi_mpi_host_name(int rank)
{
    return post.peers[rank].host;
}

/* No memory for a message: neither side could go on. */
static void *must(void *memory)
{
    if (memory == NULL)
        post.mpi->abort(EXIT_FAILURE);
    return memory;
}

/* --- speaking --- */

static struct outgoing *frame_for(struct peer *peer, size_t more_bytes)
{
    struct outgoing *frame = peer->writing;

    if (frame == NULL) {
        frame = peer->writing = must(calloc(1, sizeof *frame));
        frame->count = sizeof(struct cfi_mpi_frame); /* filled in at the end */
    }
    if (frame->count + more_bytes > frame->room) {
        frame->room = 2 * frame->count + more_bytes;
        frame->bytes = must(realloc(frame->bytes, frame->room));
    }
    if (!peer->is_spoken) {
        peer->is_spoken = true;
        peer->next_spoken = post.spoken;
        post.spoken = peer;
    }
    return frame;
}

/* All pieces at once: MPI keeps their order, and no other frame's come between.
 */
static void send_off(int rank, struct outgoing *what,
                     const unsigned char *bytes)
{
    what->piece_count = (what->count + PIECE_BYTES - 1) / PIECE_BYTES;
    what->pieces = must(calloc(what->piece_count, sizeof what->pieces[0]));
    for (size_t i = 0; i < what->piece_count; i++) {
        size_t at = i * PIECE_BYTES, rest = what->count - at;
        what->pieces[i] = must(post.mpi->send(
            rank, bytes + at, rest < PIECE_BYTES ? rest : PIECE_BYTES));
    }
    what->next = post.flying;
    post.flying = what;
}

static void send_frame(int rank, struct peer *peer)
{
    struct outgoing *frame = peer->writing;
    struct cfi_mpi_frame head = {frame->count, cfi_now_ns()};

    memcpy(frame->bytes, &head, sizeof head);
    peer->writing = NULL;
    send_off(rank, frame, frame->bytes);
}

void cfi_mpi_say_apart(int rank, const void *bytes, size_t count,
                       void (*sent)(void *context), void *context)
{
    struct outgoing *apart = must(calloc(1, sizeof *apart));

    apart->count = count;
    apart->sent = sent;
    apart->context = context;
    send_frame(rank, &post.peers[rank]);
    send_off(rank, apart, bytes);
}

/* What is on its way while the next is being copied is there sooner. */
static void send_what_is_full(int rank, size_t more_bytes)
{
    struct peer *peer = &post.peers[rank];

    if (peer->writing == NULL ||
        peer->writing->count + more_bytes <= FULL_BYTES)
        return;
    send_frame(rank, peer);
}

void *cfi_mpi_say(int rank, const struct cfi_mpi_record *record,
                  const void *payload, size_t bytes)
{
    size_t padded = cfi_mpi_padded(bytes);

    send_what_is_full(rank, sizeof *record + padded);
    struct outgoing *frame =
        frame_for(&post.peers[rank], sizeof *record + padded);
    struct cfi_mpi_record *to = (void *)(frame->bytes + frame->count);
    unsigned char *behind = (unsigned char *)(to + 1);

    *to = *record;
    to->bytes = bytes;
    if (payload != NULL && bytes > 0)
        memcpy(behind, payload, bytes);
    memset(behind + bytes, 0, padded - bytes);
    frame->count += sizeof *record + padded;
    return behind;
}

bool cfi_post_send(void)
{
    bool has_sent = post.spoken != NULL;

    while (post.spoken != NULL) {
        struct peer *peer = post.spoken;
        post.spoken = peer->next_spoken;
        peer->is_spoken = false;
        if (peer->writing != NULL) /* else it went with what went apart */
            send_frame((int)(peer - post.peers), peer);
    }
    return has_sent;
}

/* Frees what has arrived. */
bool cfi_post_land(void)
{
    struct outgoing **link = &post.flying;

    while (*link != NULL) {
        struct outgoing *frame = *link;
        while (frame->sent_count < frame->piece_count &&
               post.mpi->is_sent(frame->pieces[frame->sent_count]))
            frame->sent_count++;
        if (frame->sent_count < frame->piece_count) {
            link = &frame->next;
            continue;
        }
        *link = frame->next;
        if (frame->sent != NULL)
            frame->sent(frame->context);
        free(frame->pieces);
        free(frame->bytes);
        free(frame);
    }
    return post.flying != NULL;
}

bool cfi_mpi_is_going(const void *context)
{
    cfi_post_land();
    for (struct outgoing *what = post.flying; what != NULL; what = what->next)
        if (what->context == context)
            return true;
    return false;
}

/* --- hearing --- */

static void hear_hello(struct peer *peer, const void *payload)
{
    const struct cfi_mpi_hello *hello = payload;

    peer->is_elsewhere = strcmp(hello->boot_id, post.boot_id) != 0;
    memcpy(peer->host, hello->host, sizeof peer->host);
    post.known++;
}

/* The least that clocks and way make up: see HELLO. */
static int64_t clock_of(struct peer *peer, int64_t sent_ns)
{
    int64_t apart_ns = cfi_now_ns() - sent_ns;

    if (peer->clock_ns == 0 || apart_ns < peer->clock_ns)
        peer->clock_ns = apart_ns;
    return peer->is_elsewhere ? peer->clock_ns : 0;
}

static void hear_record(const struct cfi_mpi_role *role, int rank,
                        const struct cfi_mpi_record *record,
                        struct cfi_mpi_apart *apart, int64_t clock_ns)
{
    if (record->kind == CFI_MPI_HELLO)
        hear_hello(&post.peers[rank], record + 1);
    else if (record->kind == CFI_MPI_LEFT)
        post.left++;
    else
        role->hear(rank, record, record + 1, apart, clock_ns);
}

static void make_room(const struct cfi_mpi_role *role, struct peer *peer,
                      const struct cfi_mpi_record *record)
{
    struct cfi_mpi_apart *apart = &peer->apart;

    *apart = (struct cfi_mpi_apart){0};
    role->room(record, apart);
    if (apart->bytes != NULL || apart->is_unwanted)
        return;
    apart->is_heap = true;
    apart->bytes = must(cfi_heap_take_whole(record->apart_bytes));
}

static void hear_frame(const struct cfi_mpi_role *role, int rank,
                       unsigned char *bytes)
{
    const struct cfi_mpi_frame *head = (const void *)bytes;
    struct peer *peer = &post.peers[rank];
    int64_t clock_ns = clock_of(peer, head->sent_ns);

    for (size_t at = sizeof *head; at < head->bytes;) {
        const struct cfi_mpi_record *record = (const void *)(bytes + at);
        if (record->apart_bytes > 0) { /* the last one of its frame */
            peer->frame = bytes;
            peer->waiting = record;
            peer->frame_clock_ns = clock_ns;
            make_room(role, peer, record);
            return;
        }
        hear_record(role, rank, record, &(struct cfi_mpi_apart){0}, clock_ns);
        at += sizeof *record + cfi_mpi_padded(record->bytes);
    }
    free(bytes);
}

static void receive_apart(const struct peer *peer, size_t count)
{
    void *waste = peer->apart.is_unwanted ? must(malloc(count)) : NULL;

    post.mpi->receive(
        waste != NULL ? waste : (char *)peer->apart.bytes + peer->came, count);
    free(waste);
}

/* The next piece of what a record waits for. */
static void hear_apart(const struct cfi_mpi_role *role, int rank, size_t count)
{
    struct peer *peer = &post.peers[rank];

    receive_apart(peer, count);
    peer->came += count;
    if (peer->came < peer->waiting->apart_bytes)
        return;
    unsigned char *frame = peer->frame;
    peer->frame = NULL;
    peer->came = 0;
    struct cfi_mpi_apart apart = peer->apart;
    hear_record(role, rank, peer->waiting, &apart, peer->frame_clock_ns);
    if (apart.is_heap)
        cfi_heap_give(apart.bytes);
    cf_buffer_release(apart.buffer);
    free(frame);
}

static bool hear_one(const struct cfi_mpi_role *role)
{
    size_t count;
    int rank;

    if (!post.mpi->probe(&rank, &count))
        return false;
    struct peer *peer = &post.peers[rank];
    if (peer->frame != NULL) {
        hear_apart(role, rank, count);
        return true;
    }
    bool is_first = peer->coming == NULL;
    if (is_first)
        peer->coming = must(malloc(count));
    post.mpi->receive(peer->coming + peer->came, count);
    peer->came += count;
    size_t whole = ((const struct cfi_mpi_frame *)(void *)peer->coming)->bytes;
    if (is_first && whole > count)
        peer->coming = must(realloc(peer->coming, whole));
    if (peer->came < whole)
        return true;
    unsigned char *bytes = peer->coming;
    peer->coming = NULL;
    peer->came = 0;
    hear_frame(role, rank, bytes);
    return true;
}

bool cfi_post_hear(const struct cfi_mpi_role *role)
{
    bool has_heard = false;

    while (hear_one(role))
        has_heard = true;
    return has_heard;
}

int cfi_post_known(void)
{
    return post.known;
}

int cfi_post_left(void)
{
    return post.left;
}

/* --- how it begins --- */

static void read_boot_id(void)
{
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

    if (file == NULL)
        return;
    if (fgets(post.boot_id, sizeof post.boot_id, file) == NULL)
        post.boot_id[0] = '\0';
    fclose(file);
}

static void say_hello(void)
{
    struct cfi_mpi_record record = {.kind = CFI_MPI_HELLO};
    struct cfi_mpi_hello hello = {0};

    memcpy(hello.boot_id, post.boot_id, sizeof hello.boot_id);
    gethostname(hello.host, sizeof hello.host - 1);
    memcpy(post.peers[post.place.rank].host, hello.host, sizeof hello.host);
    if (post.place.rank != 0)
        cfi_mpi_say(0, &record, &hello, sizeof hello);
}

void cfi_post_begin(const struct cfi_mpi_module *mpi,
                    const struct cfi_mpi_place *place)
{
    post.mpi = mpi;
    post.place = *place;
    post.peers = must(calloc((size_t)place->ranks, sizeof post.peers[0]));
    read_boot_id();
    say_hello();
}
