/* SPDX-License-Identifier: MIT */
/* The catalogue is sealed against any writer but the host, which maps it
 * before: a worker that writes wild shall not tell its siblings what to load. */
#include "board.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "descriptor.h"
#include "last_error.h"
#include "region.h"

/* NULL: no memory, or no descriptor; errno tells. */
static void *share(const char *name, size_t bytes, int *descriptor)
{
    int fd = cfi_descriptor_adopt(
        memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
    void *start = MAP_FAILED;

    if (bytes > cfi_file_limit())
        errno = EFBIG;
    else if (fd >= 0 && ftruncate(fd, (off_t)bytes) == 0)
        start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (start == MAP_FAILED) {
        cfi_descriptor_close(&fd);
        return NULL;
    }
    *descriptor = fd;
    return start;
}

static bool seal(int descriptor, int more)
{
    return fcntl(descriptor, F_ADD_SEALS,
                 F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL | more) == 0;
}

enum cf_status cfi_board_create(struct cfi_board *board)
{
    *board = (struct cfi_board){.bell_fd = -1, .catalogue_fd = -1};
    board->bell = share("cf-bell", sizeof *board->bell, &board->bell_fd);
    board->catalogue =
        share("cf-catalogue", sizeof *board->catalogue, &board->catalogue_fd);
    if (board->bell == NULL || board->catalogue == NULL ||
        !seal(board->bell_fd, 0) ||
        !seal(board->catalogue_fd, F_SEAL_FUTURE_WRITE)) {
        enum cf_status why = errno == ENOMEM ? CF_NOMEM : CF_SYSTEM;
        cfi_board_finish(board);
        return cfi_fail_errno(why, "memory shared with the workers");
    }
    enum cf_status status =
        cfi_region_reserve(board->bell, sizeof *board->bell);
    if (status == CF_OK)
        status = cfi_region_reserve(board->catalogue,
                                    sizeof board->catalogue->entries[0].object);
    if (status != CF_OK)
        cfi_board_finish(board);
    return status;
}

enum cf_status cfi_board_map(struct cfi_board *board)
{
    void *bell = mmap(NULL, sizeof *board->bell, PROT_READ | PROT_WRITE,
                      MAP_SHARED, board->bell_fd, 0);
    void *catalogue = mmap(NULL, sizeof *board->catalogue, PROT_READ,
                           MAP_SHARED, board->catalogue_fd, 0);

    if (bell == MAP_FAILED || catalogue == MAP_FAILED)
        return cfi_fail_errno(CF_NOMEM, "mmap of what the workers share");
    board->bell = bell;
    board->catalogue = catalogue;
    return CF_OK;
}

void cfi_board_protect(const struct cfi_board *board)
{
    /* best effort: without it a worker harms more than itself, if it must */
    (void)mprotect(board->catalogue, sizeof *board->catalogue, PROT_READ);
}

void cfi_board_close_descriptors(struct cfi_board *board)
{
    cfi_descriptor_close(&board->bell_fd);
    cfi_descriptor_close(&board->catalogue_fd);
}

void cfi_board_finish(struct cfi_board *board)
{
    if (board->bell != NULL)
        munmap(board->bell, sizeof *board->bell);
    if (board->catalogue != NULL)
        munmap(board->catalogue, sizeof *board->catalogue);
    if (board->bell != NULL || board->catalogue != NULL)
        cfi_board_close_descriptors(board);
    board->bell = NULL;
    board->catalogue = NULL;
}
