// SPDX-License-Identifier: MIT
// Java's ForkJoinPool.submit(): each task is its own future. A quarter of the
// tasks is run first, unmeasured, for the compiler.
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveTask;
import java.util.Arrays;

final class Forkjoin {
    static final int PASSES = 2, PRODUCERS = 4, FIB = 26;
    static final Runnable EMPTY = () -> { };

    static void say(int pass, long tasks, long ns, String more) {
        System.out.printf(java.util.Locale.ROOT,
            "pass=%d tasks=%d elapsed_s=%.9f%s%n", pass, tasks, ns * 1e-9, more);
    }

    static void submitAndWait(ForkJoinPool pool, int count) {
        ForkJoinTask<?>[] tasks = new ForkJoinTask<?>[count];
        for (int i = 0; i < count; i++)
            tasks[i] = pool.submit(EMPTY);
        for (ForkJoinTask<?> task : tasks)
            task.join();
    }

    static void t1(ForkJoinPool pool, int count) {
        submitAndWait(pool, Math.max(1, count / 4));
        for (int pass = 0; pass < PASSES; pass++) {
            long begun = System.nanoTime();
            submitAndWait(pool, count);
            say(pass, count, System.nanoTime() - begun, "");
        }
    }

    static void t2(ForkJoinPool pool, int count) {
        long[] ns = new long[count];
        for (int pass = -1; pass < PASSES; pass++) {
            long sum = 0;
            for (int i = 0; i < count; i++) {
                long begun = System.nanoTime();
                pool.submit(EMPTY).join();
                ns[i] = System.nanoTime() - begun;
                sum += ns[i];
            }
            Arrays.sort(ns);
            if (pass >= 0)
                say(pass, count, sum, String.format(java.util.Locale.ROOT,
                    " p50_s=%.9f p99_s=%.9f max_s=%.9f", ns[count / 2] * 1e-9,
                    ns[count * 99 / 100] * 1e-9, ns[count - 1] * 1e-9));
        }
    }

    static final class Fib extends RecursiveTask<Long> {
        final int n;

        Fib(int n) {
            this.n = n;
        }

        @Override
        protected Long compute() {
            return fib(n);
        }

        static long fib(int n) {
            if (n < 2)
                return n;
            Fib left = new Fib(n - 1);
            left.fork();
            long right = fib(n - 2);
            return left.join() + right;
        }

        static long spawns(int n) {
            return n < 2 ? 0 : 1 + spawns(n - 1) + spawns(n - 2);
        }
    }

    static void t3(ForkJoinPool pool) {
        for (int pass = -10; pass < PASSES; pass++) {
            long begun = System.nanoTime();
            long sum = pool.invoke(new Fib(FIB));
            long ns = System.nanoTime() - begun;
            if (sum != 121393) // fib(26)
                System.exit(1);
            if (pass >= 0)
                say(pass, Fib.spawns(FIB), ns, "");
        }
    }

    static void t4(ForkJoinPool pool, int count) throws InterruptedException {
        int each = count / PRODUCERS;
        for (int pass = -1; pass < PASSES; pass++) {
            Thread[] threads = new Thread[PRODUCERS];
            long begun = System.nanoTime();
            for (int i = 0; i < PRODUCERS; i++) {
                threads[i] = new Thread(() -> submitAndWait(pool, each));
                threads[i].start();
            }
            for (Thread thread : threads)
                thread.join();
            long ns = System.nanoTime() - begun;
            if (pass >= 0)
                say(pass, (long) each * PRODUCERS, ns, "");
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
        int count = Integer.parseInt(arguments[1]);
        ForkJoinPool pool = new ForkJoinPool(Integer.parseInt(arguments[2]));
        switch (arguments[0]) {
        case "t1" -> t1(pool, count);
        case "t2" -> t2(pool, count);
        case "t3" -> t3(pool);
        case "t4" -> t4(pool, count);
        default -> System.exit(3);
        }
    }
}
