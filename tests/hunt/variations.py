#!/usr/bin/env python3
"""variations.py PROGRAM: runs variations of small scenarios with new seeds until time is up.

A run is a finding if it violated a property, failed an expectation, crashed, broke a contract, or took too long or
too much memory. Each finding is printed as one command that reproduces it. Exits with 1 if there were any.
"""

import argparse
import collections
import concurrent.futures
import itertools
import json
import os
import pathlib
import random
import re
import resource
import shlex
import signal
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SHOWN_SEEDS = 3  # per finding in the summary


def words():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", help="peerbed")
    parser.add_argument("--seconds", type=float, default=600, help="begin no run after so long")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs at a time")
    parser.add_argument("--seed", help="that of an earlier time, to repeat its runs; random by default")
    parser.add_argument("--only", type=re.compile, default="", metavar="REGEX", help="variations whose names match")
    parser.add_argument("--runs", type=int, help="of each variation, however long they take")
    parser.add_argument("--fixed", type=pathlib.Path, metavar="FILE", help="the runs of this list, and no others")
    parser.add_argument("--list", action="store_true", help="print the variations")
    parser.add_argument("--cpu", type=int, default=60, help="seconds of processor time that a run may take")
    parser.add_argument("--memory", type=int, default=2048, help="MiB that a run may take; 0: any")
    return parser.parse_args()


class Variation:
    """A scenario with some of its keys set."""

    def __init__(self, scenario, name, settings):
        self.scenario = scenario if "/" in scenario else f"tests/hunt/{scenario}"
        self.name = f"{pathlib.PurePath(scenario).name}/{name}"
        self.settings = settings

    def words(self, seed):
        """Arguments for `peerbed run`, from the root of the repository."""
        settings = (word for setting in self.settings for word in ("--set", setting))
        return ["run", f"{self.scenario}.yaml", "--seed", str(seed), *settings]


def read_variations(path=HERE / "variations.txt"):
    """All variations by name."""
    found = {}
    scenario = None
    for line in path.read_text().splitlines():
        fields = shlex.split(line, comments=True)
        if not fields:
            continue
        if fields[0].startswith("["):
            scenario = fields[0].strip("[]")
            continue
        variation = Variation(scenario, fields[0], fields[1:])
        if variation.name in found:
            sys.exit(f"{path}: {variation.name} stands here twice")
        found[variation.name] = variation
    return found


class Run:
    """One variation with one seed, and what was wrong with it."""

    def __init__(self, variation, seed):
        self.variation, self.seed = variation, seed
        self.reasons = {}  # reason: details

    def command(self, program):
        return shlex.join([program, *self.variation.words(self.seed)])


