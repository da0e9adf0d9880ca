/* SPDX-License-Identifier: MIT */
/*
 * cfbench plot: a record in, a folder of figures out.
 */
#include "plots.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "ascii.h"
#include "command.h"
#include "draw.h"
#include "nearest.h"
#include "stop.h"
#include "text.h"

static const char help[] =
    "Usage: cfbench plot RESULT.json -o DIR [--format LIST] [--force]\n"
    "\n"
    "Draws the figures of a record into DIR, which is made if need be: for "
    "each\n"
    "workload speed-up, throughput, efficiency, latency and what they rest on, "
    "for\n"
    "light and dark paper, each beside the .gp and .dat it is drawn from. What "
    "the\n"
    "record has no data for is named, with the command that measures it.\n"
    "\n"
    "  -o, --output DIR   where the figures go\n"
    "      --format LIST  of svg, png, pdf, ascii (default: svg,png); ascii "
    "goes to\n"
    "                     the terminal in 80 columns, and alone needs no -o\n"
    "      --force        replace files of the same names that are not ours\n"
    "  -h, --help         this text\n"
    "\n"
    "Without gnuplot the .gp and .dat are written all the same, bars go to "
    "the\n"
    "terminal, and the exit code is 2.\n"
    "\n"
    "Example:\n"
    "  cfbench run sum_squares --blocks 6 -o squares.json\n"
    "  cfbench plot squares.json -o figures\n"
    "  cfbench plot squares.json --format ascii\n";

struct request {
    const char *input;
    const char *folder;
    unsigned formats;
    bool force;
};

static const struct {
    const char *name;
    unsigned format;
} known[] = {{"svg", PLOTS_SVG},
             {"png", PLOTS_PNG},
             {"pdf", PLOTS_PDF},
             {"ascii", PLOTS_ASCII}};

enum { KNOWN = sizeof known / sizeof *known };

/* Complains about a word of the list. */
static void refuse_format(const char *word, size_t length)
{
    char typed[40], what[64], why[128], meant[80];
    struct nearest nearest;

    snprintf(typed, sizeof typed, "%.*s", (int)(length < 39 ? length : 39),
             word);
    nearest = nearest_start(typed);
    for (size_t i = 0; i < KNOWN; i++)
        nearest_offer(&nearest, known[i].name);
    snprintf(what, sizeof what, "--format %s", typed);
    snprintf(why, sizeof why, "not one of svg, png, pdf, ascii%s",
             nearest_text(&nearest, meant));
    command_fail(what, why);
}

/* Reads "svg,png". False: one line has been said. */
static bool parse_formats(const char *list, unsigned *formats)
{
    *formats = 0;
    for (;;) {
        size_t length = strcspn(list, ","), i = 0;
        for (; i < KNOWN; i++)
            if (strlen(known[i].name) == length &&
                strncmp(list, known[i].name, length) == 0)
                break;
        if (i == KNOWN) {
            refuse_format(list, length);
            return false;
        }
        *formats |= known[i].format;
        if (list[length] == '\0')
            return true;
        list += length + 1;
    }
}

/* Returns -1 to go on, else the exit code. */
static int parse(int argc, char **argv, struct request *request)
{
    static const struct option flags[] = {
        {"output", required_argument, NULL, 'o'},
        {"format", required_argument, NULL, 'F'},
        {"force", no_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},
        {0}};
    int option;

    optind = 0;
    while ((option = getopt_long(argc, argv, ":o:h", flags, NULL)) != -1) {
        switch (option) {
        case 'o':
            request->folder = optarg;
            break;
        case 'F':
            if (!parse_formats(optarg, &request->formats))
                return EXIT_TROUBLE;
            break;
        case 'f':
            request->force = true;
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_FINE;
        default:
            return command_bad_flag(option, argv, flags);
        }
    }
    if (argc - optind != 1)
        return command_fail("plot", "takes one result file; see cfbench plot "
                                    "--help");
    if (request->formats != PLOTS_ASCII &&
        (request->folder == NULL || request->folder[0] == '\0'))
        return command_fail("plot", "-o DIR says where the figures go");
    if (request->folder != NULL && strcmp(request->folder, "-") == 0)
        return command_fail("-", "figures go to a folder, not to stdout (./- "
                                 "would be one; --format ascii is for stdout)");
    request->input = argv[optind];
    return -1;
}

/* Makes the folder and those above it. False with errno set. */
static bool make_folder(const char *path)
{
    char part[PATH_MAX];
    size_t length = strlen(path);
    struct stat status;

    if (length >= sizeof part) {
        errno = ENAMETOOLONG;
        return false;
    }
    for (size_t i = 1; i <= length; i++)
        if (path[i] == '/' || path[i] == '\0') {
            memcpy(part, path, i);
            part[i] = '\0';
            if (mkdir(part, 0777) != 0 && errno != EEXIST)
                return false;
        }
    if (stat(path, &status) != 0)
        return false;
    errno = ENOTDIR;
    return S_ISDIR(status.st_mode);
}

/* All figures for a terminal; the GIL panel is two of the others. */
static void draw_ascii(const struct details *details)
{
    bool in_color = ascii_has_color(stdout);

    for (size_t i = 0; i < details->record->workload_count; i++) {
        struct subject subject = subject_of(details, i);
        for (size_t k = 0; figures[k] != NULL; k++) {
            struct drawing drawing = {0};
            if (figures[k] != &figure_gil &&
                figure_compose(figures[k], &drawing, &subject))
                ascii_draw(stdout, figures[k], &drawing, &subject, in_color);
            drawing_finish(&drawing);
        }
    }
}

/* What no workload had the data for, and how to measure it. */
static void print_missing(const struct plots_drawn *drawn)
{
    for (size_t i = 0; i < drawn->missing_count; i++)
        printf("not in this record: %s\n  to measure it: %s\n",
               drawn->missing[i]->question, drawn->missing[i]->needs);
}

static int draw(const struct details *details, const struct request *request)
{
    struct plots_error error = {{0}};
    struct plots_drawn drawn;

    if (request->formats & PLOTS_ASCII)
        draw_ascii(details);
    if (request->formats == PLOTS_ASCII)
        return EXIT_FINE;
    if (!make_folder(request->folder))
        return command_fail(request->folder, strerror(errno));
    stop_catch();
    enum plots_outcome outcome =
        plots_draw(details, request->folder, request->formats, request->force,
                   &drawn, &error);
    stop_end();
    switch (outcome) {
    case PLOTS_DRAWN:
        printf("%zu figures in ", drawn.count);
        text_to_terminal(stdout, request->folder, SIZE_MAX);
        putchar('\n');
        print_missing(&drawn);
        return EXIT_FINE;
    case PLOTS_NO_GNUPLOT:
        if (!(request->formats & PLOTS_ASCII))
            draw_ascii(details);
        break;
    case PLOTS_FAILED:
        break;
    }
    return command_fail("plot", error.text);
}

int plot_command(int argc, char **argv)
{
    struct request request = {.formats = PLOTS_SVG | PLOTS_PNG};
    int code = parse(argc, argv, &request);

    if (code >= 0)
        return code;
    struct record *record = command_read(request.input);
    if (record == NULL)
        return EXIT_TROUBLE;
    struct details details;
    if (details_collect(record, &details))
        code = draw(&details, &request);
    else
        code = command_fail(request.input, "out of memory");
    details_finish(&details);
    record_destroy(record);
    return code;
}
