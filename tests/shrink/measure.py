#!/usr/bin/env python3
"""Plants faults in a copy of the ring, finds each with a search, shrinks what was found, and says how small it became.

Usage: measure.py BUILD [--seeds N] [PATCH...]

BUILD is a folder for the copy and its build, which is kept so that the next time is quicker. Each patch of
tests/check/faults (or those named) is applied to the copy, the program is built, and the patch is taken back. Then N
searches (default: 5) of tests/hunt/search-ring.yaml, each with another seed, go on until something is found, for at
most a minute; so does one of tests/hunt/search-values.yaml where that finds nothing. Exits with 1 if a shrunk scenario
does not fail under `run`, or becomes smaller when it is shrunk again.
"""

import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAULTS = ROOT / "tests" / "check" / "faults"
SCENARIOS = [ROOT / "tests" / "hunt" / name for name in ("search-ring.yaml", "search-values.yaml")]
SEARCH_TIME = "1min"


def run(*words, **options):
    return subprocess.run([str(word) for word in words], check=True, text=True, capture_output=True, **options).stdout


def copy_tree(target):
    """The files under version control, as they are now."""
    for name in run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT).splitlines():
        source, copy = ROOT / name, target / name
        if not source.is_file():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        if not copy.exists() or copy.read_bytes() != source.read_bytes():
            shutil.copyfile(source, copy)


def found(peerbed, folder, seed):
    """The scenario of the first finding of a search, or nothing."""
    for scenario in SCENARIOS:
        target = folder / f"{scenario.stem}-{seed}"
        subprocess.run([peerbed, "search", scenario, "--until-found", "--for", SEARCH_TIME, "--seed", str(seed),
                        "-o", target], capture_output=True, check=False)
        finding = target / "findings" / "1.yaml"
        if finding.exists():
            return finding
    return None


def shrunk(peerbed, finding):
    """What `peerbed shrink` says of a finding, with its seconds and whether the result holds."""
    begun = time.monotonic()
    result = json.loads(run(peerbed, "shrink", finding, "--json"))
    result["took"] = time.monotonic() - begun
    small = finding.with_suffix(".small.yaml")
    small.write_text(result["scenario"])
    result["fails"] = subprocess.run([peerbed, "run", small], capture_output=True, check=False).returncode == 1
    result["idempotent"] = json.loads(run(peerbed, "shrink", small, "--json"))["scenario"] == result["scenario"]
    return result


def report(name, results):
    """One line of the table, with medians. Returns whether all that was shrunk holds."""
    if not results:
        print(f"| {name} | not found |", flush=True)
        return True
    middle = {key: statistics.median(each[key] for each in results)
              for key in ("nodes", "deeds", "seconds", "runs", "took")}
    print(f"| {name} | {len(results)} | {middle['nodes']:g} | {middle['deeds']:g} | {middle['seconds']:g} s | "
          f"{middle['runs']:g} | {middle['took']:.1f} s | {len({each['signature'] for each in results})} |", flush=True)
    for each in results:
        if not (each["fails"] and each["idempotent"] and each["complete"]):
            print(f"  {'' if each['fails'] else 'does not fail; '}{'' if each['idempotent'] else 'not idempotent; '}"
                  f"{'' if each['complete'] else 'not finished; '}{each['signature']}", flush=True)
    return all(each["fails"] and each["idempotent"] for each in results)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("patches", nargs="*", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--programs", action="store_true", help="BUILD holds programs, one for each fault, to be used")
    options = parser.parse_args()
    folder = options.build.resolve()
    source, build = folder / "source", folder / "build"
    if options.programs:
        programs = {program.name: program for program in sorted(folder.iterdir())}
    else:
        programs = {}
        copy_tree(source)
        run("cmake", "-S", source, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release")
        (folder / "programs").mkdir(exist_ok=True)
        for patch in [path.resolve() for path in options.patches] or sorted(FAULTS.glob("*.patch")):
            run("patch", "-p1", "-i", patch, cwd=source)
            run("cmake", "--build", build, "--target", "peerbed")
            run("patch", "-R", "-p1", "-i", patch, cwd=source)
            programs[patch.stem] = shutil.copy(build / "peerbed", folder / "programs" / patch.stem)
    print("| fault | found | nodes | deeds | virtual time | runs | time | signatures |")
    print("|---|---|---|---|---|---|---|---|")
    good = True
    everything = []
    for name, program in programs.items():
        with tempfile.TemporaryDirectory() as found_in:
            findings = [found(program, pathlib.Path(found_in), seed) for seed in range(1, options.seeds + 1)]
            results = [shrunk(program, finding) for finding in findings if finding]
            everything += results
            good = report(name, results) and good
    report("all", everything)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
