/* SPDX-License-Identifier: MIT */
/*
 * Chrome's trace events as JSON, which ui.perfetto.dev and chrome://tracing
 * open: a process for each case, a thread for each worker, a slice for each
 * task, and a counter of the tasks that wait for a worker. Their unit is the
 * microsecond. The batches are laid side by side, all from 0, so that cases
 * can be compared.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "export.h"

static void open_event(struct json_writer *writer, const char *phase,
                       const char *name, size_t process)
{
    json_break(writer);
    json_open(writer, NULL, '{');
    json_text(writer, "ph", phase);
    json_text(writer, "name", name);
    json_number(writer, "pid", (double)process);
}

/* What a process or a thread is called. */
static void write_name(struct json_writer *writer, const char *what,
                       size_t process, size_t thread, const char *name)
{
    open_event(writer, "M", what, process);
    json_number(writer, "tid", (double)thread);
    json_open(writer, "args", '{');
    json_text(writer, "name", name);
    json_close(writer, '}');
    json_close(writer, '}');
}

static void write_task(struct json_writer *writer, size_t process, size_t task,
                       const struct record_span *span)
{
    char name[32];

    snprintf(name, sizeof name, "task %zu", task + 1);
    open_event(writer, "X", name, process);
    json_number(writer, "tid", (double)span->worker + 1);
    json_number(writer, "ts", span->started_s * 1e6);
    json_number(writer, "dur", (span->finished_s - span->started_s) * 1e6);
    json_open(writer, "args", '{');
    json_number(writer, "waited_us",
                (span->started_s - span->submitted_s) * 1e6);
    json_close(writer, '}');
    json_close(writer, '}');
}

struct change {
    double at_s;
    int by;
};

static int by_time(const void *left, const void *right)
{
    const struct change *a = left, *b = right;

    if (a->at_s != b->at_s)
        return a->at_s < b->at_s ? -1 : 1;
    return b->by - a->by; /* first in, then out */
}

static void write_queue(struct json_writer *writer, size_t process,
                        const struct record_trace *trace)
{
    struct change *changes = calloc(2 * trace->span_count + 1, sizeof *changes);
    size_t count = 0;
    double depth = 0;

    for (size_t i = 0; changes != NULL && i < trace->span_count; i++) {
        const struct record_span *span = &trace->spans[i];
        changes[count++] = (struct change){span->submitted_s, 1};
        changes[count++] = (struct change){span->started_s, -1};
    }
    if (changes == NULL)
        writer->error = ENOMEM;
    if (count > 0)
        qsort(changes, count, sizeof *changes, by_time);
    for (size_t i = 0; i < count; i++) {
        depth += changes[i].by;
        open_event(writer, "C", "tasks that wait", process);
        json_number(writer, "ts", changes[i].at_s * 1e6);
        json_open(writer, "args", '{');
        json_number(writer, "tasks", depth);
        json_close(writer, '}');
        json_close(writer, '}');
    }
    free(changes);
}

static void write_trace(struct json_writer *writer, const struct record *record,
                        const struct record_trace *trace)
{
    const struct record_case *one = &record->cases[trace->case_index];
    size_t process = trace->case_index + 1;
    char *name = export_name(writer, one);
    char worker[32];

    write_name(writer, "process_name", process, 0, name);
    free(name);
    for (size_t i = 0; i < one->workers && i < trace->span_count; i++) {
        snprintf(worker, sizeof worker, "worker %zu", i + 1);
        write_name(writer, "thread_name", process, i + 1, worker);
    }
    for (size_t i = 0; i < trace->span_count; i++)
        write_task(writer, process, i, &trace->spans[i]);
    write_queue(writer, process, trace);
}

bool export_trace(FILE *out, const struct record *record)
{
    struct json_writer writer;

    json_init(&writer, -1);
    json_open(&writer, NULL, '{');
    json_text(&writer, "displayTimeUnit", "ms");
    json_open(&writer, "traceEvents", '[');
    for (size_t i = 0; i < record->trace_count; i++)
        write_trace(&writer, record, &record->traces[i]);
    json_close(&writer, ']');
    json_close(&writer, '}');
    return export_json(out, &writer);
}
