/* SPDX-License-Identifier: MIT */
/*
 * Samples without a tree. A record has up to a million of them, all alike, and
 * building and freeing a tree for each took most of the time of reading.
 *
 *      text -> members, looked up in a table -> a sample of our own -> record
 *
 * The text has been checked (json_scan.h), so only what a value is has to be
 * found out here, not whether it is well formed. Whatever is not plain goes to
 * the tree, which refuses or accepts it: so there is one judge of what a record
 * may hold, and one wording.
 */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "json_cursor.h"
#include "record_memory.h"
#include "record_parse.h"

#define ID_BYTES 64

struct reading {
    struct json_cursor json;
    struct record_parser *parser;
    struct record_sample *sample;
};

struct table;

/* Puts the value at the cursor into the field and moves on behind it. */
typedef bool take_function(struct reading *reading, void *field,
                           const struct table *inside);

struct member {
    const char *name;
    take_function *take;
    size_t offset; /* in struct record_sample */
    const struct table *inside;
};

struct table {
    const struct member *members; /* in the order of writing */
    size_t count;
};

static bool take_number(struct reading *reading, void *field,
                        const struct table *inside)
{
    (void)inside;
    return json_pass_null(&reading->json) ||
           json_take_value(&reading->json, field);
}

static bool take_whole(struct reading *reading, double *value)
{
    *value = 0;
    return json_pass_null(&reading->json) ||
           json_take_whole(&reading->json, value);
}

static bool take_size(struct reading *reading, void *field,
                      const struct table *inside)
{
    double value;

    (void)inside;
    if (!take_whole(reading, &value))
        return false;
    *(size_t *)field = (size_t)value;
    return true;
}

static bool take_count(struct reading *reading, void *field,
                       const struct table *inside)
{
    double value;

    (void)inside;
    if (!take_whole(reading, &value))
        return false;
    *(uint64_t *)field = (uint64_t)value;
    return true;
}

static bool take_bool(struct reading *reading, void *field,
                      const struct table *inside)
{
    (void)inside;
    return json_pass_null(&reading->json) ||
           json_take_bool(&reading->json, field);
}

static bool take_text(struct reading *reading, void *field,
                      const struct table *inside)
{
    const char *start;
    size_t length;

    (void)inside;
    if (json_pass_null(&reading->json))
        return true;
    if (!json_take_span(&reading->json, &start, &length))
        return false;
    *(char **)field = strndup(start, length);
    return *(char **)field != NULL;
}

static bool take_case(struct reading *reading, void *field,
                      const struct table *inside)
{
    const char *start;
    char id[ID_BYTES];
    size_t length, place;

    (void)inside;
    if (!json_take_span(&reading->json, &start, &length) || length >= sizeof id)
        return false;
    memcpy(id, start, length);
    id[length] = '\0';
    place = id_index_find(&reading->parser->cases, id);
    *(size_t *)field = place;
    return place != ID_UNKNOWN;
}

static bool take_bucket(struct reading *reading,
                        struct histogram_bucket *bucket)
{
    double count;

    if (!json_pass(&reading->json, '['))
        return false;
    json_pass_space(&reading->json);
    if (!json_take_value(&reading->json, &bucket->upper_s))
        return false;
    json_pass_space(&reading->json);
    if (!json_pass(&reading->json, ','))
        return false;
    json_pass_space(&reading->json);
    if (!json_take_whole(&reading->json, &count))
        return false;
    bucket->count = (uint64_t)count;
    json_pass_space(&reading->json);
    return json_pass(&reading->json, ']');
}

static bool make_room(struct record_parser *parser, size_t count)
{
    struct histogram_bucket *larger;

    if (count < parser->bucket_room)
        return true;
    larger = reallocarray(parser->buckets, 2 * count + 64, sizeof *larger);
    if (larger == NULL)
        return false;
    parser->buckets = larger;
    parser->bucket_room = 2 * count + 64;
    return true;
}

static bool take_histogram(struct reading *reading, void *field,
                           const struct table *inside)
{
    struct histogram **histogram = field;
    struct record_parser *parser = reading->parser;
    size_t count = 0;

    (void)inside;
    if (json_pass_null(&reading->json))
        return true;
    if (!json_pass(&reading->json, '['))
        return false;
    for (; json_has_next(&reading->json, count == 0, ']'); count++) {
        if (!make_room(parser, count) ||
            !take_bucket(reading, &parser->buckets[count]))
            return false;
    }
    *histogram =
        count == 0 ? NULL : histogram_from_buckets(parser->buckets, count);
    return *histogram != NULL;
}

/* The place of the name in the table, from `expected` on; `count`: none. */
static size_t find(const struct table *table, size_t expected, const char *name,
                   size_t length)
{
    for (size_t i = 0; i < table->count; i++) {
        size_t place = (expected + i) % table->count;
        const char *known = table->members[place].name;
        if (strncmp(known, name, length) == 0 && known[length] == '\0')
            return place;
    }
    return table->count;
}

