/* SPDX-License-Identifier: MIT */
/*
 * Reading and replacing whole files.
 *
 * A file is replaced in the order that leaves the old or the new one whatever
 * happens in between:
 *
 *      make a temporary beside it -> write -> fsync -> rename -> fsync folder
 *
 * The temporary's name is made with O_EXCL, so a symbolic link that somebody
 * planted there is refused and never followed. It is born with the mode that
 * the umask wants (an existing file's mode is kept). A target that is a
 * symbolic link is itself replaced, not what it points to; one that leads to a
 * folder or a device is left.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fail.h"
#include "large_memory.h"

#define READ_BYTES  ((size_t)1 << 20)
#define NAMES_TRIED 100

/* Reads to the end, growing by doubling; `length` counts what came. A file that
 * says how long it is needs room for that and to see its end. False with errno,
 * EFBIG beyond the limit. */
static bool read_all(int fd, size_t expected, size_t limit, char **data,
                     size_t *length)
{
    size_t capacity = 0;

    for (;;) {
        ssize_t got;
        if (capacity - *length < 2) {
            char *larger;
            if (capacity > 0)
                capacity *= 2;
            else
                capacity = expected > 0 ? expected + 64 : READ_BYTES;
            larger = large_memory_resize(*data, capacity);
            if (larger == NULL)
                return false;
            *data = larger;
        }
        got = read(fd, *data + *length, capacity - *length - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        *length += (size_t)got;
        if (*length > limit) {
            errno = EFBIG;
            return false;
        }
    }
}

/* What some editors put before UTF-8 is none of the text. */
static void drop_mark(char *data, size_t *length)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t bytes = sizeof mark - 1;

    if (*length < bytes || memcmp(data, mark, bytes) != 0)
        return;
    *length -= bytes;
    memmove(data, data + bytes, *length);
}

/* /dev/zero has no end; what is typed has. Of a path for output a terminal is
 * not to be asked whether it is a record, so only where it is our input. */
static bool is_endless(int fd, const char *path, const struct stat *status)
{
    if (S_ISCHR(status->st_mode))
        return strcmp(path, "/dev/stdin") != 0 || isatty(fd) != 1;
    return S_ISBLK(status->st_mode);
}

char *file_read(const char *path, size_t limit_bytes, size_t *length,
                struct record_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat status = {0};
    char *data = NULL;
    bool is_read = false;

    *length = 0;
    if (fd < 0) {
        fail(error, path, "cannot be opened: %s", strerror(errno));
        return NULL;
    }
    if (fstat(fd, &status) == 0 && is_endless(fd, path, &status)) {
        fail(error, path, "is a device, not a file");
        close(fd);
        return NULL;
    }
    if (status.st_size > 0 && (size_t)status.st_size > limit_bytes)
        errno = EFBIG;
    else
        is_read =
            read_all(fd, (size_t)status.st_size, limit_bytes, &data, length);
    if (is_read) {
        drop_mark(data, length);
        data[*length] = '\0';
    } else {
        fail(error, path, "cannot be read: %s", strerror(errno));
        free(data);
        data = NULL;
    }
    close(fd); /* read only: nothing to lose */
    return data;
}

/* As write(), but a file-size limit is an error and not a signal: SIGXFSZ goes
 * to the writing thread, so it is held back here and taken out of the queue. */
static ssize_t write_without_signal(int fd, const void *data, size_t length)
{
    sigset_t too_large, before;
    ssize_t written;
    int why;

    sigemptyset(&too_large);
    sigaddset(&too_large, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &too_large, &before);
    written = write(fd, data, length);
    why = errno;
    if (written < 0 && why == EFBIG)
        sigtimedwait(&too_large, NULL, &(struct timespec){0});
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = why;
    return written;
}

bool file_write(int fd, const void *data, size_t length)
{
    const char *rest = data;

    while (length > 0) {
        ssize_t written = write_without_signal(fd, rest, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            errno = written == 0 ? EIO : errno;
            return false;
        }
        rest += written;
        length -= (size_t)written;
    }
    return true;
}

