/* SPDX-License-Identifier: MIT */
/*
 * The end of the page, for those who doubt: how it was measured, on what, and
 * what to type to see it again.
 */
#include "report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "summarize.h"
#include "text.h"

static const char sample[] =
    "<p>Every sample is one batch of tasks in a fresh process: from the moment "
    "all workers stand ready to the moment its last result is consumed; "
    "creating and destroying the workers is outside. Results are verified; a "
    "wrong one has no time.</p>\n";

static const struct order {
    const char *name; /* in the record */
    const char *words;
} orders[] = {
    {"williams", "in the order of a Williams square, so that slow drift meets "
                 "all of them alike"},
    {"sequential", "in the order of the list, so that drift within a block "
                   "falls on the later ones"},
    {"random", "in a random order, so that slow drift meets all of them "
               "alike"},
};

static const char statistics[] =
    "Estimates are geometric means "
    "over blocks; brackets are t intervals on logarithms at %.0f %%%s, from 20 "
    "blocks on those of the bootstrap over blocks. Speed-ups pair the two "
    "cases block by block. The best case is compared with the best of each "
    "other backend as one family; a difference below 2 %% counts as none. A "
    "sample is set aside only for what the machine did meanwhile, by causes "
    "named beforehand.</p>\n"
    "<p>The serial loop runs the same tasks without an executor. Latency is "
    "service time: from a task's start to its end in its worker; where tasks "
    "came at a rate of their own it is response time, from the moment that a "
    "task was to start.</p>\n";

/* Nothing above is known of it, and most is not so. */
static const char foreign[] =
    "<p>Another tool measured, one case after the other: how it took a time, "
    "and whether it looked at results, is not in its file. Estimates are "
    "geometric means over its values; brackets are t intervals on logarithms "
    "at 95 %, from 20 values on those of the bootstrap over values. Nothing is "
    "compared in pairs: the two sides of a speed-up are taken as independent "
    "(Welch's interval), and what drifted between them is in no "
    "interval.</p>\n";

static void put_method(struct page *page)
{
    const char *name = facts_text(page->record->run, "order", "random");
    size_t last = sizeof orders / sizeof orders[0] - 1, i = 0;

    if (record_is_foreign(page->record)) {
        fputs(foreign, page->out);
        return;
    }
    while (i < last && strcmp(orders[i].name, name) != 0)
        i++;
    double level = summarize_level(page->record);
    fprintf(page->out,
            "%s<p>The cases run in blocks, each block all cases once %s. ",
            sample, orders[i].words);
    fprintf(page->out, statistics, 100 * level,
            level > 0.95
                ? ", which covers 95 % where a run ends once it knows enough"
                : "");
}

static void put_fact(struct page *page, const char *term, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    fprintf(page->out, "<dt>%s</dt><dd>", term);
    report_text(page, value);
    fputs("</dd>\n", page->out);
}

/* Writes a number with its unit as a fact; nothing where it is unknown. */
static void put_number(struct page *page, const char *term, double number,
                       const char *unit)
{
    char text[64];

    if (!isfinite(number))
        return;
    snprintf(text, sizeof text, "%.4g%s", number, unit);
    put_fact(page, term, text);
}

static void put_machine(struct page *page)
{
    const struct facts *env = page->record->env;

    put_fact(page, "Host", facts_text(env, "host", NULL));
    put_fact(page, "System", facts_text(env, "os", NULL));
    put_fact(page, "Kernel", facts_text(env, "kernel", NULL));
    put_fact(page, "Virtualisation", facts_text(env, "virt", NULL));
    put_fact(page, "CPU", facts_text(env, "cpu.model", NULL));
    put_number(page, "Cores", facts_number(env, "cpu.cores", NAN), "");
    put_number(page, "Hardware threads", facts_number(env, "cpu.threads", NAN),
               "");
    put_number(page, "Usable CPUs", facts_number(env, "cpu.usable", NAN), "");
    put_fact(page, "Limited by", facts_text(env, "cpu.usable_why", NULL));
    put_number(page, "CPU quota", facts_number(env, "cpu.quota_cpus", NAN),
               " CPUs");
    put_fact(page, "Governor", facts_text(env, "cpu.governor", NULL));
    put_number(page, "Memory",
               facts_number(env, "mem.total_bytes", NAN) / (1 << 30), " GiB");
    put_fact(page, "Clock", facts_text(env, "clock.source", NULL));
    put_number(page, "Load at start", facts_number(env, "load1", NAN), "");
}

