// SPDX-License-Identifier: MIT
// A workload in C++, which brings a library of its own.
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include <cfbench/workload.h>

static cf_status twice(cf_task *task, const void *arg, size_t)
{
    int number = *static_cast<const int *>(arg);
    try {
        if (number < 0)
            throw std::range_error("below 0");
    } catch (const std::exception &error) {
        return cf_raise(task, 1, "%s", error.what());
    }
    number *= 2;
    return cf_return(task, &number, sizeof number);
}

static cf_status prepare(const wl_setup *setup, wl_work *work)
{
    int *numbers = static_cast<int *>(std::malloc(setup->tasks * sizeof(int)));
    if (numbers == nullptr)
        return CF_NOMEM;
    for (size_t i = 0; i < setup->tasks; i++)
        numbers[i] = static_cast<int>(i);
    work->items = work->data = numbers;
    work->item_bytes = sizeof(int);
    return CF_OK;
}

static bool verify(const wl_work *, size_t i, const void *output,
                   size_t output_bytes)
{
    int number;
    if (output_bytes != sizeof number)
        return false;
    std::memcpy(&number, output, sizeof number);
    return number == static_cast<int>(i) * 2;
}

static void dispose(wl_work *work)
{
    std::free(work->data);
}

static const wl_workload workload = {WL_ABI,
                                     sizeof(wl_workload),
                                     "twice",
                                     "doubles a number",
                                     "nothing: it is short",
                                     WL_CPU,
                                     nullptr,
                                     twice,
                                     prepare,
                                     verify,
                                     dispose,
                                     nullptr,
                                     nullptr};

const wl_workload *const wl_plugin[] = {&workload, nullptr};
