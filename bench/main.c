/* SPDX-License-Identifier: MIT */
/*
 * cfbench: the table of commands. Nothing here knows how any of them works.
 * setlocale() is never called: numbers are read and written with a point
 * everywhere.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cf/cf.h>

#include "commands.h"
#include "nearest.h"
#include "plots.h"
#include "say.h"

static int help_command(int argc, char **argv);

static const struct command {
    const char *name;
    const char *about;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"list", "what can be run, and on what", list_command},
    {"run", "measure workloads over backends and worker counts", run_command},
    {"recommend", "how many workers, how sure, and why", recommend_command},
    {"compare", "old and new side by side: slower or faster?", compare_command},
    {"gate", "fail where something has become slower", gate_command},
    {"fit", "which scaling model the numbers follow", fit_command},
    {"plot", "draw a record's figures", plot_command},
    {"report", "one self-contained page from a record", report_command},
    {"import", "a record from another tool's file", import_command},
    {"export", "a record in another tool's format", export_command},
    {"env", "the machine that measures, and what to doubt", env_command},
    {"selftest", "how often this machine raises a false alarm",
     selftest_command},
    {"help", "this text, or a command's", help_command},
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static void print_overview(void)
{
    printf("cfbench %s: how work scales over threads, processes and more\n",
           CF_VERSION);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("  cfbench %-9s %s\n", commands[i].name, commands[i].about);
    printf("  cfbench %-9s %s\n", "--version", "which one this is");
    printf("examples: cfbench list\n"
           "          cfbench run sum_squares -b thread,gil -j 1,2 --tasks 8 "
           "-o first.json\n"
           "          cfbench report first.json -o first.html\n");
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

static int refuse(const char *name)
{
    struct nearest nearest = nearest_start(name);
    char meant[80];

    for (size_t i = 0; i < COMMAND_COUNT; i++)
        nearest_offer(&nearest, commands[i].name);
    return say_trouble("%.60s: no such command%s", name,
                       nearest.best != NULL ? nearest_text(&nearest, meant)
                                            : " (cfbench help lists them)");
}

static bool is_help_flag(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int help_command(int argc, char **argv)
{
    static char help_flag[] = "--help";
    const struct command *command;

    if (argc < 2 || (argc == 2 && is_help_flag(argv[1]))) {
        print_overview();
        return EXIT_FINE;
    }
    if (argc > 2)
        return say_trouble("help %.60s: one command at a time", argv[2]);
    command = find(argv[1]);
    if (command == NULL)
        return refuse(argv[1]);
    if (command->run == help_command) {
        print_overview();
        return EXIT_FINE;
    }
    return command->run(2, (char *[]){argv[1], help_flag, NULL});
}

static int print_version(int argc)
{
    if (argc > 1)
        return say_trouble("--version: takes nothing after it");
    printf("cfbench %s\n", CF_VERSION);
    return EXIT_FINE;
}

/* A descriptor 0, 1 or 2 that was closed would be the next file we open, and
 * what is printed would end up in it. */
static void open_standard_streams(void)
{
    int fd;

    while ((fd = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0 &&
           fd <= STDERR_FILENO)
        fcntl(fd, F_SETFD, 0); /* these three are there to be inherited */
    if (fd >= 0)
        close(fd);
}

static int dispatch(int argc, char **argv)
{
    const struct command *command;

    if (argc < 2) {
        print_overview();
        return EXIT_FINE;
    }
    if (strcmp(argv[1], "--version") == 0)
        return print_version(argc - 1);
    if (is_help_flag(argv[1]))
        return help_command(argc - 1, argv + 1);
    command = find(argv[1]);
    if (command == NULL)
        return refuse(argv[1]);
    return command->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    int code;

    cf_worker_entry(); /* under an MPI launcher the other ranks stay here */
    open_standard_streams();
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is a failed write */
    signal(SIGXFSZ, SIG_IGN); /* and so is a file at its limit of size */
    signal(SIGCHLD, SIG_DFL); /* where it is ignored, no child has a status */
    code = dispatch(argc, argv);
    return say_end() == EXIT_FINE ? code : EXIT_TROUBLE;
}
