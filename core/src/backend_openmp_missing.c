/* SPDX-License-Identifier: MIT */
/* Compiled in place of backend_openmp.c when CMake found no OpenMP. */
#include "backend_impl.h"

const struct cf_backend cf_backend_openmp = {
    .name = "openmp",
    .about = "one persistent OpenMP team; a map is a worksharing loop",
    .missing = "built without OpenMP: the compiler has no -fopenmp",
};
