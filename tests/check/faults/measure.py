#!/usr/bin/env python3
"""Plants faults in a copy of the ring and of the swarm, and says how the exhaustive check finds each of them.

Usage: measure.py BUILD [PATCH...]

BUILD is a folder for planting.py. For each fault that concerns the membership of the ring, `explore_ring 4 5` is built
and run, and for each of downloads of the swarm, `explore_downloads crash=1 lie`; or for those named. Exits with 1 if a
fault is not found, or if something is found without one.
"""

import argparse
import pathlib
import sys

import planting

# It concerns values, of which a check without a store knows nothing.
BEYOND = {"11-acknowledged-early"}
RING = ("explore_ring", "4", "5")
SWARM = ("explore_downloads", "crash=1", "lie")


def is_of_swarm(patch):
    return patch.stem.startswith("swarm-")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("patches", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    copy = planting.Planting(options.build)
    patches = options.patches or [
        patch for patch in planting.all_patches()
        if (patch.stem[0].isdigit() or is_of_swarm(patch)) and patch.stem not in BEYOND]
    code = 0
    rounds = [(program, None) for program in (RING, SWARM) if any((program is SWARM) == is_of_swarm(one) for one in patches)]
    rounds += [(SWARM if is_of_swarm(patch) else RING, patch) for patch in patches]
    for (target, *words), patch in rounds:
        lines = planting.run(copy.program(target, patch), *words).splitlines()
        found = any(": proved;" not in line for line in lines)
        print(patch.stem if patch else "no fault")
        for line in lines:
            print("  " + line, flush=True)
        if found != bool(patch):
            print("  " + ("not found" if patch else "found, although there is none"))
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
