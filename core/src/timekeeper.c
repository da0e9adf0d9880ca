/* SPDX-License-Identifier: MIT */
/*
 * Alarms: the limits of tasks that run, and the next rungs for those that were
 * asked to end. There are about as many as workers, and most come with a later
 * deadline than all before, so a sorted list that is filled from its end does.
 *
 * The thread sleeps until `wake_ns`, the earliest deadline when it last looked.
 * Only an alarm before that wakes it; one that was cancelled meanwhile costs it
 * one look in vain. So a stream of short tasks with one limit costs no system
 * call each, and with no alarm set it sleeps for good.
 */
#include "timekeeper.h"

#include <sys/prctl.h>

#include "clock.h"
#include "completion.h" /* cfi_thread_start() */

void cfi_timekeeper_init(struct cfi_timekeeper *keeper)
{
    TAILQ_INIT(&keeper->alarms);
    keeper->wake_ns = INT64_MAX;
}

/* Lock held. */
static void insert(struct cfi_timekeeper *keeper, struct cfi_alarm *alarm)
{
    struct cfi_alarm *before = TAILQ_LAST(&keeper->alarms, cfi_alarm_list);

    while (before != NULL && before->deadline_ns > alarm->deadline_ns)
        before = TAILQ_PREV(before, cfi_alarm_list, link);
    if (before != NULL)
        TAILQ_INSERT_AFTER(&keeper->alarms, before, alarm, link);
    else
        TAILQ_INSERT_HEAD(&keeper->alarms, alarm, link);
    alarm->is_set = true;
}

/* Lock held. */
static void take_off(struct cfi_timekeeper *keeper, struct cfi_alarm *alarm)
{
    TAILQ_REMOVE(&keeper->alarms, alarm, link);
    alarm->is_set = false;
}

/* Lock held. The alarm is not set. True: the thread is to be woken. */
static bool enter(struct cfi_timekeeper *keeper, struct cfi_alarm *alarm,
                  int64_t deadline_ns)
{
    bool is_earlier = deadline_ns < keeper->wake_ns;

    alarm->deadline_ns = deadline_ns;
    insert(keeper, alarm);
    if (is_earlier)
        keeper->wake_ns = deadline_ns;
    return is_earlier;
}

bool cfi_timekeeper_set(struct cfi_timekeeper *keeper, struct cfi_alarm *alarm,
                        int64_t deadline_ns)
{
    cfi_lock(&keeper->lock);
    bool is_open = !keeper->is_ending;
    bool is_earlier = is_open && enter(keeper, alarm, deadline_ns);
    cfi_unlock(&keeper->lock);
    if (is_earlier)
        cfi_eventcount_notify(&keeper->changed, 1);
    return is_open;
}

void cfi_timekeeper_hasten(struct cfi_timekeeper *keeper,
                           struct cfi_alarm *alarm, int64_t deadline_ns)
{
    bool is_earlier = false;

    cfi_lock(&keeper->lock);
    bool is_late = !alarm->is_set || alarm->deadline_ns > deadline_ns;
    if (is_late && !keeper->is_ending) {
        if (alarm->is_set)
            take_off(keeper, alarm);
        is_earlier = enter(keeper, alarm, deadline_ns);
    }
    cfi_unlock(&keeper->lock);
    if (is_earlier)
        cfi_eventcount_notify(&keeper->changed, 1);
}

void cfi_timekeeper_cancel(struct cfi_timekeeper *keeper,
                           struct cfi_alarm *alarm)
{
    for (;;) {
        uint32_t key = cfi_eventcount_prepare(&keeper->rung);
        cfi_lock(&keeper->lock);
        if (alarm->is_set)
            take_off(keeper, alarm);
        bool is_ringing = keeper->ringing == alarm;
        cfi_unlock(&keeper->lock);
        if (!is_ringing) {
            cfi_eventcount_cancel(&keeper->rung);
            return;
        }
        cfi_eventcount_wait(&keeper->rung, key, INT64_MAX);
    }
}

/* Rings what is due. Returns when to look again; INT64_MIN: never. */
static int64_t ring_what_is_due(struct cfi_timekeeper *keeper)
{
    struct cfi_alarm *alarm;
    int64_t next_ns = INT64_MAX;

    cfi_lock(&keeper->lock);
    while ((alarm = TAILQ_FIRST(&keeper->alarms)) != NULL &&
           !keeper->is_ending) {
        next_ns = alarm->deadline_ns;
        if (next_ns > cfi_now_ns())
            break;
        take_off(keeper, alarm);
        keeper->ringing = alarm;
        cfi_unlock(&keeper->lock);
        alarm->ring(alarm);
        cfi_lock(&keeper->lock);
        keeper->ringing = NULL;
        cfi_unlock(&keeper->lock);
        cfi_eventcount_notify(&keeper->rung, CFI_EVERYBODY);
        cfi_lock(&keeper->lock);
        next_ns = INT64_MAX;
    }
    keeper->wake_ns = next_ns;
    bool is_ending = keeper->is_ending;
    cfi_unlock(&keeper->lock);
    return is_ending ? INT64_MIN : next_ns;
}

static void *keep_time(void *argument)
{
    struct cfi_timekeeper *keeper = argument;

    prctl(PR_SET_NAME, "cf-time");
    for (;;) {
        uint32_t key = cfi_eventcount_prepare(&keeper->changed);
        int64_t next_ns = ring_what_is_due(keeper);
        if (next_ns == INT64_MIN) {
            cfi_eventcount_cancel(&keeper->changed);
            return NULL;
        }
        cfi_eventcount_wait(&keeper->changed, key, next_ns);
    }
}

enum cf_status cfi_timekeeper_start(struct cfi_timekeeper *keeper)
{
    enum cf_status status = CF_OK;

    cfi_lock(&keeper->lock);
    if (!keeper->has_thread && !keeper->is_ending) {
        status = cfi_thread_start(&keeper->thread, keep_time, keeper);
        keeper->has_thread = status == CF_OK;
    }
    cfi_unlock(&keeper->lock);
    return status;
}

static struct cfi_alarm *take_first(struct cfi_timekeeper *keeper)
{
    cfi_lock(&keeper->lock);
    struct cfi_alarm *alarm = TAILQ_FIRST(&keeper->alarms);
    if (alarm != NULL)
        take_off(keeper, alarm);
    cfi_unlock(&keeper->lock);
    return alarm;
}

void cfi_timekeeper_stop(struct cfi_timekeeper *keeper)
{
    struct cfi_alarm *alarm;

    cfi_lock(&keeper->lock);
    keeper->is_ending = true;
    bool has_thread = keeper->has_thread;
    cfi_unlock(&keeper->lock);
    cfi_eventcount_notify(&keeper->changed, 1);
    if (has_thread)
        pthread_join(keeper->thread, NULL);
    /* nobody sets one any more, but a backend's threads may look and cancel */
    while ((alarm = take_first(keeper)) != NULL)
        if (alarm->drop != NULL)
            alarm->drop(alarm);
}
