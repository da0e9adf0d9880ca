/* SPDX-License-Identifier: MIT */
#ifndef CF_VERSION_H
#define CF_VERSION_H

#include <cf/status.h>

#define CF_VERSION "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that is running, which need not be CF_VERSION,
 * the one compiled against. */
CF_API const char *cf_version(void);

#ifdef __cplusplus
}
#endif
#endif