/* Quotes a word for a POSIX shell where it must be. */
static void put_word(FILE *out, const char *word)
{
    size_t plain = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST"
                                "UVWXYZ0123456789_-+=.,:/@%");

    if (word[0] != '\0' && word[plain] == '\0') {
        fputs(word, out);
        return;
    }
    putc('\'', out);
    for (; *word != '\0'; word++)
        if (*word == '\'')
            fputs("'\\''", out);
        else
            putc(*word, out);
    putc('\'', out);
}

/* Does a command line begin with the program, or with its command? */
static bool names_program(const char *word)
{
    const char *slash = strrchr(word, '/');

    return strcmp(slash != NULL ? slash + 1 : word, "cfbench") == 0;
}

char *report_repeat(const struct record *record)
{
    const struct facts *run = record->run;
    size_t count = facts_count(run, "argv"), bytes = 0;
    char *command = NULL;
    FILE *out = open_memstream(&command, &bytes);

    if (out == NULL)
        return NULL;
    if (count > 0 && !names_program(facts_text_at(run, "argv", 0, "")))
        fputs("cfbench ", out);
    for (size_t i = 0; i < count; i++) {
        fputs(i > 0 ? " " : "", out);
        put_word(out, facts_text_at(run, "argv", i, "?"));
    }
    if (fclose(out) == 0)
        return command;
    free(command);
    return NULL;
}

static void put_command(struct page *page)
{
    char *command = report_repeat(page->record);

    if (command != NULL && command[0] != '\0') {
        fputs("<pre><code>", page->out);
        text_to_html(page->out, command, REPORT_COMMAND_MAX);
        fputs("</code></pre>\n", page->out);
    } else {
        fputs("<p>The record does not have its command.</p>\n", page->out);
    }
    free(command);
}

/* May the record travel inside? A page is to stay below 2 MB. */
static bool has_room(struct page *page)
{
    enum { PAGE_BYTES = 1990000 };
    long written = ftell(page->out);

    return page->source->content != NULL && written >= 0 &&
           (size_t)written + page->source->bytes < PAGE_BYTES;
}

/* The record itself, where there is room; else what to know it by. */
static void put_source(struct page *page)
{
    const struct report_source *source = page->source;

    fputs("<h3>Raw data</h3>\n<p>", page->out);
    if (has_room(page)) {
        fputs("<a download=\"", page->out);
        report_name(page, source->name);
        fputs("\" href='", page->out);
        report_source_address(page->out, source);
        fputs("'>", page->out);
        report_name(page, source->name);
        fputs("</a>: the record inside this page, every sample in it, ",
              page->out);
    } else {
        report_name(page, source->name);
        fputs(": the record, too large to travel inside this page, ",
              page->out);
    }
    fprintf(page->out, "%zu bytes, SHA-256 <code>%s</code>.</p>\n",
            source->bytes, source->sha256);
}

static void put_repeat(struct page *page)
{
    const struct facts *run = page->record->run;
    const struct facts *tool = page->record->tool;
    bool dirty = facts_bool(tool, "dirty", false);

    fputs("<h3>How to repeat</h3>\n", page->out);
    put_command(page);
    fputs("<dl>\n", page->out);
    put_fact(page, "Seed", facts_text(run, "seed", NULL));
    put_fact(page, "Order of cases", facts_text(run, "order", NULL));
    put_number(page, "Blocks", facts_number(run, "blocks", NAN), "");
    put_fact(page, "Stopped by", facts_text(run, "stop_reason", NULL));
    put_fact(page, "cfbench", facts_text(tool, "version", NULL));
    put_fact(page, "Commit", facts_text(tool, "commit", NULL));
    if (dirty)
        put_fact(page, "Tree", "changed since that commit");
    put_fact(page, "Compiler", facts_text(tool, "build.cc", NULL));
    put_fact(page, "Flags", facts_text(tool, "build.cflags", NULL));
    fputs("</dl>\n", page->out);
}

void report_method(struct page *page)
{
    fprintf(page->out, "<section id=\"r%zu-method\" aria-label=\"Method",
            page->ordinal);
    report_landmark(page);
    fputs("\">\n<h2>Method, machine, how to repeat</h2>\n", page->out);
    fputs("<h3>Method</h3>\n", page->out);
    put_method(page);
    fputs("<h3>Machine</h3>\n<dl>\n", page->out);
    put_machine(page);
    fputs("</dl>\n", page->out);
    put_repeat(page);
    put_source(page);
    fputs("</section>\n", page->out);
}
