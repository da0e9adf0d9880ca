/* SPDX-License-Identifier: MIT */
#ifndef CFI_TIMEKEEPER_H
#define CFI_TIMEKEEPER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <cf/status.h>

#include "eventcount.h"
#include "lock.h"

/* Something to be done at a time, by the timekeeper's thread, with no lock
 * held. `ring` may set its alarm again, or free it. `drop` is for alarms that
 * are set when the timekeeper ends; NULL: nothing to do. */
struct cfi_alarm {
    TAILQ_ENTRY(cfi_alarm) link;
    int64_t deadline_ns;
    void (*ring)(struct cfi_alarm *alarm);
    void (*drop)(struct cfi_alarm *alarm);
    bool is_set; /* guarded by the timekeeper's lock */
};

/*
 * A thread that sleeps until the earliest of its alarms. There is none before
 * the first start(); while no alarm is set it sleeps for good. Zero, then
 * init(), is a timekeeper.
 */
struct cfi_timekeeper {
    struct cfi_eventcount changed; /* an earlier alarm, or the end           */
    struct cfi_eventcount rung;    /* notified when `ringing` falls silent    */

    struct cfi_lock lock;
    /* --- guarded by lock --- */
    TAILQ_HEAD(cfi_alarm_list, cfi_alarm)
    alarms; /* the earliest first                    */
    struct cfi_alarm *ringing;
    int64_t wake_ns; /* when the thread looks next by itself                 */
    bool has_thread;
    bool is_ending;
    pthread_t thread;
};

void cfi_timekeeper_init(struct cfi_timekeeper *keeper);

/* Sees to it that there is a thread. CF_OK, CF_AGAIN. */
CF_MUST_CHECK enum cf_status
cfi_timekeeper_start(struct cfi_timekeeper *keeper);

/* Has the alarm ring at `deadline_ns`. False: the timekeeper has ended. */
bool cfi_timekeeper_set(struct cfi_timekeeper *keeper, struct cfi_alarm *alarm,
                        int64_t deadline_ns);

/* Has it ring at `deadline_ns` at the latest, whether it is set already, or
 * rings just now. Does not wait. */
void cfi_timekeeper_hasten(struct cfi_timekeeper *keeper,
                           struct cfi_alarm *alarm, int64_t deadline_ns);

/* The alarm does not ring any more; waits while it does. */
void cfi_timekeeper_cancel(struct cfi_timekeeper *keeper,
                           struct cfi_alarm *alarm);

/* Drops every alarm and ends the thread, if there is one. */
void cfi_timekeeper_stop(struct cfi_timekeeper *keeper);

#endif
