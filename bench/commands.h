/* SPDX-License-Identifier: MIT */
#ifndef BENCH_COMMANDS_H
#define BENCH_COMMANDS_H

/* The commands of cfbench that measure or describe. argv[0] is the command's
 * own word. Each prints what it has to say and returns the exit code. */
int compare_command(int argc, char **argv);
int gate_command(int argc, char **argv);
int selftest_command(int argc, char **argv);
int recommend_command(int argc, char **argv);
int run_command(int argc, char **argv);
int list_command(int argc, char **argv);
int env_command(int argc, char **argv);
int fit_command(int argc, char **argv);
int import_command(int argc, char **argv);
int export_command(int argc, char **argv);

#endif
