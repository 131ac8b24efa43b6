#!/usr/bin/env python3
"""Checks that runs are the same whichever compiler and optimisation level built the program.

Usage: matrix_test.py BUILD_FOLDER COMPILER OPTIMISATION

Builds the program again under BUILD_FOLDER/determinism, runs some scenarios with it and with BUILD_FOLDER/peerbed, on
both event queues, and compares the digests of their traces.
"""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]
SCENARIOS = ("ring-coursework", "ring-weibull-churn", "ring-lossy", "swarm-source-crashes")


def run(*command):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nexited with {result.returncode}:\n{result.stdout}{result.stderr}")
    return result.stdout


def build(folder, compiler, optimisation):
    """Builds only the program and what it needs."""
    run("cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={compiler}", "-DCMAKE_BUILD_TYPE=Debug",
        f"-DCMAKE_CXX_FLAGS_DEBUG={optimisation}", "-DPEERBED_BUILD_TESTS=OFF", "-DPEERBED_BUILD_BENCHMARKS=OFF")
    run("cmake", "--build", folder, "--target", "peerbed", "--parallel", os.cpu_count())
    return folder / "peerbed"


def digests(program):
    return {
        f"{scenario} on the {queue}": json.loads(
            run(program, "run", ROOT / "scenarios" / f"{scenario}.yaml", "--json", "--queue", queue))["digest"]
        for scenario in SCENARIOS
        for queue in ("wheel", "heap")
    }


def main():
    folder, compiler, optimisation = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    own = folder / "determinism" / (pathlib.Path(compiler).name + optimisation)
    there = digests(build(own, compiler, optimisation))
    here = digests(folder / "peerbed")
    different = [f"{run}: {here[run]} here, {there[run]} there" for run in here if here[run] != there[run]]
    print("\n".join(different) or f"{len(here)} runs are the same: {', '.join(sorted(set(here.values())))}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
