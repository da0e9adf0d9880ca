/* SPDX-License-Identifier: MIT */
/*
 * A worker process: one thread, one region, one socket for buffers. It answers
 * the positions of its ring one after the other:
 *
 *      word is (p, QUEUED)  -> (p, RUNNING), run, write the answer, commit
 *      word is (p, TAKEN)   -> answer "skipped", commit
 *      anything else        -> nothing there yet: look for a while, sleep
 *
 * It may be killed at any instruction: what is committed counts, what is
 * RUNNING and not committed has crashed, what is QUEUED goes elsewhere.
 *
 * What a task printed is written out before its answer is committed, so it is
 * there when the result is, and a later crash cannot take it along. While the
 * worker is busy and its tasks print nothing, it makes no system call.
 *
 * Before it sleeps it looks for the next request for a while, if that pays
 * (process_look.c). Meanwhile the drainer is not told of the last answer: who
 * waits for that mostly has it before the look is over.
 */
#include "process_worker.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "board.h"
#include "chaos.h"
#include "clock.h"
#include "descriptor.h"
#include "executor_impl.h"
#include "heap.h"
#include "own_bytes.h"
#include "process_answer.h"
#include "process_exit.h"
#include "process_look.h"
#include "region.h"
#include "task_impl.h"
#include "text.h"
#include "worker_buffers.h"
#include "worker_executor.h"

struct server {
    struct cfi_region region;
    const struct cfi_board *board;
    struct cfi_ringer ringer;
    struct cf_executor *executor; /* the host's, as it was at the fork */
    struct cfi_answers answers;
    struct cfi_worker_buffers buffers;
    struct cfi_worker worker;          /* as tasks see it */
    struct cfi_worker_executor nested; /* what they submit to */
    uint64_t fork_generation;          /* of this process */
    pid_t pid;
    bool record_times;
    size_t most_bytes; /* it may have of its own; 0: no bound */
    int64_t now_ns;    /* when the last task ended, or the present one came */
    struct cfi_look look;
    bool is_unheard; /* somebody may have to be told of the last answer */
};

/* Whether the answer at `position` has been copied. */
static bool is_heard(const struct server *server, uint64_t position)
{
    /* acquire: as in cfi_answers_reclaim(); and a hint here */
    return atomic_load_explicit(&server->region.rings->drained,
                                memory_order_acquire) > position;
}

/* Rings for the last answer, unless it was fetched meanwhile. */
static void tell_of_answer(struct server *server, uint64_t position)
{
    if (server->is_unheard && !is_heard(server, position))
        cfi_bell_ring(server->board->bell, &server->ringer);
    server->is_unheard = false;
}

static void commit(struct server *server, uint64_t position)
{
    struct cfi_result *result =
        cfi_rings_result(server->region.rings, position);

    /* seq_cst: a release of all that the answer holds; and it precedes the
     * look at the bell's sleepers */
    atomic_store(&result->position, position);
    cfi_chaos(CFI_CHAOS_COMMITTED);
    server->is_unheard =
        !cfi_bell_tell_waiters(server->board->bell, &server->ringer);
    if (!cfi_look_pays(&server->look))
        tell_of_answer(server, position);
    cfi_chaos(CFI_CHAOS_RUNG);
}

/* NULL: this process cannot have it; the outcome tells why. */
static cf_function *find_function(const struct server *server,
                                  const struct cfi_request *request,
                                  struct cfi_outcome *outcome)
{
    void *function = cfi_code_address_resolve(request->function);
    char why[160];

    if (function == NULL &&
        cfi_catalogue_load(server->board->catalogue, request->function.object,
                           why, sizeof why)) {
        function = cfi_code_address_resolve(request->function);
        snprintf(why, sizeof why, "is not what its host has loaded");
    }
    if (function == NULL)
        cfi_outcome_fail(outcome, CF_UNSUPPORTED, 0,
                         "worker process %d lacks the object that the task's "
                         "function lies in: it %s",
                         (int)server->pid, why);
    /* an object pointer and a function pointer are the same on POSIX */
    return (cf_function *)(uintptr_t)function;
}

/* False: one of them has not come; the outcome tells why. */
static bool find_buffers(struct server *server,
                         const struct cfi_request *request,
                         const unsigned char *arg, struct cfi_outcome *outcome)
{
    const char *why;
    bool are_there = cfi_worker_buffers_find(
        &server->buffers, arg + cfi_buffer_ids_at(request->arg_bytes),
        request->buffer_count, &why);

    if (!are_there)
        cfi_outcome_fail(outcome, CF_EXCEPTION, CF_SYSTEM,
                         "worker process %d lacks a buffer of the task: %s",
                         (int)server->pid, why);
    server->worker.buffers = server->buffers.named;
    server->worker.buffer_count = server->buffers.named_count;
    return are_there;
}

