/* SPDX-License-Identifier: MIT */
/*
 * The time left is the sum, over what is still to be measured, of what the same
 * case took last time (or, for one not yet seen, of the mean so far): cases
 * differ by orders of magnitude, so counting samples would be far off.
 */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "number.h"

enum { BAR_WIDTH = 24, LINE_MAX_COLUMNS = 80, LINE_MIN_COLUMNS = 40 };

struct case_progress {
    size_t left;   /* samples to come */
    double last_s; /* 0: not yet seen */
};

struct progress {
    struct case_progress *cases;
    size_t case_count;
    size_t blocks;
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

struct progress *progress_create(size_t cases, size_t blocks)
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
    return left_s;
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

static size_t columns(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 ||
        size.ws_col > LINE_MAX_COLUMNS || size.ws_col == 0)
        return LINE_MAX_COLUMNS;
    return size.ws_col > LINE_MIN_COLUMNS ? size.ws_col : LINE_MIN_COLUMNS;
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
    static const char full[] = "########################";
    static const char empty[] = "........................";
    size_t total = progress->done + samples_left(progress);
    size_t filled = total ? BAR_WIDTH * progress->done / total : 0;
    char line[256];
    char left[32];

    snprintf(line, sizeof line, "[%.*s%.*s] %3zu%%  block %zu/%zu  %-24.24s %s",
             (int)filled, full, (int)(BAR_WIDTH - filled), empty,
             total ? 100 * progress->done / total : 0, step->block + 1,
             progress->blocks, step->label, left_text(progress, left));
    fprintf(stderr, "\r%.*s\033[K", (int)columns() - 1, line);
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

void progress_give_up(struct progress *progress, size_t case_index)
{
    if (progress != NULL)
        progress->cases[case_index].left = 0;
}

void progress_block(struct progress *progress, size_t block)
{
    char took[16];
    char left[32];

    if (progress == NULL || progress->is_terminal ||
        progress->block_done == progress->done)
        return;
    progress->block_done = progress->done;
    fprintf(stderr, "block %zu of %zu done, %s so far, %s\n", block + 1,
            progress->blocks, number_format_duration(progress->done_s, took),
            left_text(progress, left));
    fflush(stderr);
}

void progress_clear(struct progress *progress)
{
    if (progress == NULL || !progress->is_terminal)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
}
