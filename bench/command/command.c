/* SPDX-License-Identifier: MIT */
/*
 * The workload that runs a command per task.
 *
 * All items are made beforehand: a task fills no hole and looks nothing up. Its
 * time is that of posix_spawn and of the command.
 */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cf/cf.h>

#include "command_items.h"
#include "launch.h"
#include "watch.h"

enum { KEEP_BYTES = 1 << 20 };

struct data {
    char *items;
    char *regex;
    struct wl_watch *watch;
};

bool command_is(const char *name)
{
    return strncmp(name, COMMAND_PREFIX, strlen(COMMAND_PREFIX)) == 0;
}

/* --- a task --- */

bool command_open(const void *item, struct command_call *call)
{
    const struct command_head *head = item;
    char *at = (char *)(head + 1); /* only read */

    *call = (struct command_call){.number = head->number,
                                  .timeout_ns = head->timeout_ns,
                                  .any_exit = head->any_exit != 0,
                                  .assignment_count = head->assignment_count,
                                  .word_count = head->word_count};
    call->words = calloc(head->word_count + 1, sizeof *call->words);
    if (call->words == NULL)
        return false;
    call->program = at;
    call->keep = at += strlen(at) + 1;
    for (size_t i = 0; i < head->word_count; i++)
        call->words[i] = at += strlen(at) + 1;
    return true;
}

void command_close(struct command_call *call)
{
    free(call->words);
}

static int write_kept(const char *path, const char *output, size_t bytes)
{
    int fd =
        open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    ssize_t put = 0;
    int error;

    if (fd < 0)
        return errno;
    for (; bytes > 0 && put >= 0; output += put, bytes -= (size_t)put)
        put = write(fd, output, bytes);
    error = put < 0 ? errno : 0;
    close(fd);
    return error;
}

static struct launch_end run(const struct command_call *call)
{
    struct launch_end end = {.error = ENOMEM};
    struct launch_request request = {.program = call->program,
                                     .argv =
                                         call->words + call->assignment_count,
                                     .timeout_ns = call->timeout_ns};
    bool is_kept = call->keep[0] != '\0';
    char **environment =
        launch_environment(call->words, call->assignment_count);

    if (is_kept) {
        request.output = malloc(KEEP_BYTES);
        request.output_room = KEEP_BYTES;
    }
    if (environment != NULL && (!is_kept || request.output != NULL)) {
        request.environment = environment;
        end = launch_run(&request);
    }
    if (is_kept && end.error == 0)
        end.lost = write_kept(call->keep, request.output, end.output_bytes);
    free(request.output);
    free(environment);
    return end;
}

static enum cf_status give(struct cf_task *task,
                           const struct command_call *call,
                           const struct launch_end *end)
{
    char how[200];

    if (end->error == 0 && end->lost == 0 && !end->is_timed_out &&
        (end->status == 0 || call->any_exit))
        return cf_return(task, &end->status, sizeof end->status);
    return cf_raise(task, end->error != 0 ? -end->error : end->status, "%s",
                    launch_describe(end, how, sizeof how));
}

static enum cf_status command_task(struct cf_task *task, const void *arg,
                                   size_t arg_bytes)
{
    struct command_call call;
    enum cf_status status;
    struct launch_end end;

    (void)arg_bytes; /* always one item */
    if (!command_open(arg, &call))
        return cf_raise(task, -ENOMEM, "no memory to start it with");
    cf_blocking_begin(task);
    end = run(&call);
    cf_blocking_end(task);
    status = give(task, &call, &end);
    command_close(&call);
    return status;
}

int command_status(struct cf_future *future)
{
    struct cf_error error;
    int status = 0;

    if (cf_result(future, 0, &status, sizeof status) == CF_OK)
        return status;
    if (cf_future_error(future, 0, &error) != CF_OK)
        return -ECANCELED;
    return error.status == CF_EXCEPTION ? error.code : -ECHILD;
}

/* --- its work --- */

static enum cf_status command_prepare(const struct wl_setup *setup,
                                      struct wl_work *work)
{
    struct data *data = calloc(1, sizeof *data);
    enum cf_status status;

