/* SPDX-License-Identifier: MIT */
/*
 * Everything is sorted once onto shelves, one for each section, by counting:
 *
 *     workload -> section        by name, or by that of its grain
 *     case     -> section        by its workload
 *     sample, summary, ...       by its case
 *
 * A part is then a copy of what lies on its section's shelves, a level deep,
 * with the numbers of cases counted anew.
 */
#include "part.h"

#include <stdlib.h>
#include <string.h>

#include "exclusion.h"
#include "id_index.h"

enum { FEW_WORKLOADS = 16 };

/* What lies on which shelf: order[start[i] .. start[i + 1]] on the i-th. */
struct shelves {
    size_t *order;
    size_t *start;
};

enum kind { CASES, SAMPLES, SUMMARIES, COMPARISONS, TRACES, MODELS, ADVICE };
enum { KINDS = ADVICE + 1 };

struct record_parts {
    const struct record *whole;
    bool is_whole;      /* parts are not worth it, or not possible */
    size_t *section_of; /* by workload: the first workload of its section */
    size_t *case_section;
    size_t *case_place; /* by case: its number in its part */
    struct id_index ids;
    double median_hz;
    struct shelves shelves[KINDS];
    struct record part;
};

#define NOWHERE SIZE_MAX

/* --- which section --- */

static size_t section_by_name(const struct record_parts *parts,
                              const char *workload)
{
    size_t index =
        workload == NULL ? ID_UNKNOWN : id_index_find(&parts->ids, workload);

    return index == ID_UNKNOWN ? NOWHERE : parts->section_of[index];
}

static size_t count_of(const struct record *record, enum kind kind)
{
    const size_t counts[KINDS] = {
        record->case_count,          record->sample_count,
        record->summary_count,       record->comparison_count,
        record->trace_count,         record->model_count,
        record->recommendation_count};

    return counts[kind];
}

static size_t section_of(const struct record_parts *parts, enum kind kind,
                         size_t i)
{
    const struct record *whole = parts->whole;

    switch (kind) {
    case CASES:
        return parts->case_section[i];
    case SAMPLES:
        return parts->case_section[whole->samples[i].case_index];
    case SUMMARIES:
        return parts->case_section[whole->summaries[i].case_index];
    case COMPARISONS:
        return parts->case_section[whole->comparisons[i].a];
    case TRACES:
        return parts->case_section[whole->traces[i].case_index];
    case MODELS:
        return section_by_name(parts, whole->models[i].workload);
    case ADVICE:
        return section_by_name(parts, whole->recommendations[i].workload);
    }
    return NOWHERE;
}

/* Does anything of one section speak of a case of another? */
static bool has_bridge(const struct record_parts *parts)
{
    const struct record *whole = parts->whole;
    const size_t *of = parts->case_section;

    for (size_t i = 0; i < whole->comparison_count; i++)
        if (of[whole->comparisons[i].a] != of[whole->comparisons[i].b])
            return true;
    for (size_t i = 0; i < whole->summary_count; i++)
        if (whole->summaries[i].base != NO_CASE &&
            of[whole->summaries[i].base] != of[whole->summaries[i].case_index])
            return true;
    return false;
}

/* False without memory. */
static bool name_sections(struct record_parts *parts)
{
    const struct record *whole = parts->whole;
    struct id_index grains = {0};
    bool good = true;

    for (size_t i = 0; i < whole->workload_count && good; i++) {
        const char *id = whole->workloads[i].id;
        const char *of = whole->workloads[i].grain.of;
        size_t first = of == NULL ? i : id_index_find(&grains, of);

        if (first == ID_UNKNOWN) {
            first = i;
            good = id_index_add(&grains, of, i);
        }
        parts->section_of[i] = first;
        if (id_index_find(&parts->ids, id) == ID_UNKNOWN)
            good = good && id_index_add(&parts->ids, id, i);
    }
    id_index_finish(&grains);
    for (size_t i = 0; i < whole->case_count; i++)
        parts->case_section[i] =
            section_by_name(parts, whole->cases[i].workload);
    return good;
}

/* --- the shelves --- */

static bool shelve(struct record_parts *parts, enum kind kind)
{
    struct shelves *shelves = &parts->shelves[kind];
    size_t sections = parts->whole->workload_count;
    size_t count = count_of(parts->whole, kind);

    /* start[i + 2] counts, start[i + 1] is then the first of the i-th, and the
     * last when it is filled */
    shelves->order = calloc(count + 1, sizeof *shelves->order);
    shelves->start = calloc(sections + 3, sizeof *shelves->start);
    if (shelves->order == NULL || shelves->start == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t section = section_of(parts, kind, i);
        if (section != NOWHERE)
            shelves->start[section + 2]++;
    }
    for (size_t i = 2; i <= sections + 1; i++)
        shelves->start[i] += shelves->start[i - 1];
    for (size_t i = 0; i < count; i++) {
        size_t section = section_of(parts, kind, i);
        if (section != NOWHERE)
            shelves->order[shelves->start[section + 1]++] = i;
    }
    return true;
}

