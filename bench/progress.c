/* SPDX-License-Identifier: MIT */
/*
 * The time left is the sum, over what is still to be measured, of what the same
 * case took last time (or, for one not yet seen, of the mean so far): cases
 * differ by orders of magnitude, so counting samples would be far off. It is not
 * more than what is left of the budget. The interval shown is the one of the
 * case that runs, from its samples so far.
 */
#include "progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "number.h"
#include "precision.h"
#include "say.h"

enum {
    BAR_WIDTH = 16,
    LINE_MAX_COLUMNS = 80,
    BAR_MIN_COLUMNS = 40, /* in less there is no room for the bar */
    LABEL = 24
};

struct case_progress {
    size_t left;   /* samples to come */
    double last_s; /* 0: not yet seen */
    struct precision_so_far so_far;
};

struct progress {
    struct case_progress *cases;
    size_t case_count;
    size_t blocks;
    double budget_s; /* INFINITY: none */
    size_t done;
    size_t block_done; /* `done` when a block was last reported */
    double done_s;
    bool is_terminal;
};

static bool is_plain(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    return (no_color != NULL && no_color[0] != '\0') || term == NULL ||
           strcmp(term, "dumb") == 0 || !isatty(STDERR_FILENO);
}

struct progress *progress_create(size_t cases, size_t blocks, double budget_s)
{
    struct progress *progress = calloc(1, sizeof *progress);

    if (progress == NULL)
        return NULL;
    progress->cases = calloc(cases + 1, sizeof *progress->cases);
    if (progress->cases == NULL) {
        free(progress);
        return NULL;
    }
    progress->case_count = cases;
    progress->blocks = blocks;
    progress->budget_s = budget_s;
    progress->is_terminal = !is_plain();
    return progress;
}

void progress_destroy(struct progress *progress)
{
    if (progress == NULL)
        return;
    progress_clear(progress);
    free(progress->cases);
    free(progress);
}

void progress_expect(struct progress *progress, size_t case_index)
{
    if (progress != NULL)
        progress->cases[case_index].left++;
}

/* Seconds still to go; below 0 while nothing has been seen. */
static double seconds_left(const struct progress *progress)
{
    double left_s = 0;

    if (progress->done == 0)
        return -1;
    for (size_t i = 0; i < progress->case_count; i++) {
        const struct case_progress *one = &progress->cases[i];
        double each_s = one->last_s > 0
                            ? one->last_s
                            : progress->done_s / (double)progress->done;

        left_s += each_s * (double)one->left;
    }
    return fmin(left_s, fmax(progress->budget_s - progress->done_s, 0));
}

static const char *left_text(const struct progress *progress, char text[32])
{
    double left_s = seconds_left(progress);
    char duration[16];

    if (left_s < 0)
        return "";
    snprintf(text, 32, "%s left", number_format_duration(left_s, duration));
    return text;
}

/* "+-3.1%"; nothing where it is not known. */
static const char *half_text(double half, char text[16])
{
    if (isnan(half) || half >= 1)
        return "";
    snprintf(text, 16, "+-%.2g%%", 100 * half);
    return text;
}

/* The widest of all cases' intervals; NAN while one is not known, and where all
 * were given up. */
static double widest_half(const struct progress *progress)
{
    double widest = NAN;

    for (size_t i = 0; i < progress->case_count; i++) {
        double half = precision_half(&progress->cases[i].so_far);

        if (isnan(half) && progress->cases[i].left > 0)
            return NAN;
        widest = fmax(widest, half); /* of none where it was given up */
    }
    return widest;
}

static size_t columns(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 ||
        size.ws_col > LINE_MAX_COLUMNS || size.ws_col == 0)
        return LINE_MAX_COLUMNS;
    return size.ws_col;
}

static size_t samples_left(const struct progress *progress)
{
    size_t left = 0;

    for (size_t i = 0; i < progress->case_count; i++)
        left += progress->cases[i].left;
    return left;
}

static void draw(const struct progress *progress,
                 const struct progress_step *step)
{
    /* Cut to the width: a line that wraps cannot be drawn over. */
    static const char full[] = "################";
    static const char empty[] = "................";
    size_t total = progress->done + samples_left(progress);
    size_t filled = total ? BAR_WIDTH * progress->done / total : 0;
    char label[4 * LABEL + 1], line[256 + sizeof label];
    char cut[4 * LINE_MAX_COLUMNS];
    char bar[2 * BAR_WIDTH + 4] = "";
    char left[32];
    char sure[16];

    if (columns() >= BAR_MIN_COLUMNS)
        snprintf(bar, sizeof bar, "[%.*s%.*s] ", (int)filled, full,
                 (int)(BAR_WIDTH - filled), empty);
    snprintf(
        line, sizeof line, "%s%3zu%%  block %zu/%zu  %s %-7s %s", bar,
        total ? 100 * progress->done / total : 0, step->block + 1,
        progress->blocks, say_cell(step->label, LABEL, LABEL, label),
        half_text(precision_half(&progress->cases[step->case_index].so_far),
                  sure),
        left_text(progress, left));
    fprintf(stderr, "\r%s\033[K", say_cell(line, 0, columns() - 1, cut));
    fflush(stderr);
}

void progress_start(struct progress *progress, const struct progress_step *step)
{
    if (progress != NULL && progress->is_terminal)
        draw(progress, step);
}

void progress_end(struct progress *progress, const struct progress_step *step,
                  double seconds)
{
    struct case_progress *one;

    if (progress == NULL)
        return;
    one = &progress->cases[step->case_index];
    one->last_s = seconds;
    if (one->left > 0)
        one->left--;
    progress->done++;
    progress->done_s += seconds;
    if (progress->is_terminal)
        draw(progress, step);
}

void progress_measured(struct progress *progress, size_t case_index,
                       double seconds)
{
    if (progress != NULL && seconds > 0)
        precision_add(&progress->cases[case_index].so_far, seconds);
}

void progress_give_up(struct progress *progress, size_t case_index)
{
    if (progress != NULL)
        progress->cases[case_index].left = 0;
}

void progress_block(struct progress *progress, size_t block)
{
    char took[16];
    char left[32];
    char sure[16];
    const char *half;

    if (progress == NULL || progress->is_terminal ||
        progress->block_done == progress->done)
        return;
    progress->block_done = progress->done;
    half = half_text(widest_half(progress), sure);
    fprintf(stderr, "block %zu of %zu done, %s so far, %s%s%s\n", block + 1,
            progress->blocks, number_format_duration(progress->done_s, took),
            left_text(progress, left), half[0] != '\0' ? ", all within " : "",
            half);
    fflush(stderr);
}

void progress_clear(struct progress *progress)
{
    if (progress == NULL || !progress->is_terminal)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
}
