/* SPDX-License-Identifier: MIT */
/*
 * Requests to a web server: the everyday I/O-bound work. Each worker keeps one
 * connection. Where no `url` is given they go to a server of our own, which
 * answers after `delay_ms`; that delay is the wait, everything else is overhead.
 *
 * A task gives back what it got in 24 bytes (code, length, hash): the whole
 * page would measure how results travel, and http_get is not about that. For
 * our own server the right answer is computed from the page; for a foreign one
 * it is what two requests get before anything is measured. Where these two
 * differ (a clock in the page), only the success of a request can be asked for.
 */
#include "workload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http_client.h"
#include "http_server.h"
#include "items.h"
#include "refuse.h"

enum { DELAY, BYTES, URL }; /* the parameters' places */

struct http_work {
    struct wl_http_answer right;
    bool page_changes; /* only right.code holds */
    struct wl_http_server server;
    unsigned char *page; /* our own server's, else NULL */
    char own_url[64];
};

/* The item is the URL. */
static enum cf_status http_get_task(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    struct wl_http_answer answer;
    const char *wrong;

    (void)arg_bytes; /* it ends with a 0 */
    cf_blocking_begin(task);
    wrong = wl_http_fetch(arg, &answer);
    cf_blocking_end(task);
    if (wrong != NULL)
        return cf_raise(task, EIO, "%s: %s", (const char *)arg, wrong);
    return cf_return(task, &answer, sizeof answer);
}

static bool http_get_verify(const struct wl_work *work, size_t i,
                            const void *output, size_t output_bytes)
{
    const struct http_work *data = work->data;
    struct wl_http_answer answer;

    (void)i; /* all get the same page */
    if (output_bytes != sizeof answer)
        return false;
    memcpy(&answer, output, sizeof answer);
    if (data->page_changes)
        return answer.code == data->right.code;
    return answer.code == data->right.code &&
           answer.bytes == data->right.bytes && answer.hash == data->right.hash;
}

/* Our own server, and the answer that its page makes. */
static enum cf_status start_server(const struct wl_setup *setup,
                                   struct http_work *data)
{
    size_t bytes = (size_t)setup->values[BYTES].number;
    enum cf_status status;

    data->page = malloc(bytes + 1); /* 0 bytes are allowed */
    if (data->page == NULL)
        return wl_refuse(setup->why, setup->why_bytes, CF_NOMEM,
                         "no memory for a page of %zu bytes", bytes);
    for (size_t i = 0; i < bytes; i++)
        data->page[i] = (unsigned char)(' ' + (i * 7 + i / 95) % 95);
    status = wl_http_server_start(&data->server, data->page, bytes,
                                  setup->values[DELAY].number, setup->why,
                                  setup->why_bytes);
    if (status != CF_OK)
        return status;
    snprintf(data->own_url, sizeof data->own_url, "http://127.0.0.1:%u/",
             data->server.port);
    data->right = (struct wl_http_answer){
        .code = 200,
        .bytes = bytes,
        .hash = wl_http_hash(WL_HTTP_HASH_BEGIN, data->page, bytes),
    };
    return CF_OK;
}

/* A foreign server, and the answer that it gives twice. Its connection is
 * closed again: what runs later must have its own. */
static enum cf_status ask_server(const struct wl_setup *setup,
                                 struct http_work *data)
{
    const char *url = setup->values[URL].text;
    struct wl_http_answer second = {0};
    const char *wrong = wl_http_fetch(url, &data->right);

    if (wrong == NULL)
        wrong = wl_http_fetch(url, &second);
    wl_http_close();
    if (wrong != NULL)
        return wl_refuse(setup->why, setup->why_bytes, CF_INVALID,
                         "url=%.200s: %s", url, wrong);
    if (data->right.code < 200 || data->right.code > 299)
        return wl_refuse(setup->why, setup->why_bytes, CF_INVALID,
                         "url=%.200s: the server answers %u", url,
                         (unsigned)data->right.code);
    data->page_changes = memcmp(&data->right, &second, sizeof second) != 0;
    return CF_OK;
}

static void http_get_dispose(struct wl_work *work)
{
    struct http_work *data = work->data;

    wl_http_server_stop(&data->server);
    free(data->page);
    free(data);
    free((void *)work->items);
}

static enum cf_status make_items(const struct wl_setup *setup, const char *url,
                                 struct wl_work *work)
{
    struct wl_work array;
    size_t item_bytes = strlen(url) + 1;
    char *items = wl_items_create(setup, item_bytes, &array);

    if (items == NULL)
        return CF_NOMEM;
    for (size_t i = 0; i < setup->tasks; i++)
        memcpy(items + i * item_bytes, url, item_bytes);
    work->items = items;
    work->item_bytes = item_bytes;
    return CF_OK;
}

static enum cf_status http_get_prepare(const struct wl_setup *setup,
                                       struct wl_work *work)
{
    const char *url = setup->values[URL].text;
    struct http_work *data = calloc(1, sizeof *data);
    enum cf_status status;

    *work = (struct wl_work){.data = data};
    if (data == NULL)
        return wl_refuse(setup->why, setup->why_bytes, CF_NOMEM, "no memory");
    if (*url != '\0')
        status = ask_server(setup, data);
    else
        status = start_server(setup, data);
    if (status == CF_OK)
        status = make_items(setup, *url ? url : data->own_url, work);
    if (status != CF_OK)
        http_get_dispose(work);
    return status;
}

static const struct wl_parameter parameters[] = {
    [DELAY] = {.name = "delay_ms",
               .about = "how long our own server waits before it answers",
               .standard = "10",
               .kind = WL_REAL,
               .minimum = 0,
               .maximum = 20e3},
    [BYTES] = {.name = "bytes",
               .about = "size of the page that our own server answers with",
               .standard = "4096",
               .kind = WL_INTEGER,
               .minimum = 0,
               .maximum = 1 << 28},
    [URL] = {.name = "url",
             .about = "a page of your own server (http or https) instead",
             .standard = "",
             .kind = WL_TEXT},
    {0},
};

const struct wl_workload wl_http_get = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "http_get",
    .about = "gets a page from a web server over a kept connection",
    .limit = "the server's delay, until the cores are busy with requests",
    .klass = WL_IO,
    .parameters = parameters,
    .task = http_get_task,
    .prepare = http_get_prepare,
    .verify = http_get_verify,
    .dispose = http_get_dispose,
};