static bool prepare(struct record_parts *parts)
{
    const struct record *whole = parts->whole;

    parts->section_of = calloc(whole->workload_count, sizeof(size_t));
    parts->case_section = calloc(whole->case_count + 1, sizeof(size_t));
    parts->case_place = calloc(whole->case_count + 1, sizeof(size_t));
    if (parts->section_of == NULL || parts->case_section == NULL ||
        parts->case_place == NULL || !name_sections(parts))
        return false;
    parts->is_whole = has_bridge(parts);
    parts->median_hz = exclusion_median_hz(whole);
    for (enum kind kind = CASES; kind <= ADVICE; kind++)
        if (!parts->is_whole && !shelve(parts, kind))
            return false;
    return true;
}

struct record_parts *record_parts_create(const struct record *whole)
{
    struct record_parts *parts = calloc(1, sizeof *parts);

    if (parts == NULL)
        return NULL;
    parts->whole = whole;
    parts->is_whole = whole->workload_count <= FEW_WORKLOADS;
    if (parts->is_whole || prepare(parts))
        return parts;
    record_parts_destroy(parts);
    return NULL;
}

/* --- a part --- */

/* Only the lists themselves are its own. */
static void clear(struct record *part)
{
    free(part->cases);
    free(part->samples);
    free(part->summaries);
    free(part->comparisons);
    free(part->traces);
    free(part->models);
    free(part->recommendations);
    *part = (struct record){0};
}

void record_parts_destroy(struct record_parts *parts)
{
    if (parts == NULL)
        return;
    clear(&parts->part);
    for (enum kind kind = CASES; kind <= ADVICE; kind++) {
        free(parts->shelves[kind].order);
        free(parts->shelves[kind].start);
    }
    id_index_finish(&parts->ids);
    free(parts->section_of);
    free(parts->case_section);
    free(parts->case_place);
    free(parts);
}

/* Copies what lies on a shelf from `list`, whose elements have `bytes`; NULL
 * without memory. */
static void *take(const struct record_parts *parts, enum kind kind,
                  size_t section, const void *list, size_t bytes, size_t *count)
{
    const struct shelves *shelves = &parts->shelves[kind];
    size_t first = shelves->start[section];
    char *taken;

    *count = shelves->start[section + 1] - first;
    taken = calloc(*count + 1, bytes);
    for (size_t i = 0; taken != NULL && i < *count; i++)
        memcpy(taken + i * bytes,
               (const char *)list + shelves->order[first + i] * bytes, bytes);
    return taken;
}

static void renumber(const struct record_parts *parts, struct record *part)
{
    const size_t *place = parts->case_place;

    for (size_t i = 0; i < part->sample_count; i++)
        part->samples[i].case_index = place[part->samples[i].case_index];
    for (size_t i = 0; i < part->trace_count; i++)
        part->traces[i].case_index = place[part->traces[i].case_index];
    for (size_t i = 0; i < part->summary_count; i++) {
        struct record_summary *one = &part->summaries[i];
        one->case_index = place[one->case_index];
        one->base = one->base == NO_CASE ? NO_CASE : place[one->base];
    }
    for (size_t i = 0; i < part->comparison_count; i++) {
        part->comparisons[i].a = place[part->comparisons[i].a];
        part->comparisons[i].b = place[part->comparisons[i].b];
    }
}

#define TAKE(kind, list, count)                                                \
    (part->list = take(parts, kind, section, parts->whole->list,               \
                       sizeof *part->list, &part->count))

const struct record *record_part(struct record_parts *parts, size_t workload)
{
    struct record *part = &parts->part;
    size_t section;

    if (parts->is_whole)
        return parts->whole;
    section = parts->section_of[workload];
    clear(part);
    *part = (struct record){.tool = parts->whole->tool,
                            .run = parts->whole->run,
                            .env = parts->whole->env,
                            .workloads = parts->whole->workloads,
                            .workload_count = parts->whole->workload_count,
                            .median_hz = parts->median_hz,
                            .from_journal = parts->whole->from_journal};
    if (TAKE(CASES, cases, case_count) == NULL ||
        TAKE(SAMPLES, samples, sample_count) == NULL ||
        TAKE(SUMMARIES, summaries, summary_count) == NULL ||
        TAKE(COMPARISONS, comparisons, comparison_count) == NULL ||
        TAKE(TRACES, traces, trace_count) == NULL ||
        TAKE(MODELS, models, model_count) == NULL ||
        TAKE(ADVICE, recommendations, recommendation_count) == NULL)
        return NULL;
    for (size_t i = 0; i < part->case_count; i++)
        parts
            ->case_place[parts->shelves[CASES]
                             .order[parts->shelves[CASES].start[section] + i]] =
            i;
    renumber(parts, part);
    return part;
}
