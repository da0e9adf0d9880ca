/* SPDX-License-Identifier: MIT */
/* How a worker process leaves where a task does not return. */
#include "process_exit.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "text.h"

/* Runs before any exit handler that the host registered, instead of them. */
static void leave_from_exit(int code, void *context)
{
    (void)context;
    cfi_text_flush();
    _exit(code);
}

/* The same for quick_exit(). glibc hands the code to its handlers too, as to
 * those of on_exit(); C knows of none. */
static void leave_from_quick_exit(void *none, int code)
{
    leave_from_exit(code, none);
}

/* A task's pthread_exit() ends the worker, whatever other threads it has. In
 * the second round, so that destructors of others have run. */
static pthread_key_t main_thread;

static void leave_with_main_thread(void *rounds)
{
    if (rounds != &main_thread) {
        cfi_text_flush();
        _exit(0);
    }
    pthread_setspecific(main_thread, (char *)&main_thread + 1);
}

bool cfi_process_exit_watch(void)
{
    /* without a key the thread alone ends, as ever */
    if (pthread_key_create(&main_thread, leave_with_main_thread) == 0)
        pthread_setspecific(main_thread, &main_thread);
    return on_exit(leave_from_exit, NULL) == 0 &&
           at_quick_exit((void (*)(void))leave_from_quick_exit) == 0;
}
