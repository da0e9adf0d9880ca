/* SPDX-License-Identifier: MIT */
/*
 * The arenas are as large as the machine's memory, so that any argument fits
 * that memory can hold; they cost address space only, until a piece is used.
 * Pieces are reserved before the first touch by MADV_POPULATE_WRITE rather
 * than posix_fallocate(): it fails the same way when memory is full, spares
 * the page faults that would follow, and needs no descriptor. So a worker has
 * none, and a task that closes every descriptor (as daemons do) harms nothing.
 */
#include "region.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "descriptor.h"
#include "last_error.h"

#define PAGE_BYTES  ((size_t)65536) /* a multiple of any page size */
#define HEAD_BYTES  round_up(sizeof(struct cfi_rings))
#define FRONT_BYTES (HEAD_BYTES + round_up(sizeof(struct cfi_desk)))

static size_t round_up(size_t bytes)
{
    return (bytes + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
}

static void lay_out(struct cfi_region *region, void *start, size_t bytes)
{
    *region = (struct cfi_region){.rings = start,
                                  .args = (unsigned char *)start + FRONT_BYTES,
                                  .arena_bytes = (bytes - FRONT_BYTES) / 2,
                                  .bytes = bytes};
    region->desk =
        (struct cfi_desk *)(void *)((unsigned char *)start + HEAD_BYTES);
    region->results = region->args + region->arena_bytes;
}

size_t cfi_file_limit(void)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < SIZE_MAX
               ? limit.rlim_cur
               : SIZE_MAX;
}

static size_t within_file_limit(size_t arena_bytes)
{
    size_t limit = cfi_file_limit();
    size_t room = limit > FRONT_BYTES ? limit - FRONT_BYTES : 0;
    size_t most = room / 2 & ~(PAGE_BYTES - 1); /* it is rounded up later */

    return arena_bytes < most ? arena_bytes : most;
}

/* Where the program locks all that it will map (mlockall()), the system touches
 * it at once, all of it: but nothing that may not be read. MAP_FAILED. */
static void *map_unlocked(int descriptor, size_t bytes)
{
    void *start = mmap(NULL, bytes, PROT_NONE, MAP_SHARED, descriptor, 0);

    if (start == MAP_FAILED)
        return MAP_FAILED;
    (void)munlock(start, bytes);
    if (mprotect(start, bytes, PROT_READ | PROT_WRITE) == 0)
        return start;
    munmap(start, bytes);
    return MAP_FAILED;
}

/* Finds the largest size that can be mapped, from `arena_bytes` down. */
static enum cf_status size_and_map(int descriptor, size_t arena_bytes,
                                   struct cfi_region *region)
{
    arena_bytes = within_file_limit(arena_bytes);
    if (arena_bytes < CFI_LEAST_ARENA_BYTES)
        return cfi_fail(CF_SYSTEM,
                        "files may have %zu bytes, too few for a worker's "
                        "memory",
                        cfi_file_limit());
    for (; arena_bytes >= CFI_LEAST_ARENA_BYTES; arena_bytes /= 2) {
        size_t bytes = FRONT_BYTES + 2 * round_up(arena_bytes);
        if (ftruncate(descriptor, (off_t)bytes) != 0)
            continue;
        void *start = map_unlocked(descriptor, bytes);
        if (start == MAP_FAILED)
            continue;
        lay_out(region, start, bytes);
        return CF_OK;
    }
    return cfi_fail(CF_NOMEM, "no address space for a worker's memory");
}

enum cf_status cfi_region_create(size_t arena_bytes, struct cfi_region *region,
                                 int *descriptor)
{
    int fd = cfi_descriptor_adopt(
        memfd_create("cf-worker", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (fd < 0)
        return cfi_fail_errno(CF_SYSTEM, "memfd_create");

    enum cf_status status = size_and_map(fd, arena_bytes, region);
    if (status != CF_OK)
        goto close_fd;
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) !=
            0 ||
        madvise(region->rings, region->bytes, MADV_DONTFORK) != 0) {
        status = cfi_fail_errno(CF_SYSTEM, "sealing a worker's memory");
        goto unmap;
    }
    /* may be refused; a core dump is large then, no more */
    (void)madvise(region->rings, region->bytes, MADV_DONTDUMP);
    status = cfi_region_reserve(region->rings, sizeof *region->rings);
    if (status != CF_OK)
        goto unmap;
    *descriptor = fd;
    return CF_OK;

unmap:
    cfi_region_unmap(region);
close_fd:
    cfi_descriptor_close(&fd);
    return status;
}

enum cf_status cfi_region_map(int descriptor, struct cfi_region *region)
{
    struct stat about;

    if (fstat(descriptor, &about) != 0 || about.st_size < 0)
        return cfi_fail_errno(CF_SYSTEM, "fstat of a worker's memory");
    size_t bytes = (size_t)about.st_size;
    void *start =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (start == MAP_FAILED)
        return cfi_fail_errno(CF_NOMEM, "mmap of a worker's memory");
    lay_out(region, start, bytes);
    return CF_OK;
}

void cfi_region_unmap(struct cfi_region *region)
{
    if (region->rings != NULL)
        munmap(region->rings, region->bytes);
    *region = (struct cfi_region){0};
}

/* To ask for more fails as well, but only once the system has given all that
 * there was, and ended processes for it. */
static bool could_be_had(size_t bytes)
{
    struct sysinfo about;

    return sysinfo(&about) != 0 ||
           bytes / about.mem_unit <= about.totalram + about.totalswap;
}

enum cf_status cfi_region_reserve(void *start, size_t bytes)
{
    if (!could_be_had(bytes))
        return cfi_fail(CF_NOMEM,
                        "the machine has less memory than %zu shared bytes",
                        bytes);
    uintptr_t mask = (uintptr_t)sysconf(_SC_PAGESIZE) - 1;
    uintptr_t begin = (uintptr_t)start & ~mask;
    uintptr_t end = ((uintptr_t)start + bytes + mask) & ~mask;

    while (madvise((void *)begin, end - begin, MADV_POPULATE_WRITE) != 0) {
        if (errno == EINTR || errno == EAGAIN)
            continue;
        if (errno == EINVAL)
            return cfi_fail(CF_SYSTEM, "shared memory cannot be reserved: "
                                       "Linux 5.14 or later is needed");
        if (errno == ENOMEM || errno == EFAULT) /* where it would be a SIGBUS */
            return cfi_fail(CF_NOMEM, "no memory for %zu shared bytes", bytes);
        return cfi_fail_errno(CF_SYSTEM, "madvise of shared memory");
    }
    return CF_OK;
}

void cfi_region_give_back(void *start, size_t bytes)
{
    /* where that cannot be done it stays, and is used again */
    (void)madvise(start, bytes, MADV_REMOVE);
}
