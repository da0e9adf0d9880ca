/* SPDX-License-Identifier: MIT */
/*
 * Cairo ends a PDF with a dictionary about it that holds "/CreationDate
 * (D:20260101000000Z)". Blanks in its place keep every offset in the file.
 */
#include "pdf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { TAIL_BYTES = 8192 };

bool pdf_forget_date(const char *path)
{
    static const char start[] = "/CreationDate (";
    char tail[TAIL_BYTES];
    int file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

    if (file < 0)
        return false;
    off_t end = lseek(file, 0, SEEK_END);
    off_t from = end > TAIL_BYTES ? end - TAIL_BYTES : 0;
    ssize_t length = pread(file, tail, sizeof tail, from);
    const char *entry =
        length > 0 ? memmem(tail, (size_t)length, start, strlen(start)) : NULL;
    const char *close_at =
        entry == NULL ? NULL
                      : memchr(entry, ')', (size_t)(tail + length - entry));
    bool good = length >= 0;
    if (close_at != NULL) {
        size_t bytes = (size_t)(close_at - entry) + 1;
        char blanks[TAIL_BYTES];
        memset(blanks, ' ', bytes);
        good = pwrite(file, blanks, bytes, from + (entry - tail)) ==
               (ssize_t)bytes;
    }
    int why = errno;
    close(file);
    errno = why;
    return good;
}
