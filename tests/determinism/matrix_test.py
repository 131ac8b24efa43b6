#!/usr/bin/env python3
"""Checks that runs are the same whichever compiler and optimisation level built the libraries.

Usage: matrix_test.py BUILD_FOLDER COMPILER OPTIMISATION

Builds run_digests again under BUILD_FOLDER/determinism, runs some scenarios with it and with the one of this build, on
both event queues and on three threads, and compares the digests.
"""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]
SCENARIOS = [ROOT / "scenarios" / f"{name}.yaml"
             for name in ("ring-coursework", "ring-weibull-churn", "ring-lossy", "swarm-source-crashes")]
PROGRAM = "run_digests"


def run(*command):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nexited with {result.returncode}:\n{result.stdout}{result.stderr}")
    return result.stdout


def build(folder, compiler, optimisation):
    """Builds only the program and the libraries that it needs."""
    run("cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={compiler}", "-DCMAKE_BUILD_TYPE=Debug",
        f"-DCMAKE_CXX_FLAGS_DEBUG={optimisation}", "-DPEERBED_BUILD_TESTS=ON", "-DPEERBED_BUILD_BENCHMARKS=OFF",
        "-DPEERBED_PRECOMPILE=ON")
    run("cmake", "--build", folder, "--target", "run_digests", "--parallel", os.cpu_count())
    return folder / PROGRAM


def digests(program):
    return dict(line.rsplit(" ", 1) for line in run(program, *SCENARIOS).splitlines())


def main():
    folder, compiler, optimisation = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    own = folder / "determinism" / (pathlib.Path(compiler).name + optimisation)
    there = digests(build(own, compiler, optimisation))
    here = digests(folder / PROGRAM)
    different = [f"{run}: {here[run]} here, {there[run]} there" for run in here if here[run] != there[run]]
    for scenario in SCENARIOS:
        own_runs = {run: digest for run, digest in here.items() if run.startswith(f"{scenario.stem} on ")}
        if len(set(own_runs.values())) != 1:
            different.append(f"not all alike: {own_runs}")
    print("\n".join(different) or f"{len(here)} runs are the same: {', '.join(sorted(set(here.values())))}")
    return 1 if different or len(here) != 3 * len(SCENARIOS) else 0


if __name__ == "__main__":
    sys.exit(main())
