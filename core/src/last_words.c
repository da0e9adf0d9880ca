/* SPDX-License-Identifier: MIT */
/*
 * A handler for the signals that a process brings upon itself. It writes where
 * the fault was and who called whom, then lets the signal take its course: the
 * process dies of it as it would have without, core dump included.
 *
 * Whatever it calls takes no lock, since the thread that it interrupts may
 * hold any: unwinding and _dl_find_object() are made for that, once the
 * unwinder is loaded. Frames are kept as places in objects; the host, which has
 * time, finds their names. A fault in the handler ends the process at once.
 */
#include "last_words.h"

#include <execinfo.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#include "code_object.h"
#include "executor_impl.h"
#include "symbol.h"

/* The handler's own frames, and the one through which the system called it. */
#define OWN_FRAMES 3

static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

/* The worker's, in its process: a handler has no other way to it. */
static struct cfi_last_words *own_words;
static uint64_t own_generation;

void cfi_last_words_prepare(void)
{
    void *frame;

    (void)backtrace(&frame, 1);
}

/* Where the thread was when the signal came. */
static uintptr_t interrupted_at(const ucontext_t *context)
{
#if defined __x86_64__
    return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined __aarch64__
    return context->uc_mcontext.pc;
#else
    (void)context;
    return 0;
#endif
}

static void write_frames(struct cfi_last_words *words, uintptr_t innermost)
{
    void *frames[CFI_MOST_FRAMES + OWN_FRAMES];
    int count = backtrace(frames, (int)(CFI_MOST_FRAMES + OWN_FRAMES));
    int i = 0;
    uint32_t written = 0;

    while (i < OWN_FRAMES && i < count && (uintptr_t)frames[i] != innermost)
        i++;
    for (; i < count && written < CFI_MOST_FRAMES; i++)
        if (cfi_code_address_of(frames[i], &words->frames[written]))
            written++;
    atomic_store(&words->frame_count, written);
}

static void speak(int signal, siginfo_t *about, void *context)
{
    /* not in a process that the task has forked */
    if (own_generation == cfi_fork_generation()) {
        if (about->si_code > 0 && signal != SIGABRT)
            own_words->fault_address = (uintptr_t)about->si_addr;
        atomic_store(&own_words->signal, (uint32_t)signal);
        write_frames(own_words, interrupted_at(context));
    }
    /* a fault comes again by itself, by default now; what was sent does not */
    if (about->si_code <= 0)
        raise(signal);
}

void cfi_last_words_watch(struct cfi_last_words *words)
{
    static char stack[64 << 10]; /* for those who have used up theirs */
    stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {
        .sa_sigaction = speak,
        .sa_flags = (int)(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND)};
    struct sigaction before;

    own_words = words;
    own_generation = cfi_fork_generation();
    sigaltstack(&alternative, NULL);
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        if (sigaction(fatal[i], NULL, &before) == 0 &&
            before.sa_handler == SIG_DFL)
            sigaction(fatal[i], &action, NULL);
}

/* --- in the host --- */

/* A text that grows within its room. */
struct text {
    char *bytes;
    size_t room;
    size_t used;
};

static void add(struct text *text, const char *format, ...) CF_PRINTF(2, 3);

static void add(struct text *text, const char *format, ...)
{
    size_t rest = text->room - text->used;
    va_list list;

    va_start(list, format);
    int added = vsnprintf(text->bytes + text->used, rest, format, list);
    va_end(list);
    if (added > 0)
        text->used += (size_t)added < rest ? (size_t)added : rest - 1;
}

static void add_frame(struct text *text, uint32_t number,
                      struct cfi_code_address frame)
{
    const unsigned char *place = cfi_code_address_resolve(frame);
    char path[CFI_PATH_BYTES], name[CFI_SYMBOL_BYTES];
    size_t behind;

    add(text, "#%u ", number);
    if (place == NULL) {
        add(text, "in an object that the host has not loaded, +%#lx\n",
            (unsigned long)frame.offset);
        return;
    }
    /* a caller is known by where it goes on, which may be past its end */
    size_t step = number > 0 ? 1 : 0;
    if (cfi_symbol_find(place - step, name, &behind))
        add(text, "%s+%#lx ", name, (unsigned long)(behind + step));
    if (!cfi_code_path(place, path))
        path[0] = '\0';
    add(text, "(%s+%#lx)\n", path[0] != '\0' ? path : "the program",
        (unsigned long)frame.offset);
}

char *cfi_last_words_trace(const struct cfi_last_words *words)
{
    uint32_t count = atomic_load(&words->frame_count);
    struct text text = {.room = (size_t)CFI_MOST_FRAMES * 256};

    if (count == 0 || count > CFI_MOST_FRAMES)
        return NULL;
    text.bytes = malloc(text.room);
    for (uint32_t i = 0; text.bytes != NULL && i < count; i++)
        add_frame(&text, i, words->frames[i]);
    return text.bytes;
}
