/* SPDX-License-Identifier: MIT */
/*
 * Fetches several URLs side by side and reports each one as soon as it is
 * there, whatever the order. Give your own URLs as arguments.
 */
#include <cf/cf.h>

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The argument is a URL, the result the page behind it. */
static enum cf_status fetch(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    char *page = NULL;
    size_t page_bytes = 0;
    FILE *memory = open_memstream(&page, &page_bytes);
    CURL *curl = curl_easy_init();
    CURLcode code = CURLE_OUT_OF_MEMORY;
    enum cf_status status;

    (void)arg_bytes; /* it ends with a 0 */
    if (memory != NULL && curl != NULL) {
        curl_easy_setopt(curl, CURLOPT_URL, arg);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, memory);
        curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        code = curl_easy_perform(curl);
    }
    curl_easy_cleanup(curl);
    if (memory != NULL && fclose(memory) != 0 && code == CURLE_OK)
        code = CURLE_OUT_OF_MEMORY;
    if (code == CURLE_OK)
        status = cf_return(task, page, page_bytes);
    else
        status = cf_raise(task, (int)code, "%s", curl_easy_strerror(code));
    free(page);
    return status;
}

static void report(const char *url, struct cf_future *future)
{
    const void *page;
    size_t page_bytes;
    struct cf_error error;

    if (cf_result_view(future, 0, &page, &page_bytes) == CF_OK)
        printf("%s: %zu bytes\n", url, page_bytes);
    else if (cf_future_error(future, 0, &error) == CF_OK)
        printf("%s: %s\n", url, error.message);
}

/* Which of `futures` it is, and so which URL it was made from. */
static size_t index_of(struct cf_future *future, struct cf_future **futures)
{
    size_t i = 0;

    while (futures[i] != future)
        i++;
    return i;
}

static enum cf_status fetch_all(struct cf_executor *executor, char **urls,
                                size_t count, struct cf_future **futures)
{
    struct cf_iterator *completed;
    struct cf_future *future;
    enum cf_status status = CF_OK;

    for (size_t i = 0; i < count && status == CF_OK; i++)
        status = cf_submit(executor, fetch, urls[i], strlen(urls[i]) + 1,
                           &futures[i]);
    if (status == CF_OK)
        status = cf_as_completed(futures, count, CF_FOREVER, &completed);
    if (status != CF_OK)
        return status;
    while ((status = cf_next(completed, &future)) == CF_OK)
        report(urls[index_of(future, futures)], future);
    cf_iterator_release(completed);
    return status == CF_END ? CF_OK : status;
}

int main(int argc, char **argv)
{
    char *everywhere[] = {"file:///etc/passwd", "file:///etc/group",
                          "file:///etc/os-release", "file:///no/such/file"};
    char **urls = argc > 1 ? argv + 1 : everywhere;
    size_t count =
        argc > 1 ? (size_t)argc - 1 : sizeof everywhere / sizeof everywhere[0];
    struct cf_future **futures = calloc(count, sizeof *futures);
    struct cf_executor *executor;

    if (futures == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        cf_executor_create(CF_THREAD, NULL, &executor) != CF_OK ||
        fetch_all(executor, urls, count, futures) != CF_OK) {
        fprintf(stderr, "as_completed: %s\n", cf_last_error().text);
        return 1;
    }
    for (size_t i = 0; i < count; i++)
        cf_future_release(futures[i]);
    free(futures);
    cf_executor_destroy(executor);
    curl_global_cleanup();
    return 0;
}
