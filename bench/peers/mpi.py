#!/usr/bin/env python3
"""mpi.py DRIVER [ROUNDS]: libcf beside mpi4py.futures on two ranks of this
machine (one that serves), interleaved; the medians, and what the two have to do
with each other. mpi4py comes with the system's Python."""
import os
import pathlib
import statistics
import subprocess
import sys

here = pathlib.Path(__file__).parent
driver, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
launch = ["mpirun.openmpi", "-n", "2", "--oversubscribe"]
if os.geteuid() == 0:
    launch.append("--allow-run-as-root")
peers = {
    "libcf": launch + [driver],
    "mpi4py": launch + ["/usr/bin/python3", "-m", "mpi4py.futures",
                        str(here / "mpi_mpi4py.py")],
}
figures = {name: {} for name in peers}
for _ in range(rounds):
    for name, command in peers.items():
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                              stdin=subprocess.DEVNULL, check=True)
        for line in done.stdout.splitlines():
            figure, value = line.split()
            figures[name].setdefault(figure, []).append(float(value))
print(f"{'figure':16} {'libcf':>10} {'mpi4py':>10} {'ratio':>7}")
for figure in figures["libcf"]:
    ours, theirs = (statistics.median(figures[name][figure]) for name in peers)
    print(f"{figure:16} {ours:10.3g} {theirs:10.3g} {ours / theirs:7.3f}")
