// SPDX-License-Identifier: MIT
// Every public header in C++17, and a first program with them: exits 0.
#include <cf/backend.h>
#include <cf/cf.h>
#include <cf/cpus.h>
#include <cf/executor.h>
#include <cf/future.h>
#include <cf/interrupt.h>
#include <cf/iterator.h>
#include <cf/observer.h>
#include <cf/promise.h>
#include <cf/status.h>
#include <cf/task.h>
#include <cf/version.h>
#include <cf/worker_entry.h>

#include <cstddef>
#include <cstdio>

namespace
{

// extern "C" is part of a task's type
extern "C" enum cf_status square(struct cf_task *task, const void *arg,
                                 std::size_t arg_bytes)
{
    int number = *static_cast<const int *>(arg);
    (void)arg_bytes;
    number *= number;
    return cf_return(task, &number, sizeof number);
}

bool run(const struct cf_backend *backend)
{
    struct cf_options options = {};
    struct cf_executor *executor = nullptr;
    struct cf_future *future = nullptr;
    int five = 5, result = 0;

    options.max_workers = 2;
    if (cf_executor_create(backend, &options, &executor) != CF_OK)
        return false;
    bool is_right =
        cf_submit(executor, square, &five, sizeof five, &future) == CF_OK &&
        cf_result(future, CF_FOREVER, &result, sizeof result) == CF_OK &&
        result == 25;
    cf_future_release(future);
    cf_executor_destroy(executor);
    return is_right;
}

} // namespace

int main()
{
    cf_worker_entry();
    const struct cf_backend *const backends[] = {CF_SERIAL, CF_THREAD,
                                                 CF_PROCESS, CF_GIL};
    for (const struct cf_backend *backend : backends)
        if (!run(backend)) {
            std::printf("%s: not 25\n", cf_backend_name(backend));
            return 1;
        }
    return 0;
}
