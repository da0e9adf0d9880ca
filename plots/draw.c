/* SPDX-License-Identifier: MIT */
/*
 * From a figure to files. All names are ours (text_slug), all files are made
 * here but the pictures, which gnuplot writes: so a folder is asked first
 * whether files of those names are ours, which is the case where the script
 * beside them begins with our mark. What somebody keeps is made in a folder
 * beside it and moved when it is whole (staging.h).
 */
#include "draw.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gnuplot.h"
#include "grain.h"
#include "pdf.h"
#include "stop.h"
#include "text.h"

void drawer_init(struct drawer *drawer, const char *folder, unsigned formats,
                 bool force)
{
    *drawer =
        (struct drawer){.folder = folder, .formats = formats, .force = force};
    drawer->has_gnuplot = gnuplot_find(drawer->gnuplot, sizeof drawer->gnuplot,
                                       drawer->missing, sizeof drawer->missing);
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    drawer->jobs_at_once = cpus < 1                 ? 1
                           : cpus > DRAWER_JOBS_MAX ? DRAWER_JOBS_MAX
                                                    : (size_t)cpus;
}

/* The script comes first: by it the others are known as ours. */
static const char *const ends[] = {".gp",       ".dat",     ".svg",
                                   ".png",      ".pdf",     "-dark.svg",
                                   "-dark.png", "-dark.pdf"};

enum { ENDS = sizeof ends / sizeof ends[0] };

static bool fail(struct plots_error *error, const char *path, const char *why)
{
    snprintf(error->text, sizeof error->text, "%.300s: %.200s", path, why);
    return false;
}

bool drawer_begin(struct drawer *drawer, const char *folder, unsigned formats,
                  bool force, struct plots_error *error)
{
    drawer_init(drawer, folder, formats, force);
    drawer->target = folder;
    if (!staging_begin(&drawer->staging, folder))
        return fail(error, folder, strerror(errno));
    drawer->folder = drawer->staging.path;
    return true;
}

void drawer_end(struct drawer *drawer)
{
    staging_end(&drawer->staging);
}

/* Where the user looks for the figures. */
static const char *target(const struct drawer *drawer)
{
    return drawer->target != NULL ? drawer->target : drawer->folder;
}

/* Does the file begin with our mark? */
static bool is_ours(const char *path)
{
    char start[sizeof PLOTS_MARK] = "";
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (file < 0)
        return false;
    ssize_t got = read(file, start, sizeof start - 1);
    close(file);
    return got == sizeof start - 1 && strcmp(start, PLOTS_MARK) == 0;
}

/* May the files of this stem be written? */
static bool is_free(const struct drawer *drawer, const char *stem,
                    struct plots_error *error)
{
    char path[PATH_MAX];

    if (!staging_path(path, drawer->folder, stem, "-dark.png"))
        return fail(error, target(drawer), strerror(ENAMETOOLONG));
    staging_path(path, target(drawer), stem, ".gp");
    if (drawer->force || is_ours(path))
        return true;
    for (size_t i = 0; i < ENDS; i++) {
        staging_path(path, target(drawer), stem, ends[i]);
        if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            return fail(error, path,
                        "exists and is not ours; --force replaces it");
    }
    return true;
}

static FILE *open_file(const struct drawer *drawer, const char *stem,
                       const char *end, struct plots_error *error)
{
    char path[PATH_MAX];
    FILE *file = NULL;

    staging_path(path, drawer->folder, stem, end);
    int descriptor =
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor >= 0) {
        file = fdopen(descriptor, "w");
        if (file == NULL)
            close(descriptor);
    }
    if (file == NULL)
        fail(error, target(drawer), strerror(errno));
    return file;
}

/* Closes a file that was written; false where a byte of it was lost. */
static bool close_file(const struct drawer *drawer, FILE *file,
                       struct plots_error *error)
{
    bool good = ferror(file) == 0;

    if ((fclose(file) == 0) && good)
        return true;
    return fail(error, target(drawer), "a figure could not be written whole");
}

static bool write_files(const struct drawer *drawer,
                        const struct figure *figure,
                        const struct drawing *drawing,
                        const struct subject *subject, const char *stem,
                        enum drawing_layout layout, size_t *data_bytes,
                        struct plots_error *error)
{
    FILE *script = open_file(drawer, stem, ".gp", error);
    if (script == NULL)
        return false;
    FILE *data = open_file(drawer, stem, ".dat", error);
    if (data == NULL) {
        fclose(script);
        return false;
    }
    drawing_write(script, data, figure, drawing, subject, stem, layout,
                  drawer->formats);
    long written = ftell(data);
    *data_bytes = written > 0 ? (size_t)written : 0;
    bool good = close_file(drawer, data, error);
    return close_file(drawer, script, error) && good;
}

/* --- jobs --- */

static bool start(const struct drawer *drawer, struct drawer_job *job,
                  size_t first, size_t count, char *why, size_t why_bytes)
{
    char names[GNUPLOT_SCRIPTS_MAX][STEM_BYTES + 4];
    const char *scripts[GNUPLOT_SCRIPTS_MAX];

    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof names[i], "%s.gp", job->stems[first + i]);
        scripts[i] = names[i];
    }
    return gnuplot_start(&job->job, drawer->gnuplot, drawer->folder, scripts,
                         count, why, why_bytes);
}