class Hunter:
    """Runs one run at a time in each of its threads."""

    def __init__(self, program, cpu_seconds, memory_mib):
        self.program = program
        self.cpu_seconds = cpu_seconds
        self.memory = memory_mib << 20
        self.wall_seconds = 60 * cpu_seconds  # for a run that waits, but not because others use the CPU
        self.is_over = False
        self._processes = set()
        self._lock = threading.Lock()

    def stop(self):
        """Ends the current runs, and starts no others."""
        with self._lock:
            self.is_over = True
            for process in self._processes:
                process.kill()

    def carry_out(self, run):
        """Returns the run, or None when it was stopped."""
        with self._lock:
            if self.is_over:
                return None
            process = subprocess.Popen([self.program, *run.variation.words(run.seed), "--json"], cwd=ROOT, text=True,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       preexec_fn=self._confine)
            self._processes.add(process)
        try:
            said, complaint = process.communicate(timeout=self.wall_seconds)
            run.reasons = reasons_of(process.returncode, said, complaint, self.cpu_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            run.reasons = {f"takes more than {self.wall_seconds} s": ""}
        finally:
            with self._lock:
                self._processes.discard(process)
        return None if self.is_over else run

    def _confine(self):
        resource.setrlimit(resource.RLIMIT_CPU, (self.cpu_seconds, self.cpu_seconds + 5))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if self.memory:
            resource.setrlimit(resource.RLIMIT_AS, (self.memory, self.memory))


def reasons_of(code, said, complaint, cpu_seconds):
    """Why a run is a finding, each reason with its details; empty if all is well."""
    if code == -signal.SIGXCPU:
        return {f"takes more than {cpu_seconds} s of processor time": ""}
    result = result_of(said)
    if code not in (0, 1) or result is None:
        last = (complaint.strip() or "it said nothing").splitlines()[-1]
        ended = f"ends by {signal.Signals(-code).name}" if code < 0 else f"ends with {code}"
        return {ended: last}
    first = {}
    for violation in result["violations"]["first"]:
        first.setdefault(violation["property"], f"at {violation['seconds']:g} s, {violation['what']}")
    reasons = {}
    for metric, value in result["metrics"].items():
        checked = re.fullmatch(r"check\.(.*)\.share", metric)
        if checked and value < 1:
            reasons[f"violates: {checked[1]}"] = first.get(checked[1], "")
    for expectation in result["expectations"]:
        speaks_of_violations = expectation["expectation"].startswith("violations ")
        if not expectation["held"] and not (reasons and speaks_of_violations):
            reasons[f"expects: {expectation['expectation']}"] = expectation["actual"]
    return reasons


def result_of(said):
    """A run's JSON output; None if it is incomplete."""
    try:
        return json.loads(said)
    except ValueError:
        return None


class Book:
    """Collects findings: prints each new one, and a summary at the end."""

    def __init__(self, program):
        self.program = program
        self.runs = collections.Counter()  # by variation
        self.found = collections.defaultdict(list)  # (reason, variation): (run, details)

    def enter(self, run):
        self.runs[run.variation.name] += 1
        for reason, particulars in run.reasons.items():
            seen = self.found[reason, run.variation.name]
            seen.append((run, particulars))
            if len(seen) == 1:
                print(f"{run.variation.name} {reason}{' (' + particulars + ')' if particulars else ''}\n"
                      f"  {run.command(self.program)}", flush=True)

    def tell(self):
        """The findings, grouped by kind."""
        kinds = collections.defaultdict(list)
        for (reason, name), seen in sorted(self.found.items()):
            kinds[kind_of(reason)].append((reason, name, seen))
        for kind, findings in sorted(kinds.items()):
            print(f"\n{kind}")
            for reason, name, seen in findings:
                what = "" if reason == kind else f"  {reason.removeprefix('expects: ')}"
                seeds = ", ".join(str(run.seed) for run, _ in seen[:SHOWN_SEEDS])
                print(f"  {name:<44} {len(seen):>3} of {self.runs[name]:>3}  seed {seeds}{what}")

    def summary(self, seconds, seed):
        print(f"\n{sum(self.runs.values())} runs of {len(self.runs)} variations in {seconds:.0f} s, {seed}: "
              f"{len(self.found)} findings in {len({name for _, name in self.found})} variations")


def kind_of(reason):
    """A reason without its numbers."""
    return re.sub(r" ?[<>=!]=? ?[\d.]+\S*$", "", reason)


def endless(variations, seed, rounds):
    """Each variation once in random order, repeatedly. A seed depends only on the name and the round."""
    for number in itertools.count() if rounds is None else range(rounds):
        order = list(variations)
        random.Random(f"{seed} {number}").shuffle(order)
        for variation in order:
            yield Run(variation, random.Random(f"{seed} {variation.name} {number}").randrange(1, 1_000_000))


def fixed(path, variations):
    """The runs of a list: a variation and a seed per line."""
    for line in path.read_text().splitlines():
        fields = line.split("#")[0].split()
        if fields:
            yield Run(variations[fields[0]], int(fields[1]))


def hunt(hunter, runs, jobs, until, book):
    """Records all runs that are finished by `until`."""
    alarm = threading.Timer(max(0, until - time.monotonic()), hunter.stop) if until else None
    if alarm:
        alarm.daemon = True
        alarm.start()
    with concurrent.futures.ThreadPoolExecutor(jobs) as threads:
        try:
            under_way = {threads.submit(hunter.carry_out, run) for run in itertools.islice(runs, jobs)}
            while under_way:
                done, under_way = concurrent.futures.wait(
                    under_way, return_when=concurrent.futures.FIRST_COMPLETED)
                for run in filter(None, (one.result() for one in done)):
                    book.enter(run)
                if not hunter.is_over:
                    under_way |= {threads.submit(hunter.carry_out, run) for run in itertools.islice(runs, len(done))}
        except KeyboardInterrupt:
            hunter.stop()
    if alarm:
        alarm.cancel()


def main():
    options = words()
    for ending in (signal.SIGINT, signal.SIGTERM):  # a shell makes its background jobs ignore these
        signal.signal(ending, signal.default_int_handler)
    variations = {name: variation for name, variation in read_variations().items() if re.search(options.only, name)}
    if options.list:
        for variation in variations.values():
            print(f"{variation.name:<44} {shlex.join(variation.settings)}")
        return 0
    if options.fixed:
        seed = "with fixed seeds"
        runs = fixed(options.fixed, variations)
    else:
        seed = options.seed or str(random.SystemRandom().randrange(1_000_000_000))
        runs = endless(variations.values(), seed, options.runs)
        seed = f"--seed {seed}"
    print(f"{len(variations)} variations, {seed}", flush=True)
    begun = time.monotonic()
    program = str(pathlib.Path(options.program).resolve())
    book = Book(options.program)
    until = None if options.fixed or options.runs else begun + options.seconds
    hunt(Hunter(program, options.cpu, options.memory), runs, options.jobs, until, book)
    book.tell()
    book.summary(time.monotonic() - begun, seed)
    return 1 if book.found else 0


if __name__ == "__main__":
    sys.exit(main())
