/* SPDX-License-Identifier: MIT */
/*
 * A journal is an open file and the length that is known to be whole. A line is
 * made in memory and goes out in one write: nothing is buffered here that a
 * kill could lose or a forked child could write a second time. What a full disk
 * took of a line is cut off again.
 *
 * The file is locked while the run goes on (flock: the kernel lets go of it
 * however the process ends), so that two runs cannot share one output.
 */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "c_locale.h"
#include "fail.h"
#include "file.h"
#include "record_json.h"

struct journal {
    char *path;
    int fd;
    off_t length; /* of whole lines */
};

char *journal_path_for(const char *output_path)
{
    size_t length = strlen(output_path);
    char *path;

    if (length > 5 && strcmp(output_path + length - 5, ".json") == 0)
        length -= 5;
    if (asprintf(&path, "%.*s.jsonl", (int)length, output_path) < 0)
        return NULL;
    return path;
}

/* Sends the line that stands in the writer, or nothing. */
static bool send_line(struct journal *journal, struct json_writer *writer,
                      struct record_error *error)
{
    int why;

    json_end_line(writer);
    why = writer->error;
    if (why == 0 && !file_write(journal->fd, writer->data, writer->length)) {
        why = errno;
        if (ftruncate(journal->fd, journal->length) != 0)
            why = errno;
    }
    if (why != 0)
        return fail(error, journal->path, "cannot be written: %s",
                    strerror(why));
    journal->length += (off_t)writer->length;
    return true;
}

/* One line from writing to sending: a head, a case or a sample. */
static bool append_line(struct journal *journal, const struct record *record,
                        const struct record_case *one,
                        const struct record_sample *sample,
                        struct record_error *error)
{
    locale_t before = c_locale_enter();
    struct json_writer writer;
    bool is_sent;

    json_init(&writer, -1);
    writer.flat = true;
    if (one != NULL) {
        record_write_case(&writer, one);
    } else if (sample != NULL) {
        record_write_sample(&writer, record, sample);
    } else {
        json_open(&writer, NULL, '{');
        record_write_head(&writer, record);
        json_close(&writer, '}');
    }
    is_sent = send_line(journal, &writer, error);
    json_finish(&writer);
    c_locale_leave(before);
    return is_sent;
}

bool journal_append(struct journal *journal, const struct record *record,
                    const struct record_sample *sample,
                    struct record_error *error)
{
    return journal == NULL || append_line(journal, record, NULL, sample, error);
}

bool journal_append_case(struct journal *journal, const struct record *record,
                         size_t case_index, struct record_error *error)
{
    return journal == NULL ||
           append_line(journal, record, &record->cases[case_index], NULL,
                       error);
}

/* May the file at `path` go? If it is there, it must be a journal that no
 * living run has locked. */
static bool is_replaceable(const char *path, struct record_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct record *record;
    bool is_journal, is_locked;

    if (fd < 0)
        return errno == ENOENT ||
               fail(error, path, "cannot be replaced: %s", strerror(errno));
    is_locked = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(fd);
    if (is_locked)
        return fail(error, path, "another run is writing it");
    record = record_read(path, error);
    is_journal = record != NULL && record->from_journal;
    record_destroy(record);
    return is_journal ||
           fail(error, path, "is in the way: not the journal of a run");
}

static bool write_lines(struct journal *journal, const struct record *record,
                        struct record_error *error)
{
    if (!append_line(journal, record, NULL, NULL, error))
        return false;
    for (size_t i = 0; i < record->sample_count; i++) {
        if (!journal_append(journal, record, &record->samples[i], error))
            return false;
    }
    return true;
}

/* Makes the file whole beside its place, locks it and puts it there. */
static bool place(struct journal *journal, const struct record *record,
                  struct record_error *error)
{
    struct file_replacement replacement;

    if (!file_replace_begin(&replacement, journal->path, error))
        return false;
    journal->fd = replacement.fd;
    if (!write_lines(journal, record, error)) {
        file_replace_abandon(&replacement);
        return false;
    }
    flock(journal->fd, LOCK_EX | LOCK_NB); /* a help, where locks exist */
    return file_replace_commit(&replacement, true, error);
}

struct journal *journal_create(const char *path, const struct record *record,
                               struct record_error *error)
{
    struct journal *journal;

    if (!is_replaceable(path, error))
        return NULL;
    journal = calloc(1, sizeof *journal);
    if (journal == NULL) {
        fail(error, path, "out of memory");
        return NULL;
    }
    journal->path = strdup(path);
    if (journal->path == NULL)
        fail(error, path, "out of memory");
    else if (place(journal, record, error))
        return journal;
    free(journal->path);
    free(journal);
    return NULL;
}

void journal_close(struct journal *journal)
{
    if (journal == NULL)
        return;
    close(journal->fd); /* every line has been with the kernel since written */
    free(journal->path);
    free(journal);
}

bool journal_remove(const char *path, struct record_error *error)
{
    return unlink(path) == 0 || errno == ENOENT ||
           fail(error, path, "cannot be removed: %s", strerror(errno));
}
