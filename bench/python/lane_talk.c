/* SPDX-License-Identifier: MIT */
/*
 * All requests are known before the first answer, so that a talk is one run of
 * a command with an input. Each has an interpreter of its own: whatever
 * somebody's function does to it, the next sample does not see.
 *
 * lane.py lies beside the program, or where it is installed.
 */
#include "lane_talk.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launch.h"

enum { OUTPUT_BYTES = 256 << 20 }; /* touched as far as it is used */

static void blame(struct lane_talk *talk, const char *what, const char *why)
{
    snprintf(talk->why, sizeof talk->why, "%s%s", what, why);
    for (char *c = talk->why; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?'; /* a terminal will show it */
}

/* False: it is not where it should be. */
static bool find_lane(char path[PATH_MAX])
{
    static const char *const places[] = {CFBENCH_PYTHON_FOLDER "/lane.py",
                                         "python/lane.py"};
    char folder[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", folder, sizeof folder - 1);
    char *slash;

    if (length <= 0)
        return false;
    folder[length] = '\0';
    slash = strrchr(folder, '/');
    if (slash == NULL)
        return false;
    slash[1] = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if ((size_t)snprintf(path, PATH_MAX, "%s%s", folder, places[i]) <
                PATH_MAX &&
            access(path, R_OK) == 0)
            return true;
    return false;
}

/* The requests as lines; they are deleted. NULL without memory. */
static char *write_lines(cJSON *const *requests, size_t count)
{
    char *lines = strdup("");

    for (size_t i = 0; i < count; i++) {
        char *text = cJSON_PrintUnformatted(requests[i]);
        char *more = NULL;

        if (lines != NULL && text != NULL &&
            asprintf(&more, "%s%s\n", lines, text) < 0)
            more = NULL;
        free(lines);
        free(text);
        lines = more;
        cJSON_Delete(requests[i]);
    }
    return lines;
}

/* The object on a line that is an answer. NULL: it is none. */
static cJSON *parse_answer(const char *line, size_t length)
{
    cJSON *answer = cJSON_ParseWithLength(line, length);

    if (cJSON_IsBool(cJSON_GetObjectItemCaseSensitive(answer, "ok")))
        return answer;
    cJSON_Delete(answer);
    return NULL;
}

/* Reads one answer from `*at`, which moves past its line. What an interpreter
 * prints while it starts (sitecustomize) stands before the first one. */
static void read_answer(struct lane_talk *talk, size_t i, char **at, char *end)
{
    cJSON *answer = NULL;
    const cJSON *error;
    char *stop;

    while (answer == NULL) {
        stop = memchr(*at, '\n', (size_t)(end - *at));
        if (stop == NULL) {
            blame(talk, "the interpreter ended without an answer", "");
            return;
        }
        answer = parse_answer(*at, (size_t)(stop - *at));
        *at = stop + 1;
    }
    talk->answers[i] = answer;
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "ok")))
        return;
    error = cJSON_GetObjectItemCaseSensitive(answer, "error");
    blame(talk, "",
          cJSON_IsString(error) ? error->valuestring
                                : "the lane's answer is no answer");
}

static void run(struct lane_talk *talk, const char *interpreter, char *lane,
                const char *lines, size_t count, int64_t timeout_ns)
{
    char *argv[] = {(char *)interpreter, lane, NULL};
    struct launch_request request = {.program = interpreter,
                                     .argv = argv,
                                     .environment = environ,
                                     .input = lines,
                                     .timeout_ns = timeout_ns,
                                     .output = malloc(OUTPUT_BYTES),
                                     .output_room = OUTPUT_BYTES,
                                     .only_stdout = true};
    char how[120], *at = request.output;
    struct launch_end end;

    if (request.output == NULL) {
        blame(talk, "no memory for the answers", "");
        return;
    }
    end = launch_run(&request);
    if (end.is_timed_out)
        blame(talk, "no answer in time", "");
    else if (end.error != 0)
        blame(talk,
              "the interpreter: ", launch_describe(&end, how, sizeof how));
    for (size_t i = 0; i < count && talk->why[0] == '\0'; i++)
        read_answer(talk, i, &at, request.output + end.output_bytes);
    free(request.output);
}

void lane_talk(struct lane_talk *talk, const char *interpreter,
               cJSON *const *requests, size_t count, int64_t timeout_ns)
{
    char *lines = write_lines(requests, count);
    char lane[PATH_MAX];

    *talk = (struct lane_talk){0};
    if (lines == NULL)
        blame(talk, "no memory for the requests", "");
    else if (!find_lane(lane))
        blame(talk, "lane.py is not where cfbench is installed", "");
    else
        run(talk, interpreter, lane, lines, count, timeout_ns);
    free(lines);
}

void lane_talk_end(struct lane_talk *talk)
{
    for (size_t i = 0; i < LANE_ANSWERS; i++)
        cJSON_Delete(talk->answers[i]);
}

double lane_talk_number(const cJSON *answer, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(answer, name);

    return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}
