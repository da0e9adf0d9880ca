/* SPDX-License-Identifier: MIT */
/* A line runs in a child of its own, so that it can be interrupted and has a
 * limit, as a sample has. */
#include "hooks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "fill.h"
#include "launch.h"
#include "leftover.h"
#include "say.h"

/* Lies in memory shared with the child. */
struct hook {
    bool is_done;
    struct launch_end end;
    char line[];
};

static void run_line(void *context)
{
    struct hook *hook = context;
    char *argv[] = {(char *)"sh", (char *)"-c", hook->line, NULL};
    const struct launch_request request = {
        .program = "/bin/sh", .argv = argv, .environment = environ};

    hook->end = launch_run(&request);
    hook->is_done = true;
}

static bool run(const char *name, const char *line, int64_t limit_ns,
                char why[HOOK_WHY_BYTES])
{
    size_t bytes = sizeof(struct hook) + strlen(line) + 1;
    struct hook *hook = child_shared(bytes);
    struct child_report report = {.end = CHILD_NOT_STARTED};
    char how[120] = "could not be run";

    if (hook != NULL) {
        strcpy(hook->line, line);
        report = child_run(run_line, hook, limit_ns);
        wl_leftover_end();
    }
    if (report.end == CHILD_ENDED && hook->is_done && hook->end.error == 0 &&
        hook->end.status == 0) {
        child_unshare(hook, bytes);
        return true;
    }
    if (report.end == CHILD_TOO_LONG)
        snprintf(how, sizeof how, "took longer than the limit");
    else if (report.end == CHILD_INTERRUPTED)
        snprintf(how, sizeof how, "interrupted");
    else if (hook != NULL && hook->is_done)
        launch_describe(&hook->end, how, sizeof how);
    snprintf(why, HOOK_WHY_BYTES, "--%s: %s", name, how);
    child_unshare(hook, bytes);
    return false;
}

bool hook_run(const struct plan_workload *work, enum command_parameter id,
              size_t workers, int64_t limit_ns, char why[HOOK_WHY_BYTES])
{
    char number[24], *line;
    bool is_fine;

    if (!command_is(work->workload->name) || work->values[id].text[0] == '\0')
        return true;
    snprintf(number, sizeof number, "%zu", workers);
    line = fill(work->values[id].text, FILL_WORKERS, number);
    if (line == NULL) {
        snprintf(why, HOOK_WHY_BYTES, "no memory");
        return false;
    }
    is_fine = run(work->workload->parameters[id].name, line, limit_ns, why);
    free(line);
    return is_fine;
}

bool hooks_run(const struct plan *plan, enum command_parameter id,
               int64_t limit_ns)
{
    bool is_fine = true;
    char why[HOOK_WHY_BYTES];

    for (size_t i = 0; i < plan->workload_count && is_fine; i++) {
        is_fine = hook_run(&plan->workloads[i], id, 1, limit_ns, why);
        if (!is_fine)
            say_trouble("%s: %s", plan->workloads[i].workload->name, why);
    }
    return is_fine;
}
