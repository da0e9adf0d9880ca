// SPDX-License-Identifier: MIT
// oneTBB: task_group, whose waiter helps, and parallel_for.
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

#include <thread>
#include <vector>

#include "peer.h"

namespace tbb = oneapi::tbb;

static void spawn(unsigned char *done, size_t count)
{
    tbb::task_group group;
    for (size_t i = 0; i < count; i++)
        group.run([done, i] { done[i] = 1; });
    group.wait();
}

static void check_flags(std::vector<unsigned char> &done)
{
    for (unsigned char &flag : done) {
        peer_check(flag, "a task has not run");
        flag = 0;
    }
}

static void t1(const struct peer_run *run)
{
    std::vector<unsigned char> done(run->tasks);
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        double begun_s = peer_now_s();
        spawn(done.data(), run->tasks);
        peer_say(pass, run->tasks, peer_now_s() - begun_s);
        check_flags(done);
    }
}

static void trip(void *context)
{
    spawn(static_cast<unsigned char *>(context), 1);
}

static void t2(const struct peer_run *run)
{
    unsigned char done = 0;
    peer_trips(run, trip, &done);
}

static long fib(int n)
{
    if (n < 2)
        return n;
    long left;
    tbb::task_group group;
    group.run([&left, n] { left = fib(n - 1); });
    long right = fib(n - 2);
    group.wait();
    return left + right;
}

static void t3(const struct peer_run *)
{
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        double begun_s = peer_now_s();
        long sum = fib(PEER_FIB);
        peer_say(pass, peer_fib_spawns(PEER_FIB), peer_now_s() - begun_s);
        peer_check(sum == peer_fib(PEER_FIB), "fib is wrong");
    }
}

static void t4(const struct peer_run *run)
{
    size_t each = run->tasks / PEER_PRODUCERS;
    std::vector<unsigned char> done(each * PEER_PRODUCERS);
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        std::vector<std::thread> threads;
        double begun_s = peer_now_s();
        for (size_t i = 0; i < PEER_PRODUCERS; i++)
            threads.emplace_back(spawn, done.data() + i * each, each);
        for (std::thread &thread : threads)
            thread.join();
        peer_say(pass, done.size(), peer_now_s() - begun_s);
        check_flags(done);
    }
}

static void t5(const struct peer_run *run)
{
    std::vector<double> items(run->tasks), results(run->tasks);
    for (size_t i = 0; i < run->tasks; i++)
        items[i] = static_cast<double>(i);
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        std::fill(results.begin(), results.end(), 0.0);
        double begun_s = peer_now_s();
        tbb::parallel_for(size_t(0), run->tasks, [&](size_t i) {
            results[i] = items[i] * items[i];
        });
        peer_say(pass, run->tasks, peer_now_s() - begun_s);
        for (size_t i = 0; i < run->tasks; i++)
            peer_check(results[i] == items[i] * items[i], "a square is wrong");
    }
}

static void t6(const struct peer_run *run)
{
    std::vector<unsigned char> done(1000);
    spawn(done.data(), done.size());
    peer_idle(run);
}

static const struct peer_case cases[] = {
    {"t1", t1}, {"t2", t2}, {"t2in", t2}, {"t3", t3}, {"t4", t4}, {"t5", t5}, {"t6", t6},
};

int main(int argc, char **argv)
{
    size_t workers = argc > 3 ? strtoul(argv[3], nullptr, 10) : 1;
    // the calling thread helps and is not counted among its workers
    tbb::global_control control(
        tbb::global_control::max_allowed_parallelism, workers + 1);
    return peer_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
