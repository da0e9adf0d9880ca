/* SPDX-License-Identifier: MIT */
/*
 * A run that is resumed may be killed again. Then two files have parts of it:
 *
 *      out.json    what it was resumed from
 *      out.jsonl   that, and every sample since
 *
 * so that the same command goes on from the second.
 */
#include "resume.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "journal.h"
#include "say.h"

/* Halves that two machines have measured do not make one whole. */
static void warn_of_other_host(const struct facts *env)
{
    const char *host = facts_text(env, "host", "");
    struct utsname name;

    if (host[0] != '\0' && uname(&name) == 0 &&
        strcmp(host, name.nodename) != 0)
        say_warning("--resume: the record is of host %.60s, this is %.60s",
                    host, name.nodename);
}

/* Its counts have as many samples as were needed, of tasks of their own: a plan
 * of so many blocks is none of its, and its answer would stand beside others'. */
static bool is_advice(const struct record *record)
{
    return strcmp(facts_text_at(record->run, "argv", 1, ""), "recommend") == 0;
}

struct record *resume_read(const char *path)
{
    struct record_error error;
    struct record *record = record_read(path, &error);

    if (record == NULL) {
        say_trouble("--resume: %s", error.text);
    } else if (is_advice(record)) {
        say_trouble("--resume: %.300s: of a recommend, which decides by what "
                    "it finds: ask it again",
                    path);
        record_destroy(record);
        return NULL;
    } else {
        warn_of_other_host(record->env);
    }
    return record;
}

static bool is_journal_of(const char *path, const char *output)
{
    char *journal = journal_path_for(output);
    bool is_its = journal != NULL && strcmp(journal, path) == 0;

    free(journal);
    return is_its;
}

/* The name that the run was given, in the journal's folder; what a file says is
 * believed where it fits the journal's own name. NULL: it does not. */
static char *noted_output(const struct record *record, const char *path)
{
    const char *name = facts_text(record->run, "output", "");
    const char *slash = strrchr(path, '/');
    int folder = slash == NULL ? 0 : (int)(slash - path + 1);
    char *output;

    if (name[0] == '\0' || strchr(name, '/') != NULL ||
        asprintf(&output, "%.*s%s", folder, path, name) < 0)
        return NULL;
    if (is_journal_of(path, output))
        return output;
    free(output);
    return NULL;
}

char *resume_output(const struct record *record, const char *path)
{
    char *output = record->from_journal ? noted_output(record, path) : NULL;
    size_t length = strlen(path);

    if (output != NULL)
        return output;
    if (record->from_journal && length > 6 &&
        strcmp(path + length - 6, ".jsonl") == 0)
        length--;
    return strndup(path, length);
}

bool resume_note_output(struct facts *run, const char *output)
{
    const char *slash = strrchr(output, '/');

    return facts_set_text(run, "output", slash != NULL ? slash + 1 : output);
}

static bool is_same_run(const struct record *a, const struct record *b)
{
    const char *id = facts_text(a->run, "id", "");

    return id[0] != '\0' && strcmp(id, facts_text(b->run, "id", "")) == 0;
}

/* A journal has no traces: those of the document stay. */
static void take_place(struct record **record, struct record *later)
{
    later->traces = (*record)->traces;
    later->trace_count = (*record)->trace_count;
    (*record)->traces = NULL;
    (*record)->trace_count = 0;
    record_destroy(*record);
    *record = later;
}

bool resume_catch_up(struct record **record, const char *journal)
{
    struct record_error error;
    struct record *later;

    if (access(journal, F_OK) != 0)
        return true;
    later = record_read(journal, &error);
    if (later == NULL) {
        say_trouble("--resume: %s", error.text);
        return false;
    }
    if (!is_same_run(*record, later)) {
        say_trouble("%.300s: is in the way: the journal of another run (resume "
                    "that first, or remove it)",
                    journal);
        record_destroy(later);
        return false;
    }
    if (later->sample_count <= (*record)->sample_count) {
        record_destroy(later);
        return true;
    }
    say_warning("%.300s: has %zu samples more, of a resume that was killed: "
                "the run goes on from there",
                journal, later->sample_count - (*record)->sample_count);
    take_place(record, later);
    return true;
}

/* The same, where it is one that a run could have taken; else 0. */
static double credible(double time_s)
{
    const double year_s = 366 * 86400.0;

    return time_s >= 0 && time_s <= year_s ? time_s : 0;
}

double resume_elapsed_s(const struct record *record)
{
    double last_s = credible(facts_number(record->run, "duration_s", 0));

    for (size_t i = 0; i < record->sample_count; i++) {
        const struct record_sample *sample = &record->samples[i];

        last_s = fmax(last_s, credible(sample->started_s + sample->elapsed_s));
    }
    return last_s;
}
