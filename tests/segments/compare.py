#!/usr/bin/env python3
"""Compares segments of 64 KiB with single packets: compare.py PEERBED SCENARIO...

Each scenario runs with both sizes and with several seeds; the mean time of a download must agree within 3 %. Where
chance decides which peer serves which, single runs differ by more, and the mean over seeds has an error: a difference
counts only if it exceeds that by twice the error.
"""

import json
import os
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

TOLERANCE = 0.03
SEEDS = range(1, 7)
SIZES = ("64KiB", "1460B")


def mean_download(program, scenario, size, seed):
    """The mean time of a run's downloads, in seconds."""
    command = [program, "run", scenario, "--json", "--seed", str(seed), "--set", f"network.streams.segment={size}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):  # unmet expectations do not matter here
        sys.exit(f"{' '.join(command)}: {done.stderr.strip()}")
    return json.loads(done.stdout)["metrics"]["download.done.latency.mean"] * 1e-9


def main():
    """Prints a line for each scenario; returns 1 if one of them differs too much."""
    program, *scenarios = sys.argv[1:]
    good = True
    for scenario in scenarios:
        runs = [(program, scenario, size, seed) for seed in SEEDS for size in SIZES]
        with ThreadPoolExecutor(os.cpu_count()) as workers:
            times = list(workers.map(lambda run: mean_download(*run), runs))
        differences = [quick / exact - 1 for quick, exact in zip(times[::2], times[1::2])]
        difference = statistics.mean(differences)
        error = statistics.stdev(differences) / len(differences) ** 0.5
        holds = abs(difference) - 2 * error < TOLERANCE
        good = good and holds
        name = os.path.splitext(os.path.basename(scenario))[0]
        print(f"{name:24} {statistics.mean(times[::2]):8.2f} s in 64 KiB, {statistics.mean(times[1::2]):8.2f} s in "
              f"1460 B: {difference:+6.2%} +- {error:.2%}{'' if holds else '  TOO FAR'}", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
