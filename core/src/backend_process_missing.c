/* SPDX-License-Identifier: MIT */
/* In place of backend_process.c where that is not built. */
#include "backend_impl.h"

const struct cf_backend cf_backend_process = {
    .name = "process",
    .about = "processes on shared-memory rings; a crash costs one task",
    .missing = "not part of this build",
};
