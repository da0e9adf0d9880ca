/* SPDX-License-Identifier: MIT */
/*
 * A thread-specific key per kind of thing, made by whoever comes first; of two
 * that come at once, the loser gives its key back. Behind the key lies a small
 * cell that says whose the value is and how it ends.
 */
#include "kept.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

struct cell {
    pid_t owner;
    void *value;
    void (*destroy)(void *);
};

struct room {
    size_t bytes;
    void *memory;
};

static void cell_destroy(void *at)
{
    struct cell *cell = at;

    if (cell->value != NULL && cell->owner == getpid())
        cell->destroy(cell->value);
    free(cell);
}

/* False where the system has no more keys. */
static bool key_of(struct wl_kept *kept, pthread_key_t *key)
{
    unsigned known = atomic_load(&kept->key_and_one);

    if (known == 0) {
        if (pthread_key_create(key, cell_destroy) != 0)
            return false;
        if (atomic_compare_exchange_strong(&kept->key_and_one, &known,
                                           *key + 1))
            return true;
        pthread_key_delete(*key);
    }
    *key = known - 1;
    return true;
}

void *wl_kept_get(struct wl_kept *kept)
{
    pthread_key_t key;
    struct cell *cell = key_of(kept, &key) ? pthread_getspecific(key) : NULL;

    return cell != NULL && cell->owner == getpid() ? cell->value : NULL;
}

bool wl_kept_set(struct wl_kept *kept, void *value, void (*destroy)(void *))
{
    pthread_key_t key;
    struct cell *cell = malloc(sizeof *cell);
    struct cell *before;

    if (cell == NULL || !key_of(kept, &key))
        goto refuse;
    *cell = (struct cell){getpid(), value, destroy};
    before = pthread_getspecific(key);
    if (pthread_setspecific(key, cell) != 0)
        goto refuse;
    if (before != NULL)
        cell_destroy(before);
    return true;

refuse:
    free(cell);
    if (value != NULL)
        destroy(value);
    return false;
}

static void room_destroy(void *value)
{
    struct room *room = value;

    free(room->memory);
    free(room);
}

void *wl_kept_room(struct wl_kept *kept, size_t bytes)
{
    struct room *room = wl_kept_get(kept);

    if (room != NULL && room->bytes >= bytes)
        return room->memory;
    room = malloc(sizeof *room);
    if (room == NULL)
        return NULL;
    *room = (struct room){bytes, malloc(bytes)};
    if (room->memory == NULL) {
        free(room);
        return NULL;
    }
    return wl_kept_set(kept, room, room_destroy) ? room->memory : NULL;
}
