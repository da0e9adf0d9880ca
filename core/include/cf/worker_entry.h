/* SPDX-License-Identifier: MIT */
#ifndef CF_WORKER_ENTRY_H
#define CF_WORKER_ENTRY_H

#include <cf/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The place where a program's other processes leave the way that main goes:
 * the first call in main. In a process that was started as a worker it serves
 * and never returns; anywhere else it returns at once. So no second main ever
 * runs, and nothing of it is printed twice.
 *
 * Every program that uses CF_MPI needs it. Started by an MPI launcher, rank 0
 * returns and goes on; the other ranks serve every executor on CF_MPI that
 * rank 0 creates, and end when it does. A task in a rank can create none on
 * CF_MPI (CF_UNSUPPORTED); it has cf_task_executor(), or any other backend. A
 * program whose ranks are to do something else does not call it.
 *
 * It initialises MPI (MPI_THREAD_FUNNELED, on a thread of the library's own),
 * unless the program has done so before: then with MPI_THREAD_SERIALIZED at
 * least, and the program makes no call of MPI while an executor on CF_MPI lives;
 * or with MPI_THREAD_MULTIPLE, where it, and its tasks, may
 * (cf_options.tasks_use_mpi has that checked). A program that was given less
 * finds CF_MPI CF_UNSUPPORTED. What has not ended when it calls MPI_Finalize()
 * is CF_BROKEN; so is what an executor still has at exit(), once the library has
 * ended MPI, that was shut down before or is shut down or destroyed then. A task
 * that calls exit() in a rank ends the job; as no launcher tells that well, the
 * rank writes a line to its stderr.
 *
 * Exec'ed worker processes (CF_START_FORKSERVER, CF_START_SPAWN) begin here,
 * where a program makes this call; else in a constructor of the library, and
 * main is not reached at all. Where the library is a shared one, that comes
 * before the program's own constructors; a program that has some is refused
 * then (CF_UNSUPPORTED): its tasks might need what they set up. Where libcf.a is
 * in the program they run first, in the workers too; what they create there by
 * exec is refused (CF_UNSUPPORTED), or there would be no end.
 * Forked workers never need this call.
 */
CF_API void cf_worker_entry(void);

#ifdef __cplusplus
}
#endif
#endif
