/* SPDX-License-Identifier: MIT */
/*
 * The Go benchmark format, for benchstat: lines "key: value" that describe all
 * that follows, then one line for each sample,
 *
 *      BenchmarkSumSquares/backend=thread/workers=8-32 1 203100000 ns/op 9850 tasks/s
 *
 * where an operation is a whole batch and the number behind the last dash is
 * that of hardware threads. Names have no blanks, and begin with a capital: one
 * that is no such word is a part of its own, "Workload/workload=xz%20-1%20-k".
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "export.h"
#include "utf8.h"

#define WHOLE_FROM_NS 1e5 /* below it, whole nanoseconds would cost digits */

/* A value runs to the end of its line. */
static void write_key(FILE *out, const char *key, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    fprintf(out, "%s: ", key);
    for (size_t left = strlen(value); left > 0;) {
        struct utf8_char c = utf8_take(value, left);
        if (c.is_plain)
            fwrite(value, 1, c.bytes, out);
        else
            fputc(' ', out);
        value += c.bytes;
        left -= c.bytes;
    }
    fputc('\n', out);
}

static bool is_small(char c)
{
    return c >= 'a' && c <= 'z';
}

/* Small words between underscores, such as sum_squares: capitals in place of
 * the underscores tell such names apart, and no others. */
static bool has_words_alone(const char *id)
{
    char before = '_';

    for (; *id != '\0'; before = *id++) {
        bool may_go_on = isdigit((unsigned char)*id) || *id == '_';
        if (!is_small(*id) && (before == '_' || !may_go_on))
            return false;
    }
    return before != '_';
}

/* Any text, told apart from any other, with what may not stand there (blanks,
 * the slash between parts) as it is in an address: %20. */
static void write_value(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        fprintf(out, isgraph(c) && c != '/' && c != '%' ? "%c" : "%%%02X", c);
    }
}

static void write_workload(FILE *out, const char *id)
{
    bool begins_word = true;

    if (!has_words_alone(id)) {
        fputs("Workload/workload=", out);
        write_value(out, id);
        return;
    }
    for (; *id != '\0'; id++) {
        if (*id != '_')
            fputc(begins_word ? toupper((unsigned char)*id) : *id, out);
        begins_word = *id == '_';
    }
}

static void write_sample(FILE *out, const struct record *record,
                         const struct record_sample *sample)
{
    const struct record_case *one = &record->cases[sample->case_index];
    double threads = facts_number(record->env, "cpu.threads", NAN);
    double ns = 1e9 * sample->elapsed_s;

    fputs("Benchmark", out);
    write_workload(out, one->workload);
    fputs("/backend=", out);
    write_value(out, one->backend);
    fprintf(out, "/workers=%zu", one->workers);
    if (threads >= 2) /* Go leaves out 1 */
        fprintf(out, "-%.0f", threads);
    fprintf(out, ns < WHOLE_FROM_NS ? " 1 %.6g ns/op" : " 1 %.0f ns/op", ns);
    fprintf(out, " %.6g tasks/s\n", (double)sample->tasks / sample->elapsed_s);
}

bool export_benchfmt(FILE *out, const struct record *record)
{
    struct all_blocks all;

    write_key(out, "goos", "linux");
    write_key(out, "pkg", "cfbench");
    write_key(out, "cpu", facts_text(record->env, "cpu.model", NULL));
    write_key(out, "commit", facts_text(record->tool, "commit", NULL));
    write_key(out, "run", facts_text(record->run, "name", NULL));
    if (!blocks_collect(record, &all))
        return false;
    for (size_t i = 0; i < record->case_count; i++) {
        for (size_t k = 0; k < all.cases[i].sample_count; k++)
            write_sample(out, record,
                         &record->samples[all.cases[i].samples[k]]);
    }
    blocks_finish(&all);
    return true;
}