static void call(struct server *server, struct cfi_request *request,
                 uint64_t position, struct cfi_report *report,
                 struct cfi_outcome *outcome)
{
    const unsigned char *arg = request->arg_at == CFI_IN_SLOT
                                   ? request->bytes
                                   : server->region.args + request->arg_at;
    cf_function *function = find_function(server, request, outcome);
    size_t space_bytes;

    if (function == NULL)
        return;
    if (!find_buffers(server, request, arg, outcome)) {
        report->buffer = CFI_BUFFER_LACKING;
        return;
    }
    void *space =
        cfi_answers_offer_space(&server->answers, position, &space_bytes);
    struct cf_task task = {.worker = &server->worker,
                           .attempt = request->attempt,
                           .outcome = outcome,
                           .space = space,
                           .space_bytes = space_bytes};
    server->worker.position = position;
    server->worker.travelled = &task;
    cfi_task_call(&task, function, arg, request->arg_bytes);
    server->worker.travelled = NULL;
    /* a process that the task forked has come back from the task as well; it
     * is no worker */
    if (cfi_fork_generation() != server->fork_generation)
        _exit(0);
}

/* How long it is since the last task ended, or since this one came. */
static uint32_t lap(struct server *server)
{
    int64_t before_ns = server->now_ns;

    server->now_ns = cfi_now_ns();
    int64_t took_ns = server->now_ns - before_ns;
    return took_ns < UINT32_MAX ? (uint32_t)took_ns : UINT32_MAX;
}

static void run(struct server *server, struct cfi_request *request,
                uint64_t position)
{
    struct cfi_outcome outcome = {.status = CF_OK};
    struct cfi_result *result =
        cfi_rings_result(server->region.rings, position);
    struct cfi_report report = {.pid = server->pid, .cpu = sched_getcpu()};
    struct cfi_stamps stamps = {0};

    cfi_chaos(CFI_CHAOS_CLAIMED);
    cfi_answers_reclaim(&server->answers);
    if (server->record_times) {
        stamps.started_ns = cfi_now_ns();
        stamps.cpu_ns = -cfi_clock_ns(CLOCK_THREAD_CPUTIME_ID);
    }
    call(server, request, position, &report, &outcome);
    cfi_chaos(CFI_CHAOS_RAN);
    report.took_ns = lap(server);
    if (server->record_times) {
        stamps.cpu_ns += cfi_clock_ns(CLOCK_THREAD_CPUTIME_ID);
        stamps.finished_ns = cfi_now_ns();
        result->stamps = stamps;
    }
    report.is_worn =
        server->most_bytes > 0 && cfi_own_bytes() > server->most_bytes;
    cfi_answers_place(&server->answers, position, &report, &outcome);
    cfi_chaos(CFI_CHAOS_PLACED);
    result->report = report;
    cfi_outcome_clear(&outcome);
    cfi_text_flush();
    cfi_chaos(CFI_CHAOS_REPORTED);
    commit(server, position);
}

/* The host may wait for this too: for room in a ring that is full of what it
 * has taken back. */
static void skip(struct server *server, uint64_t position)
{
    cfi_rings_result(server->region.rings, position)->report =
        (struct cfi_report){.status = CFI_REPORT_SKIPPED};
    commit(server, position);
}

static _Noreturn void leave(struct server *server)
{
    atomic_store(&server->region.rings->ready, CFI_LEAVES);
    cfi_worker_end(&server->worker, server->executor);
    cfi_text_flush();
    _exit(0);
}

/* False: it was in vain. */
static bool look_for(struct server *server, const struct cfi_request *request,
                     uint64_t position)
{
    cfi_look_begin(&server->look, request, position);
    tell_of_answer(server, position - 1);
    return cfi_look_end(&server->look, request, position);
}

static void take_in_mail(struct server *server)
{
    if (!cfi_worker_has_mail(&server->buffers, server->region.rings))
        return;
    cfi_worker_buffers_tidy(&server->buffers, server->region.rings);
    cfi_bell_tell_intake(server->board->bell, &server->ringer);
}

