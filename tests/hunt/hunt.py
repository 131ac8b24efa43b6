#!/usr/bin/env python3
"""hunt.py PROGRAM: searches each `search-*.yaml` of this folder for failing schedules, with `peerbed search`.

All get the same time, or the same number of runs, and one seed, which is a new one each time. Exits with 1 if anything
was found; `peerbed search` prints each finding with the command that shows it.
"""

import argparse
import os
import pathlib
import random
import re
import shlex
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
INTERRUPTED = 130


def words():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", help="peerbed")
    parser.add_argument("--seconds", type=float, default=600, help="for all searches together")
    parser.add_argument("--runs", type=int, help="of each search, however long they take")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    parser.add_argument("--seed", type=int, help="that of an earlier hunt, to repeat it; random by default")
    parser.add_argument("--only", type=re.compile, default="", metavar="REGEX", help="scenarios whose names match")
    parser.add_argument("--out", type=pathlib.Path, metavar="DIR", help="keep each search in a folder of its own there")
    return parser.parse_args()


def searches(options):
    """The command of each search, from the root of the repository."""
    scenarios = sorted(path for path in HERE.glob("search-*.yaml") if re.search(options.only, path.stem))
    seed = options.seed or random.SystemRandom().randrange(1, 1_000_000_000)
    length = ["--runs", options.runs] if options.runs else ["--for", f"{options.seconds / max(len(scenarios), 1):.3f}s"]
    for path in scenarios:
        command = [options.program, "search", path.relative_to(ROOT), *length, "--seed", seed, "--jobs", options.jobs]
        if options.out:
            command += ["-o", (options.out / path.stem).resolve()]
        yield [str(word) for word in command]


def main():
    options = words()
    options.program = pathlib.Path(options.program).resolve()
    worst = 0
    for command in searches(options):
        print(shlex.join(command), flush=True)
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        if code == INTERRUPTED:
            return worst or code
        worst = max(worst, code if code >= 0 else 1)
    return worst


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
