/* SPDX-License-Identifier: MIT */
/*
 * The output path. What stands there already is replaced by rename only where
 * it is a record of ours: a slip of the hand must not cost anyone a file. That
 * the folder can be written to is seen when the journal is made beside it,
 * which is before the first measurement too.
 */
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "say.h"

enum { NAME_MAX_BYTES = 60 };

static void keep_plain(const char *name, char plain[NAME_MAX_BYTES + 1])
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789._-";
    size_t length = 0;

    for (; *name != '\0' && length < NAME_MAX_BYTES; name++)
        if (strchr(allowed, *name) != NULL)
            plain[length++] = *name;
        else if (length > 0 && plain[length - 1] != '-')
            plain[length++] = '-';
    plain[length] = '\0';
}

static bool exists(const char *path)
{
    struct stat found;

    return lstat(path, &found) == 0;
}

char *output_default(const char *name)
{
    char plain[NAME_MAX_BYTES + 1];
    char stamp[32];
    time_t now = time(NULL);
    struct tm utc;
    char *path;

    keep_plain(name, plain);
    gmtime_r(&now, &utc);
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &utc);
    if (asprintf(&path, "cfbench-%s-%s.json", plain, stamp) < 0)
        return NULL;
    for (int again = 2; exists(path) && again < 1000; again++) {
        free(path);
        if (asprintf(&path, "cfbench-%s-%s-%d.json", plain, stamp, again) < 0)
            return NULL;
    }
    return path;
}

static bool refuse(const char *path, const char *why)
{
    say_trouble("%.300s: %s", path, why);
    return false;
}

static bool check_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL   ? strdup(".")
                   : slash == path ? strdup("/")
                                   : strndup(path, (size_t)(slash - path));
    struct stat found;
    const char *why = NULL;

    if (folder == NULL)
        return refuse(path, "no memory");
    if (stat(folder, &found) != 0)
        why = strerror(errno);
    else if (!S_ISDIR(found.st_mode))
        why = "not a folder";
    else if (access(folder, W_OK | X_OK) != 0)
        why = strerror(errno);
    if (why != NULL)
        say_trouble("%.300s: the folder %.300s: %s", path, folder, why);
    free(folder);
    return why == NULL;
}

bool output_check(const char *path, bool force)
{
    struct stat found;

    if (path[0] == '\0' || path[strlen(path) - 1] == '/')
        return refuse(path, "not the name of a file");
    if (strcmp(path, "-") == 0)
        return refuse(path, "a record goes to a file, not to stdout (./- would "
                            "be a file)");
    if (!check_folder(path))
        return false;
    if (lstat(path, &found) != 0)
        return errno == ENOENT || refuse(path, strerror(errno));
    if (S_ISDIR(found.st_mode))
        return refuse(path, "is a folder");
    if (!S_ISREG(found.st_mode))
        return refuse(path, "exists and is not a regular file");
    if (force || record_is_record(path))
        return true;
    return refuse(path, "exists and is not a record of cfbench (--force "
                        "replaces it)");
}

void output_rescue(const struct record *record, const char *journal_path,
                   const char *what_takes_it)
{
    struct record_error error = {"no memory"};
    char *here;

    if (exists(journal_path)) {
        say_warning("the samples are in %.300s; %s takes it", journal_path,
                    what_takes_it);
        return;
    }
    here = output_default(facts_text(record->run, "name", "run"));
    if (here != NULL && record_write(record, here, &error))
        say_warning("%.300s has gone as well: the record is in %s",
                    journal_path, here);
    else
        say_trouble("%s: nor here: the samples are lost", error.text);
    free(here);
}
