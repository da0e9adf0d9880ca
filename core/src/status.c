/* SPDX-License-Identifier: MIT */
/* Names of statuses, and the version. */
#include <cf/status.h>
#include <cf/version.h>

const char *cf_status_name(enum cf_status status)
{
    switch (status) {
    case CF_OK:
        return "CF_OK";
    case CF_TIMEOUT:
        return "CF_TIMEOUT";
    case CF_CANCELLED:
        return "CF_CANCELLED";
    case CF_EXCEPTION:
        return "CF_EXCEPTION";
    case CF_CRASHED:
        return "CF_CRASHED";
    case CF_EXPIRED:
        return "CF_EXPIRED";
    case CF_BROKEN:
        return "CF_BROKEN";
    case CF_SHUTDOWN:
        return "CF_SHUTDOWN";
    case CF_FULL:
        return "CF_FULL";
    case CF_DEADLOCK:
        return "CF_DEADLOCK";
    case CF_INVALID:
        return "CF_INVALID";
    case CF_AGAIN:
        return "CF_AGAIN";
    case CF_NOMEM:
        return "CF_NOMEM";
    case CF_SYSTEM:
        return "CF_SYSTEM";
    case CF_UNSUPPORTED:
        return "CF_UNSUPPORTED";
    case CF_END:
        return "CF_END";
    case CF_STOPPED:
        return "CF_STOPPED";
    }
    return "CF_?";
}

const char *cf_version(void)
{
    return CF_VERSION;
}
