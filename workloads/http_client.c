/* SPDX-License-Identifier: MIT */
/*
 * One libcurl handle per thread, and so one connection per worker: that is how
 * a program that cares about speed uses libcurl.
 */
#include "http_client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "kept.h"

enum {
    CONNECT_TIMEOUT_S = 10,
    SILENCE_TIMEOUT_S = 30,
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool usable; /* set once, in once_only(), before anybody reads it */
static struct wl_kept kept;

static void once_only(void)
{
    usable = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

/* RFC 1950. Sums stay below 2^32 for that many bytes before the remainder. */
uint64_t wl_http_hash(uint64_t hash, const void *bytes, size_t count)
{
    enum { MODULUS = 65521, STRIDE = 5552 };
    const unsigned char *byte = bytes;
    uint32_t low = hash & 0xffff, high = (uint32_t)(hash >> 16);

    while (count > 0) {
        size_t part = count < STRIDE ? count : STRIDE;

        count -= part;
        for (; part > 0; part--) {
            low += *byte++;
            high += low;
        }
        low %= MODULUS;
        high %= MODULUS;
    }
    return (uint64_t)high << 16 | low;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct wl_http_answer *answer = context;

    answer->bytes += size * count;
    answer->hash = wl_http_hash(answer->hash, bytes, size * count);
    return size * count;
}

static CURL *make_curl(void)
{
    CURL *curl = curl_easy_init();

    if (curl == NULL)
        return NULL;
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SILENCE_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    return curl;
}

/* This thread's handle, made on first use. NULL: no memory. */
static CURL *own_curl(void)
{
    CURL *curl = wl_kept_get(&kept);

    if (curl != NULL)
        return curl;
    curl = make_curl();
    if (curl == NULL || !wl_kept_set(&kept, curl, curl_easy_cleanup))
        return NULL;
    return curl;
}

/* A proxy that the environment names is for the world, not for this host. */
static const char *proxy_for(const char *url)
{
    static const char loopback[] = "http://127.0.0.1:";

    return strncmp(url, loopback, sizeof loopback - 1) == 0 ? "" : NULL;
}

const char *wl_http_fetch(const char *url, struct wl_http_answer *answer)
{
    CURL *curl;
    CURLcode result;
    long code = 0;

    *answer = (struct wl_http_answer){.hash = WL_HTTP_HASH_BEGIN};
    pthread_once(&once, once_only);
    curl = usable ? own_curl() : NULL;
    if (curl == NULL)
        return "no memory for libcurl";

    curl_easy_setopt(curl, CURLOPT_PROXY, proxy_for(url));
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    result = curl_easy_setopt(curl, CURLOPT_URL, url);
    if (result == CURLE_OK)
        result = curl_easy_perform(curl);
    if (result != CURLE_OK)
        return curl_easy_strerror(result);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    answer->code = (uint64_t)code;
    return NULL;
}

void wl_http_close(void)
{
    wl_kept_set(&kept, NULL, NULL);
}
