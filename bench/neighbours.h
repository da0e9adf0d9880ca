/* SPDX-License-Identifier: MIT */
#ifndef BENCH_NEIGHBOURS_H
#define BENCH_NEIGHBOURS_H

/*
 * Who else wants the CPUs that we may use: other programs of this system.
 * Counters, to be read before and after. NAN: this system does not count it.
 */
struct neighbours {
    double busy_s; /* of all CPUs that we may use           */
    double idle_s;
    double own_s; /* what we, our children and theirs took */
    double cpus;
};

struct neighbours neighbours_read(void);

/*
 * The CPU time that others had in between, where hardly any was left idle: only
 * then had they what we would have used. Else 0.
 */
double neighbours_foreign_s(const struct neighbours *before,
                            const struct neighbours *after);

#endif