static bool take_member(struct reading *reading, const struct table *table,
                        size_t place, unsigned *seen)
{
    const struct member *member = &table->members[place];

    if ((*seen & 1U << place) != 0)
        return false;
    *seen |= 1U << place;
    return member->take(reading, (char *)reading->sample + member->offset,
                        member->inside);
}

static bool take_members(struct reading *reading, const struct table *table,
                         unsigned *seen)
{
    size_t expected = 0;

    if (!json_pass(&reading->json, '{'))
        return false;
    for (bool is_first = true; json_has_next(&reading->json, is_first, '}');
         is_first = false) {
        const char *name;
        size_t length, place;

        if (!json_take_span(&reading->json, &name, &length))
            return false;
        json_pass_space(&reading->json);
        json_pass(&reading->json, ':');
        json_pass_space(&reading->json);
        place = find(table, expected, name, length);
        if (!(place < table->count ? take_member(reading, table, place, seen)
                                   : json_pass_unknown(&reading->json)))
            return false;
        expected = place + 1;
    }
    return true;
}

static bool take_object(struct reading *reading, void *field,
                        const struct table *inside)
{
    unsigned seen = 0;

    (void)field;
    return json_pass_null(&reading->json) ||
           take_members(reading, inside, &seen);
}

#define AT(field) offsetof(struct record_sample, field)
#define NUMBER(n, f)                                                           \
    {                                                                          \
        n, take_number, AT(f), NULL                                            \
    }
#define INSIDE(n, list)                                                        \
    {                                                                          \
        n, take_object, 0, &(const struct table)                               \
        {                                                                      \
            list, COUNT(list)                                                  \
        }                                                                      \
    }
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const struct member cpu[] = {
    NUMBER("user_s", cpu_user_s),
    NUMBER("sys_s", cpu_sys_s),
};
static const struct member ctx[] = {
    NUMBER("voluntary", switches_voluntary),
    NUMBER("involuntary", switches_involuntary),
};
static const struct member faults[] = {
    NUMBER("minor", faults_minor),
    NUMBER("major", faults_major),
};
static const struct member disk[] = {
    NUMBER("read_bytes", disk_read_bytes),
    NUMBER("written_bytes", disk_written_bytes),
};
static const struct member latency[] = {
    {"kind", take_text, AT(latency.kind), NULL},
    {"n", take_count, AT(latency.n), NULL},
    NUMBER("max_s", latency.max_s),
    NUMBER("p50_s", latency.p50_s),
    NUMBER("p90_s", latency.p90_s),
    NUMBER("p99_s", latency.p99_s),
    NUMBER("late_max_s", latency.late_max_s),
    NUMBER("late_mean_s", latency.late_mean_s),
    {"hist", take_histogram, AT(latency.histogram), NULL},
};
static const struct member delta[] = {
    NUMBER("steal_s", steal_s),
    NUMBER("throttled_s", throttled_s),
    NUMBER("foreign_s", foreign_s),
    NUMBER("io_stalled_s", io_stalled_s),
    NUMBER("thermal_events", thermal_events),
    NUMBER("frequency_hz", frequency_hz),
};
static const struct member members[] = {
    {"case", take_case, AT(case_index), NULL},
    {"block", take_size, AT(block), NULL},
    {"position", take_size, AT(position), NULL},
    {"iteration", take_size, AT(iteration), NULL},
    {"warmup", take_bool, AT(warmup), NULL},
    NUMBER("started_s", started_s),
    NUMBER("elapsed_s", elapsed_s),
    {"tasks", take_size, AT(tasks), NULL},
    NUMBER("submit_s", submit_s),
    NUMBER("pool_create_s", pool_create_s),
    NUMBER("pool_destroy_s", pool_destroy_s),
    INSIDE("cpu", cpu),
    INSIDE("ctx", ctx),
    INSIDE("faults", faults),
    NUMBER("peak_rss_bytes", peak_rss_bytes),
    INSIDE("disk", disk),
    INSIDE("latency", latency),
    INSIDE("delta", delta),
    {"verified", take_bool, AT(verified), NULL},
    {"excluded_by", take_text, AT(excluded_by), NULL},
    {"reason", take_text, AT(reason), NULL},
};
#define CASE_SEEN 1U /* the first of the members */
static const struct table sample_members = {members, COUNT(members)};

/* A sample of which nothing is known. */
static void forget_all(struct record_sample *sample, const struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct member *member = &table->members[i];
        if (member->take == take_number)
            *(double *)((char *)sample + member->offset) = NAN;
        else if (member->inside != NULL)
            forget_all(sample, member->inside);
    }
}

bool record_parse_plain_sample(struct record_parser *parser, const char *text,
                               size_t *at)
{
    struct record_sample sample = {0};
    struct reading reading = {{text, *at}, parser, &sample};
    struct record_sample *added = NULL;
    unsigned seen = 0;

    forget_all(&sample, &sample_members);
    if (take_members(&reading, &sample_members, &seen) &&
        (seen & CASE_SEEN) != 0)
        added = record_add_sample(parser->record);
    if (added == NULL) {
        record_finish_sample(&sample);
        return false;
    }
    *added = sample;
    *at = reading.json.at;
    return true;
}
