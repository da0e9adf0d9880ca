/* SPDX-License-Identifier: MIT */
/*
 * A case is the same work where its workload, with its parameters, its backend,
 * its workers and its own parameters are. Both records' workloads are indexed
 * first: a record may have tens of thousands.
 */
#include "compare_match.h"

#include <stdlib.h>
#include <string.h>

#include "id_index.h"

static const char *parameter_value(const struct record_parameter *list,
                                   size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0)
            return list[i].value;
    return NULL;
}

/* The first of `a` that is another in `b`. */
static bool find_other(const struct record_parameter *a, size_t a_count,
                       const struct record_parameter *b, size_t b_count,
                       struct record_difference *difference)
{
    for (size_t i = 0; i < a_count; i++) {
        const char *value = parameter_value(b, b_count, a[i].name);

        if (value != NULL && strcmp(value, a[i].value) == 0)
            continue;
        difference->name = a[i].name;
        difference->old_value = a[i].value;
        difference->new_value = value;
        return true;
    }
    return false;
}

static bool find_difference(const struct record_parameter *a, size_t a_count,
                            const struct record_parameter *b, size_t b_count,
                            struct record_difference *difference)
{
    const char *added;

    if (find_other(a, a_count, b, b_count, difference))
        return true;
    if (!find_other(b, b_count, a, a_count, difference))
        return false;
    added = difference->old_value;
    difference->old_value = difference->new_value;
    difference->new_value = added;
    return true;
}

/* --- what is where --- */

/*
 * Where a record's workloads are, and which cases each has: `first` has the
 * first case of each workload, `next` the one that follows each case, so that
 * what is looked for among thousands of workloads is not compared with all.
 */
struct places {
    const struct record *record;
    struct id_index workloads;
    size_t *first;
    size_t *next;
};

static void places_finish(struct places *places)
{
    id_index_finish(&places->workloads);
    free(places->first);
    free(places->next);
}

static size_t workload_at(const struct places *places, const char *id)
{
    return id_index_find(&places->workloads, id);
}

/* Of two workloads with one id the first is meant, as everywhere. */
static bool index_workloads(struct places *places)
{
    const struct record *record = places->record;

    for (size_t i = 0; i < record->workload_count; i++) {
        const char *id = record->workloads[i].id;

        places->first[i] = NO_CASE;
        if (workload_at(places, id) == ID_UNKNOWN &&
            !id_index_add(&places->workloads, id, i))
            return false;
    }
    return true;
}

/* From the last case to the first: so each list is in the record's order. */
static void chain_cases(struct places *places)
{
    for (size_t i = places->record->case_count; i-- > 0;) {
        size_t at = workload_at(places, places->record->cases[i].workload);

        if (at == ID_UNKNOWN)
            continue;
        places->next[i] = places->first[at];
        places->first[at] = i;
    }
}

static bool places_find(struct places *places, const struct record *record)
{
    *places = (struct places){.record = record};
    places->first = calloc(record->workload_count + 1, sizeof *places->first);
    places->next = calloc(record->case_count + 1, sizeof *places->next);
    if (places->first == NULL || places->next == NULL ||
        !index_workloads(places)) {
        places_finish(places);
        return false;
    }
    chain_cases(places);
    return true;
}

/* --- the same work --- */

/* The case of `after` that is the same work; NO_CASE: there is none, and in
 * `difference` stands why, where it is a parameter: of the case or of its
 * workload. */
static size_t match(const struct places *before, size_t index,
                    const struct places *after,
                    struct record_difference *difference)
{
    const struct record_case *one = &before->record->cases[index];
    size_t a_at = workload_at(before, one->workload);
    size_t b_at = workload_at(after, one->workload);
    const struct record_workload *a, *b;

    *difference = (struct record_difference){.workload = one->workload};
    if (a_at == ID_UNKNOWN || b_at == ID_UNKNOWN)
        return NO_CASE;
    a = &before->record->workloads[a_at];
    b = &after->record->workloads[b_at];
    for (size_t i = after->first[b_at]; i != NO_CASE; i = after->next[i]) {
        const struct record_case *other = &after->record->cases[i];

        if (other->status == CASE_MEASURED && other->workers == one->workers &&
            strcmp(other->backend, one->backend) == 0 &&
            !find_difference(a->parameters, a->parameter_count, b->parameters,
                             b->parameter_count, difference) &&
            !find_difference(one->parameters, one->parameter_count,
                             other->parameters, other->parameter_count,
                             difference))
            return i;
    }
    return NO_CASE;
}

static bool is_one_run(const struct record *before, const struct record *after)
{
    const char *id = facts_text(before->run, "id", "");

    return id[0] != '\0' && strcmp(id, facts_text(after->run, "id", "")) == 0;
}

static void match_all(const struct places *before, const struct places *after,
                      struct record_matches *matches)
{
    const struct record *record = before->record;
    bool is_paired = is_one_run(record, after->record);

    for (size_t i = 0; i < record->case_count; i++) {
        struct record_difference difference;
        size_t other;

        if (record->cases[i].status != CASE_MEASURED)
            continue;
        other = match(before, i, after, &difference);
        if (other == NO_CASE) {
            matches->unmatched++;
            if (matches->difference.name == NULL)
                matches->difference = difference;
            continue;
        }
        matches->list[matches->count++] = (struct record_match){
            .old_case = i, .new_case = other, .is_paired = is_paired};
    }
}

bool compare_match(const struct record *before, const struct record *after,
                   struct record_matches *matches)
{
    struct places old_places, new_places;

    matches->list = calloc(before->case_count + 1, sizeof *matches->list);
    if (matches->list == NULL || !places_find(&old_places, before))
        return false;
    if (!places_find(&new_places, after)) {
        places_finish(&old_places);
        return false;
    }
    match_all(&old_places, &new_places, matches);
    places_finish(&old_places);
    places_finish(&new_places);
    return true;
}