/* Opens the folder that `path` is in; `*name` is the rest of it. */
static int open_folder(const char *path, const char **name)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX] = ".";

    *name = slash == NULL ? path : slash + 1;
    if (slash != NULL) {
        size_t length = (size_t)(slash - path) + 1; /* with it: may be "/" */
        if (length >= sizeof folder) {
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(folder, path, length);
        folder[length] = '\0';
    }
    return open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static bool make_temporary(struct file_replacement *replacement)
{
    for (int i = 0; i < NAMES_TRIED; i++) {
        snprintf(replacement->temporary, sizeof replacement->temporary,
                 ".cfbench-%ld-%d.tmp", (long)getpid(), i);
        replacement->fd =
            openat(replacement->folder_fd, replacement->temporary,
                   O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (replacement->fd >= 0 || errno != EEXIST)
            break;
    }
    return replacement->fd >= 0;
}

/* /dev/stdout is a link, and not one that a file may take the place of. */
static bool leads_to_other(const struct file_replacement *replacement)
{
    struct stat found;

    return fstatat(replacement->folder_fd, replacement->name, &found, 0) == 0 &&
           !S_ISREG(found.st_mode);
}

/* May what is at the target be replaced? A file's mode is handed on. */
static bool take_over_mode(const struct file_replacement *replacement,
                           const char **why)
{
    struct stat old;

    if (fstatat(replacement->folder_fd, replacement->name, &old,
                AT_SYMLINK_NOFOLLOW) != 0) {
        *why = strerror(errno);
        return errno == ENOENT;
    }
    *why = S_ISDIR(old.st_mode) ? "it is a directory" : "it is not a file";
    if (S_ISLNK(old.st_mode))
        return !leads_to_other(replacement);
    if (!S_ISREG(old.st_mode))
        return false;
    *why = strerror(EPERM);
    return fchmod(replacement->fd, old.st_mode & 0777) == 0;
}

bool file_replace_begin(struct file_replacement *replacement, const char *path,
                        struct record_error *error)
{
    const char *why;

    *replacement = (struct file_replacement){.path = path, .fd = -1};
    replacement->folder_fd = open_folder(path, &replacement->name);
    if (replacement->folder_fd < 0)
        return fail(error, path, "cannot be written: %s", strerror(errno));
    if (replacement->name[0] == '\0') {
        close(replacement->folder_fd);
        return fail(error, path, "cannot be written: it is a directory");
    }
    if (!make_temporary(replacement)) {
        fail(error, path, "cannot be written: %s", strerror(errno));
        close(replacement->folder_fd);
        return false;
    }
    if (take_over_mode(replacement, &why))
        return true;
    fail(error, path, "cannot be written: %s", why);
    file_replace_abandon(replacement);
    return false;
}

void file_replace_abandon(struct file_replacement *replacement)
{
    unlinkat(replacement->folder_fd, replacement->temporary, 0);
    if (replacement->fd >= 0)
        close(replacement->fd);
    close(replacement->folder_fd);
}

/* So that the new name survives a power cut. The file is in place by now and
 * some file systems cannot do this, so there is nothing to report. */
static void sync_folder(int folder_fd)
{
    int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

/* A signal (Ctrl-C while the record is saved) is no reason to lose it. */
static bool sync_file(int fd)
{
    while (fsync(fd) != 0) {
        if (errno != EINTR)
            return false;
    }
    return true;
}

bool file_replace_commit(struct file_replacement *replacement, bool keep_fd,
                         struct record_error *error)
{
    int fd = replacement->fd;
    bool is_safe = sync_file(fd);

    if (is_safe && !keep_fd) { /* some file systems report only at close */
        replacement->fd = -1;
        is_safe = close(fd) == 0 || errno == EINTR; /* closed all the same */
    }
    if (!is_safe || renameat(replacement->folder_fd, replacement->temporary,
                             replacement->folder_fd, replacement->name) != 0) {
        fail(error, replacement->path, "cannot be written: %s",
             strerror(errno));
        file_replace_abandon(replacement);
        return false;
    }
    sync_folder(replacement->folder_fd);
    close(replacement->folder_fd);
    return true;
}