    *work = (struct wl_work){.data = data};
    if (data == NULL)
        return CF_NOMEM;
    status = command_items(setup, work);
    data->items = (char *)work->items;
    data->regex = strdup(setup->values[COMMAND_REGEX].text);
    if (status == CF_OK && data->regex == NULL)
        status = CF_NOMEM;
    if (status == CF_OK)
        status = wl_watch_start(&data->watch, setup->why, setup->why_bytes);
    if (status == CF_OK)
        return CF_OK;
    free(data->regex);
    free(data->items);
    free(data);
    return status;
}

const char *command_regex(const struct wl_work *work)
{
    const struct data *data = work->data;

    return data->regex;
}

/* That it has a result says it all: see give(). */
static bool command_verify(const struct wl_work *work, size_t i,
                           const void *output, size_t output_bytes)
{
    (void)work;
    (void)i;
    (void)output;
    return output_bytes == sizeof(int);
}

static void command_dispose(struct wl_work *work)
{
    struct data *data = work->data;

    wl_watch_stop(data->watch);
    free(data->regex);
    free(data->items);
    free(data);
}

/* --- its table --- */

static const struct wl_parameter parameters[COMMAND_PARAMETERS + 1] = {
    [COMMAND_WORDS] = {.name = "command",
                       .about = "the command, {} and {workers} to be filled in",
                       .standard = "",
                       .kind = WL_TEXT},
    [COMMAND_PROGRAM] = {.name = "program",
                         .about = "the path of what is run",
                         .standard = "",
                         .kind = WL_TEXT},
    [COMMAND_SHELL] = {.name = "shell",
                       .about = "1: a line for /bin/sh",
                       .standard = "0",
                       .kind = WL_INTEGER,
                       .maximum = 1},
    [COMMAND_INPUTS] = {.name = "inputs",
                        .about = "what goes into {}",
                        .standard = "",
                        .kind = WL_TEXT},
    [COMMAND_TIMEOUT] = {.name = "timeout_s",
                         .about = "a task may take so long; 0: for ever",
                         .standard = "0",
                         .kind = WL_REAL,
                         .maximum = 366 * 86400.0},
    [COMMAND_ANY_EXIT] = {.name = "any_exit",
                          .about = "1: exit codes other than 0 are fine",
                          .standard = "0",
                          .kind = WL_INTEGER,
                          .maximum = 1},
    [COMMAND_KEEP] = {.name = "keep_output",
                      .about = "the folder where output is kept",
                      .standard = "",
                      .kind = WL_TEXT},
    [COMMAND_SETUP] = {.name = "setup",
                       .about = "run once before all samples",
                       .standard = "",
                       .kind = WL_TEXT},
    [COMMAND_PREPARE] = {.name = "prepare",
                         .about = "run before each sample",
                         .standard = "",
                         .kind = WL_TEXT},
    [COMMAND_CONCLUDE] = {.name = "conclude",
                          .about = "run after each sample",
                          .standard = "",
                          .kind = WL_TEXT},
    [COMMAND_CLEANUP] = {.name = "cleanup",
                         .about = "run once after all samples",
                         .standard = "",
                         .kind = WL_TEXT},
    [COMMAND_REGEX] = {.name = "throughput_regex",
                       .about = "finds the work done in the output",
                       .standard = "",
                       .kind = WL_TEXT},
};

struct wl_workload *command_create(const char *name)
{
    struct wl_workload *made = malloc(sizeof *made + strlen(name) + 1);

    if (made == NULL)
        return NULL;
    *made = (struct wl_workload){
        .abi = WL_ABI,
        .table_bytes = sizeof *made,
        .name = strcpy((char *)(made + 1), name),
        .about = "runs a command of yours",
        .limit = "whatever limits the command; starting it costs, too",
        .klass = WL_MIXED,
        .parameters = parameters,
        .task = command_task,
        .prepare = command_prepare,
        .verify = command_verify,
        .dispose = command_dispose,
    };
    return made;
}
