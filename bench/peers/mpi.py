#!/usr/bin/env python3
"""mpi.py DRIVER [ROUNDS]: libcf beside mpi4py.futures on two ranks of this
machine (one that serves), in turn, each round in the other order: the medians,
and the ratio's median and range over the rounds. mpi4py comes with the system's
Python; what is not installed is named, and nothing is compared then."""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

PYTHON = "/usr/bin/python3"
here = pathlib.Path(__file__).parent
driver, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3


def missing():
    """What there is not, or None."""
    if not shutil.which("mpirun.openmpi"):
        return "no mpirun.openmpi"
    if not os.path.exists(driver):
        return f"{driver} was not built: no Open MPI"
    known = subprocess.run([PYTHON, "-c", "import mpi4py.futures"], capture_output=True)
    return None if known.returncode == 0 else f"{PYTHON} has no mpi4py"


def run(command):
    """The figures of one run, by name."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                          stdin=subprocess.DEVNULL, check=True)
    words = (line.split() for line in done.stdout.splitlines())
    return {figure: float(value) for figure, value in words}


reason = missing()
if reason:
    print(f"mpi4py.futures: skipped: {reason}")
    sys.exit(0)
launch = ["mpirun.openmpi", "-n", "2", "--oversubscribe"]
if os.geteuid() == 0:
    launch.append("--allow-run-as-root")
peers = {
    "libcf": launch + [driver],
    "mpi4py": launch + [PYTHON, "-m", "mpi4py.futures", str(here / "mpi_mpi4py.py")],
}
taken = []
for turn in range(rounds):
    order = list(peers) if turn % 2 == 0 else list(peers)[::-1]
    taken.append({name: run(peers[name]) for name in order})
print(f"{'figure':16} {'libcf':>10} {'mpi4py':>10} {'ratio':>7}")
for figure in taken[0]["libcf"]:
    ours, theirs = (statistics.median(one[name][figure] for one in taken) for name in peers)
    ratios = sorted(one["libcf"][figure] / one["mpi4py"][figure] for one in taken)
    print(f"{figure:16} {ours:10.3g} {theirs:10.3g} {statistics.median(ratios):7.3f}"
          f" [{ratios[0]:.3f}, {ratios[-1]:.3f}]")
