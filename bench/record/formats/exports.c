/* SPDX-License-Identifier: MIT */
/* The list of formats that can be written, and writing one into a file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "c_locale.h"
#include "export.h"
#include "fail.h"
#include "file.h"

const struct export_format export_formats[] = {
    {"hyperfine", "results[] of hyperfine --export-json", export_hyperfine},
    {"pyperf", "JSON 1.0, a run for each sample", export_pyperf},
    {"gbench", "Google Benchmark JSON, a repetition for each sample",
     export_google_benchmark},
    {"bmf", "Bencher Metric Format: latency in ns, throughput, bounds",
     export_bencher},
    {"github-action", "customSmallerIsBetter: seconds of a batch",
     export_github_smaller},
    {"github-action-bigger", "customBiggerIsBetter: tasks/s",
     export_github_bigger},
    {"benchfmt", "Go benchmark lines, for benchstat", export_benchfmt},
    {"csv", "a row for each sample", export_csv},
    {"md", "a Markdown table, a row for each case", export_markdown},
    {"trace", "Chrome trace events, for ui.perfetto.dev (run --trace)",
     export_trace},
    {NULL, NULL, NULL},
};

const struct export_format *export_format_find(const char *name)
{
    for (const struct export_format *one = export_formats; one->name; one++) {
        if (strcmp(one->name, name) == 0)
            return one;
    }
    return NULL;
}

static bool write_file(const char *path, const char *text, size_t length,
                       struct record_error *error)
{
    struct file_replacement replacement;
    int why;

    if (!file_replace_begin(&replacement, path, error))
        return false;
    if (file_write(replacement.fd, text, length))
        return file_replace_commit(&replacement, false, error);
    why = errno;
    file_replace_abandon(&replacement);
    return fail(error, path, "cannot be written: %s", strerror(why));
}

bool formats_export(const struct record *record,
                    const struct export_format *format, const char *path,
                    struct record_error *error)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out;
    locale_t before;
    bool is_written;

    if (format->write == export_trace && record->trace_count == 0)
        return fail(error, format->name,
                    "this record has none; cfbench run --trace keeps them");
    out = open_memstream(&text, &length);
    is_written = out != NULL;
    if (is_written) {
        before = c_locale_enter();
        is_written = format->write(out, record);
        c_locale_leave(before);
        is_written = !ferror(out) && is_written;
        is_written = fclose(out) == 0 && is_written;
    }
    if (!is_written)
        fail(error, path != NULL ? path : "stdout", "out of memory");
    else if (path != NULL)
        is_written = write_file(path, text, length, error);
    else if (!file_write(STDOUT_FILENO, text, length) && errno != EPIPE)
        is_written =
            fail(error, "stdout", "cannot be written: %s", strerror(errno));
    free(text);
    return is_written;
}
