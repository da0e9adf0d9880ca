/* SPDX-License-Identifier: MIT */
/*
 * What falls on the same count shares a line and its name. Names that would
 * meet above the axes stand on either side of their lines; a third one between
 * them goes below the top.
 */
#include "marks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MARKS_MAX = 4, MARK_BYTES = 64 };

struct mark {
    double workers;
    char name[MARK_BYTES]; /* ours */
    double middle;         /* on the canvas */
    double half;           /* of the name's width */
};

static void join(char name[MARK_BYTES], const char *more)
{
    size_t used = strlen(name);

    snprintf(name + used, MARK_BYTES - used, "%s%s", used > 0 ? ", " : "",
             more);
}

/* Adds it in its place; to the one that stands there, where one does. */
static size_t add(struct mark *marks, size_t count, double workers,
                  const char *name)
{
    size_t at = 0;

    while (at < count && marks[at].workers < workers)
        at++;
    if (at == count || marks[at].workers > workers) {
        memmove(marks + at + 1, marks + at, (count - at) * sizeof *marks);
        marks[at] = (struct mark){.workers = workers};
        count++;
    }
    join(marks[at].name, name);
    return count;
}

static size_t collect(struct mark *marks, const struct subject *subject)
{
    double usable = (double)subject->usable_cpus;
    char name[MARK_BYTES];
    size_t count = 0;

    if (usable > 0) {
        snprintf(name, sizeof name, "%.0f usable CPU%s", usable,
                 usable == 1 ? "" : "s");
        count = add(marks, count, usable, name);
    }
    if (subject->cores >= 1 && subject->cores != usable &&
        subject->cores < 65536) {
        snprintf(name, sizeof name, "%.0f core%s", subject->cores,
                 subject->cores == 1 ? "" : "s");
        count = add(marks, count, subject->cores, name);
    }
    if (subject->quota_cpus > 0 && subject->quota_cpus < usable) {
        snprintf(name, sizeof name, "quota %.3g", subject->quota_cpus);
        count = add(marks, count, subject->quota_cpus, name);
    }
    if (subject->advice != NULL && subject->advice->workers >= 1 &&
        subject->advice->workers < 65536) {
        snprintf(name, sizeof name, "recommended %.0f",
                 subject->advice->workers);
        count = add(marks, count, subject->advice->workers, name);
    }
    return count;
}

/* Drops what the axis does not hold; finds where the rest stands. */
static size_t place(struct mark *marks, size_t count, const struct box *box,
                    const struct axis *x)
{
    static const double character = 6.4;
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (marks[i].workers < x->low || marks[i].workers > x->high)
            continue;
        marks[kept] = marks[i];
        marks[kept].middle = box->left + axis_place(x, marks[i].workers) *
                                             (box->right - box->left);
        marks[kept].half = character * (double)strlen(marks[kept].name) / 2;
        kept++;
    }
    return kept;
}

static bool do_meet(const struct mark *a, const struct mark *b)
{
    return a->middle + a->half + 10 > b->middle - b->half;
}

static void write_mark(struct sheet *sheet, const struct mark *mark, size_t id,
                       const char *side, double height)
{
    fprintf(sheet->script,
            "set arrow %zu from %.9g,graph 0 to %.9g,graph 1 nohead back "
            "lw 1 dt (2,4) lc rgb rule\n"
            "set label %zu \"%s\" at %.9g,screen %.5f %s font \",12\" tc rgb "
            "quiet\n",
            id, mark->workers, mark->workers, id + 1, mark->name, mark->workers,
            height / sheet->canvas.height, side);
}

void marks_write(struct sheet *sheet, const struct subject *subject,
                 const struct box *box, const struct axis *x)
{
    struct mark marks[MARKS_MAX + 1];
    size_t count = place(marks, collect(marks, subject), box, x);

    for (size_t i = 0; i < count; i++) {
        bool before = i > 0 && do_meet(&marks[i - 1], &marks[i]);
        bool after = i + 1 < count && do_meet(&marks[i], &marks[i + 1]);
        const char *side = before ? "left" : after ? "right" : "center";
        double height = before && after ? box->top - 10 : box->top + 8;
        write_mark(sheet, &marks[i], i + 1, side, height);
    }
}
