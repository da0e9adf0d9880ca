/* SPDX-License-Identifier: MIT */
/*
 * cfbench report: records in, one page out. The page is written beside
 * its place and renamed onto it, so that a reader finds the old one or the new
 * one; the figures are drawn in a folder of our own. Both go again, also where
 * the user does not want to wait for the page.
 */
#include "plots.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "report.h"
#include "staging.h"
#include "stop.h"
#include "text.h"

static const char help[] =
    "Usage: cfbench report RESULT.json... -o FILE.html|FILE.md|FILE.json "
    "[--force]\n"
    "\n"
    "Makes one page from records: the answer in words with intervals, "
    "figures,\n"
    "numbers, machine, how to repeat it, and the record itself up to 1 MB. "
    "HTML\n"
    "needs no network, no script and no other file; Markdown is the same "
    "without\n"
    "figures, for a pull request; JSON has the numbers. With several records "
    "it\n"
    "begins with what differs between them.\n"
    "\n"
    "  -o, --output FILE  the page; a page of ours is replaced\n"
    "      --force        replace a file that is not ours, too\n"
    "  -h, --help         this text\n"
    "\n"
    "Without gnuplot an HTML page has no figures, and the exit code is 2.\n"
    "\n"
    "Example:\n"
    "  cfbench run sum_squares --blocks 6 -o squares.json\n"
    "  cfbench report squares.json -o squares.html\n";

struct request {
    const char *output;
    bool force;
    const struct report_form *form;
    struct report_input inputs[SOURCES_MAX];
    size_t input_count;
};

/* Returns -1 to go on, else the exit code. */
static int parse(int argc, char **argv, struct request *request)
{
    static const struct option flags[] = {
        {"output", required_argument, NULL, 'o'},
        {"force", no_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},
        {0}};
    int option;

    optind = 0;
    while ((option = getopt_long(argc, argv, ":o:h", flags, NULL)) != -1) {
        switch (option) {
        case 'o':
            request->output = optarg;
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
    if (argc - optind < 1 || argc - optind > SOURCES_MAX)
        return command_fail("report", "takes 1 to 16 result files; see cfbench "
                                      "report --help");
    if (request->output == NULL)
        return command_fail("report", "-o FILE.html says where the page goes");
    request->form = report_form_of(request->output);
    if (request->form == NULL)
        return command_fail(request->output,
                            "a page's name ends in .html, .md or .json");
    return -1;
}

/* May the page be written there? Fills `why` where not. */
static bool may_replace(const char *path, const char *mark, const char **why)
{
    char start[64] = "";
    struct stat status;

    if (lstat(path, &status) != 0) {
        *why = strerror(errno);
        return errno == ENOENT;
    }
    *why = "exists and is not a report; --force replaces it";
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return false;
    ssize_t got = read(file, start, strlen(mark));
    close(file);
    return got == (ssize_t)strlen(mark) && strcmp(start, mark) == 0;
}

static bool is_free(const struct request *request)
{
    struct stat status;
    const char *why = "";

    if (stat(request->output, &status) == 0 && !S_ISREG(status.st_mode)) {
        command_fail(request->output, "is not a regular file");
        return false;
    }
    if (request->force ||
        may_replace(request->output, request->form->mark, &why))
        return true;
    command_fail(request->output, why);
    return false;
}

static bool make_folder(char *folder, size_t folder_bytes)
{
    const char *place = getenv("TMPDIR");

    if (place == NULL || place[0] != '/')
        place = "/tmp";
    snprintf(folder, folder_bytes, "%s/cfbench-report-XXXXXX", place);
    if (mkdtemp(folder) != NULL)
        return true;
    command_fail(folder, strerror(errno));
    return false;
}

/* Opens a new file beside the page's place. */
static FILE *open_beside(const char *output, char *path, size_t path_bytes)
{
    int length = snprintf(path, path_bytes, "%s.XXXXXX", output);
    int descriptor = -1;

    errno = ENAMETOOLONG;
    if (length > 0 && (size_t)length < path_bytes)
        descriptor = mkostemp(path, O_CLOEXEC);
    if (descriptor < 0)
        return NULL;
    mode_t mask = umask(0);
    umask(mask);
    fchmod(descriptor, 0666 & ~mask);
    FILE *file = fdopen(descriptor, "w");
    if (file == NULL)
        close(descriptor);
    return file;
}

/* Closes the page; false where it may not survive a loss of power, which would
 * find it in the place of the old one. */
static bool close_whole(FILE *page)
{
    bool whole =
        fflush(page) == 0 && ferror(page) == 0 && fsync(fileno(page)) == 0;

    return fclose(page) == 0 && whole;
}

/* Writes the page and puts it in its place. */
static int write_page(const struct request *request, struct drawer *drawer)
{
    char path[PATH_MAX];
    struct plots_error error = {{0}};
    FILE *page = open_beside(request->output, path, sizeof path);

    if (page == NULL)
        return command_fail(request->output, strerror(errno));
    bool good = report_write(page, request->form, request->inputs,
                             request->input_count, drawer, &error);
    bool whole = close_whole(page);
    if (good && whole && !stop_is_asked() &&
        rename(path, request->output) == 0) {
        text_to_terminal(stdout, request->output, SIZE_MAX);
        putchar('\n');
        return EXIT_FINE;
    }
    if (good)
        snprintf(error.text, sizeof error.text, "%s", strerror(errno));
    unlink(path);
    return stop_is_asked() ? EXIT_TROUBLE
                           : command_fail(request->output, error.text);
}

static int make_report(const struct request *request)
{
    char folder[PATH_MAX];
    struct drawer drawer;

    if (!is_free(request))
        return EXIT_TROUBLE;
    stop_catch();
    if (!make_folder(folder, sizeof folder))
        return EXIT_TROUBLE;
    drawer_init(&drawer, folder, PLOTS_SVG | PLOTS_LIGHT_ONLY, true);
    int code = write_page(request, &drawer);
    staging_remove_folder(folder);
    stop_end();
    if (code == EXIT_FINE && request->form->has_figures &&
        !drawer.has_gnuplot) {
        command_fail("report: figures left out: gnuplot", drawer.missing);
        return EXIT_TROUBLE;
    }
    return code;
}

static bool read_inputs(struct request *request, char **paths, size_t count)
{
    struct report_source *sources[SOURCES_MAX];

    for (size_t i = 0; i < count; i++) {
        struct report_input *input = &request->inputs[request->input_count];
        input->record = command_read(paths[i]);
        if (input->record == NULL)
            return false;
        request->input_count++;
        if (!report_source_read(&input->source, paths[i])) {
            command_fail(paths[i], strerror(errno));
            return false;
        }
        sources[i] = &input->source;
    }
    report_source_tell_apart(sources, paths, count);
    return true;
}

int report_command(int argc, char **argv)
{
    struct request request = {0};
    int code = parse(argc, argv, &request);

    if (code >= 0)
        return code;
    code = EXIT_TROUBLE;
    if (read_inputs(&request, argv + optind, (size_t)(argc - optind)))
        code = make_report(&request);
    for (size_t i = 0; i < request.input_count; i++) {
        record_destroy(request.inputs[i].record);
        report_source_finish(&request.inputs[i].source);
    }
    return code;
}