/* Sleeps until there is something at `position`, or leaves. */
static void sleep_until(struct server *server, struct cfi_request *request,
                        uint64_t position)
{
    struct cfi_rings *rings = server->region.rings;

    while (!cfi_request_is_there(request, position)) {
        atomic_store(&rings->asleep, 1);
        cfi_chaos(CFI_CHAOS_DOZING);
        if (atomic_load(&request->word) >> 2 == position)
            break;
        if (atomic_load(&rings->leave) != 0)
            leave(server);
        /* who has more for us does as with a request: a number, then a look
         * at `asleep` */
        take_in_mail(server);
        cfi_heap_trim();
        cfi_futex_wait_shared(&rings->asleep, 1, INT64_MAX);
    }
    atomic_store_explicit(&rings->asleep, 0, memory_order_relaxed);
}

/* Returns once there is something at `position`. */
static void await_request(struct server *server, struct cfi_request *request,
                          uint64_t position)
{
    if (cfi_request_is_there(request, position)) {
        tell_of_answer(server, position - 1);
        return;
    }
    if (!cfi_look_pays(&server->look) || !look_for(server, request, position)) {
        cfi_text_flush();
        sleep_until(server, request, position);
    }
    int64_t began_ns = server->now_ns;
    server->now_ns = cfi_now_ns();
    cfi_look_note_wait(&server->look, server->now_ns - began_ns);
}

static _Noreturn void serve(struct server *server, uint64_t position)
{
    struct cfi_rings *rings = server->region.rings;

    for (;; position++) {
        struct cfi_request *request = cfi_rings_request(rings, position);
        await_request(server, request, position);
        cfi_chaos(CFI_CHAOS_FOUND);
        take_in_mail(server);
        cfi_look_note(&server->look, request);
        if (request->is_limited != 0)
            atomic_store(&rings->started_ns, cfi_now_ns());
        if (cfi_request_claim(request, position, CFI_SLOT_RUNNING))
            run(server, request, position);
        else
            skip(server, position);
    }
}

/* Runs the initializer. Where it fails the host finds why when it hears of the
 * death. */
static void begin(struct server *server, struct cf_executor *executor)
{
    pid_t parent = getppid();

    server->executor = executor;
    if (cfi_worker_begin(&server->worker, executor)) {
        /* again: it is gone where the initializer changed the credentials */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(0);
        return;
    }
    snprintf(server->region.rings->why, sizeof server->region.rings->why, "%s",
             executor->broken_why);
    cfi_text_flush();
    _exit(1);
}

noreturn void cfi_process_worker_refuse(int descriptor, const char *why)
{
    struct cfi_region region;

    if (cfi_region_map(descriptor, &region) == CF_OK)
        snprintf(region.rings->why, sizeof region.rings->why, "%s", why);
    _exit(1);
}

/* All zero. Not on the stack: a zeroed page is cheaper than a cleared one. The
 * process that another worker's task has forked has that one's, too: left as it
 * is, so that the executor in there is an inherited one. */
static struct server *new_server(void)
{
    static struct server first;

    if (first.pid == 0)
        return &first;
    void *further = mmap(NULL, sizeof first, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (further == MAP_FAILED)
        _exit(127);
    return further;
}

noreturn void cfi_process_worker_main(const struct cfi_worker_order *order,
                                      int region, int post,
                                      struct cf_executor *executor,
                                      const struct cfi_board *board)
{
    struct server *server = new_server();
    sigset_t none;

    prctl(PR_SET_NAME, "cf-worker");
    cfi_chaos_be_worker(order->worker, order->generation);
    server->board = board;
    server->record_times = order->record_times != 0;
    server->fork_generation = cfi_fork_generation();
    server->pid = getpid();
    if (!cfi_process_exit_watch() ||
        cfi_region_map(region, &server->region) != CF_OK)
        _exit(127);
    cfi_descriptor_close(&region);
    cfi_worker_buffers_init(&server->buffers, post);
    cfi_answers_init(&server->answers, &server->region, &server->buffers);
    server->worker =
        (struct cfi_worker){.index = order->worker,
                            .is_remote = true,
                            .stopping = &server->region.rings->stopping,
                            .asked = &server->region.rings->asked};
    cfi_worker_executor_init(&server->nested, executor, server->record_times,
                             &server->worker, &server->region, board->bell);
    cfi_worker_set_current(&server->worker);
    cfi_last_words_watch(&server->region.rings->last_words);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    begin(server, executor);
    if (order->most_bytes > 0 &&
        __builtin_add_overflow(cfi_own_bytes(), order->most_bytes,
                               &server->most_bytes))
        server->most_bytes = 0;
    atomic_store(&server->region.rings->ready, CFI_SERVES);
    cfi_bell_ring(server->board->bell, &server->ringer);
    serve(server, order->first_position);
}