static bool blame(struct plots_error *error, const char *stem, const char *why)
{
    snprintf(error->text, sizeof error->text, "gnuplot %s.gp: %s", stem, why);
    return false;
}

/* One by one, each with all the time that a gnuplot has: to know which of
 * several it was, or because they were too many for one. */
static bool draw_singly(const struct drawer *drawer, struct drawer_job *job,
                        struct plots_error *error)
{
    char why[256];

    for (size_t i = 0; i < job->count; i++)
        if (!start(drawer, job, i, 1, why, sizeof why) ||
            !gnuplot_finish(&job->job, why, sizeof why))
            return blame(error, job->stems[i], why);
    return true;
}

/* A figure is whole: it comes into its place. */
static bool put(const struct drawer *drawer, const char *stem,
                struct plots_error *error)
{
    return drawer->target == NULL ||
           staging_move(&drawer->staging, drawer->target, stem, ends, ENDS) ||
           fail(error, drawer->target, strerror(errno));
}

static bool put_all(const struct drawer *drawer, const struct drawer_job *job,
                    struct plots_error *error)
{
    for (size_t i = 0; i < job->count; i++)
        if (!put(drawer, job->stems[i], error))
            return false;
    return true;
}

static bool forget_dates(const struct drawer *drawer,
                         const struct drawer_job *job,
                         struct plots_error *error)
{
    static const char *const pdfs[] = {".pdf", "-dark.pdf"};
    char path[PATH_MAX];

    for (size_t i = 0; i < job->count && (drawer->formats & PLOTS_PDF); i++)
        for (size_t k = 0; k < 2; k++) {
            staging_path(path, drawer->folder, job->stems[i], pdfs[k]);
            if (!pdf_forget_date(path) && errno != ENOENT)
                return fail(error, path, strerror(errno));
        }
    return true;
}

/* Waits for the oldest job, and makes its pictures repeatable. */
static bool finish_job(struct drawer *drawer, struct plots_error *error)
{
    struct drawer_job job = drawer->jobs[0];
    char why[256];

    memmove(drawer->jobs, drawer->jobs + 1,
            --drawer->job_count * sizeof *drawer->jobs);
    if (!gnuplot_finish(&job.job, why, sizeof why)) {
        if (job.count == 1 || stop_is_asked())
            return blame(error, job.stems[0], why);
        if (!draw_singly(drawer, &job, error))
            return false;
    }
    return forget_dates(drawer, &job, error) && put_all(drawer, &job, error);
}

/* Starts what is collected. */
static bool start_next(struct drawer *drawer, struct plots_error *error)
{
    struct drawer_job *job;
    char why[256];

    if (drawer->next.count == 0)
        return true;
    if (drawer->job_count == drawer->jobs_at_once && !finish_job(drawer, error))
        return false;
    job = &drawer->jobs[drawer->job_count];
    *job = drawer->next;
    drawer->next = (struct drawer_job){0};
    if (!start(drawer, job, 0, job->count, why, sizeof why))
        return blame(error, job->stems[0], why);
    drawer->job_count++;
    return true;
}

bool drawer_settle(struct drawer *drawer, struct plots_error *error)
{
    struct plots_error later;
    bool good = start_next(drawer, error);

    while (drawer->job_count > 0)
        good = finish_job(drawer, good ? error : &later) && good;
    drawer->next.count = 0;
    return good;
}

/* Several figures share a gnuplot where starting it would take longer than to
 * draw them: small ones, in one picture each. */
static bool add_to_next(struct drawer *drawer, const char *stem,
                        size_t data_bytes, struct plots_error *error)
{
    const size_t much_bytes = 256 << 10;
    struct drawer_job *next = &drawer->next;
    bool is_small = drawer->formats == (PLOTS_SVG | PLOTS_LIGHT_ONLY);

    strcpy(next->stems[next->count++], stem);
    next->data_bytes += data_bytes;
    return (is_small && next->count < GNUPLOT_SCRIPTS_MAX &&
            next->data_bytes < much_bytes) ||
           start_next(drawer, error);
}

/* --- figures --- */

void drawer_stem(const struct figure *figure, const struct subject *subject,
                 enum drawing_layout layout, char stem[STEM_BYTES])
{
    const struct record_workload *workload = subject->workload;
    bool is_of_lengths =
        grain_is_of_lengths(subject->record, subject->ordinal - 1);

    text_slug(stem, STEM_BYTES - 8, figure->name, subject->ordinal,
              is_of_lengths ? workload->grain.of : workload->id);
    if (layout == LAYOUT_NARROW)
        strcat(stem, "-narrow");
}

bool drawer_draw(struct drawer *drawer, const struct figure *figure,
                 const struct subject *subject, enum drawing_layout layout,
                 char stem[STEM_BYTES], struct plots_error *error)
{
    struct drawing drawing = {0};
    size_t data_bytes = 0;
    bool good = true;

    stem[0] = '\0';
    if (stop_is_asked())
        return fail(error, target(drawer), "interrupted");
    if (figure_compose(figure, &drawing, subject)) {
        drawer_stem(figure, subject, layout, stem);
        good =
            is_free(drawer, stem, error) &&
            write_files(drawer, figure, &drawing, subject, stem, layout,
                        &data_bytes, error) &&
            (drawer->has_gnuplot ? add_to_next(drawer, stem, data_bytes, error)
                                 : put(drawer, stem, error));
    }
    drawing_finish(&drawing);
    return good;
}
