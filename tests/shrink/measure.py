#!/usr/bin/env python3
"""Plants faults in a copy of the ring, finds each with searches, shrinks what was found, and says how small it became.

Usage: measure.py BUILD [--seeds N] [--runs N] [--jobs N] [--unguided] [--json FILE] [PATCH...]

BUILD is a folder for tests/check/faults/planting.py, which builds the program once for each patch of tests/check/faults
(or those named); with --programs it must have been called before. Then N searches (default: 5), each with another seed,
go on until something is found, for at most --runs runs: of search-values.yaml in tests/hunt for faults that concern
values or show sooner with them, of search-swarm.yaml for those of the swarm, of search-ring.yaml for others. What fails
without the fault as well is not counted. Exits with 1 if a shrunk scenario does not fail under `run`, or becomes
smaller when it is shrunk again.
"""

import argparse
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "check" / "faults"))
import planting  # noqa: E402

HUNT = ROOT / "tests" / "hunt"
OF_VALUES = ("9-", "11-", "past-stale")
OF_SWARM = ("past-unknown",)


def fails(peerbed, scenario):
    return subprocess.run([peerbed, "run", scenario], capture_output=True, check=False).returncode == 1


def scenario_for(name):
    """Where a fault is searched for."""
    kind = "values" if name.startswith(OF_VALUES) else "swarm" if name.startswith(OF_SWARM) else "ring"
    return HUNT / f"search-{kind}.yaml"


def search(peerbed, right, name, folder, seed, unguided, options):
    """The figures of a search until its first finding."""
    target = folder / f"{seed}{'-unguided' if unguided else ''}"
    done = subprocess.run([peerbed, "search", scenario_for(name), "--until-found", "--runs", str(options.runs),
                           "--jobs", str(options.jobs), "--seed", str(seed), "--json", "-o", target,
                           *(["--unguided"] if unguided else [])], capture_output=True, text=True, check=False)
    summary = json.loads(done.stdout)
    finding = target / "findings" / "1.yaml"
    found = summary["findings"][0]["first_run"] + 1 if summary["findings"] else None
    return {"seed": seed, "runs": found or summary["runs"], "found": bool(found), "finding": finding,
            "is_due": bool(found) and not fails(right, finding)}


def shrunk(peerbed, right, finding):
    """What `peerbed shrink` says of a finding, with its seconds of CPU and whether the result holds; None if nothing."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([peerbed, "shrink", finding, "--json"], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"  not shrunk: {done.stderr.strip()}", flush=True)
        return None
    result = json.loads(done.stdout)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    result["took"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    small = finding.with_suffix(".small.yaml")
    small.write_text(result["scenario"])
    result["fails"] = fails(peerbed, small)
    result["is_due"] = not fails(right, small)
    again = json.loads(planting.run(peerbed, "shrink", small, "--json"))
    result["idempotent"] = again["scenario"] == result["scenario"]
    return result


def share_alike(results):
    """The share of results that have the most frequent signature."""
    signatures = [each["signature"] for each in results]
    return max(signatures.count(each) for each in signatures) / len(signatures)


def report(name, results):
    """One line of the table, with medians. Returns whether all that was shrunk holds."""
    if not results:
        print(f"| {name} | nothing to show |", flush=True)
        return True
    middle = {key: statistics.median(each[key] for each in results)
              for key in ("nodes", "deeds", "seconds", "runs", "took")}
    print(f"| {name} | {len(results)} | {middle['nodes']:g} | {middle['deeds']:g} | {middle['seconds']:g} s | "
          f"{middle['runs']:g} | {middle['took']:.2f} s | {share_alike(results):.0%} |", flush=True)
    for each in results:
        if not (each["fails"] and each["idempotent"] and each["complete"] and each["is_due"]):
            print(f"  {'' if each['fails'] else 'does not fail; '}{'' if each['idempotent'] else 'not idempotent; '}"
                  f"{'' if each['is_due'] else 'fails without the fault, too; '}"
                  f"{'' if each['complete'] else 'not finished; '}{each['signature']}", flush=True)
    return all(each["fails"] and each["idempotent"] for each in results)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("patches", nargs="*", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=50_000, help="of one search, at most")
    parser.add_argument("--jobs", type=int, default=2, help="of one search")
    parser.add_argument("--programs", action="store_true", help="use the programs that are there")
    parser.add_argument("--unguided", action="store_true", help="also count the runs of unguided searches")
    parser.add_argument("--json", type=pathlib.Path, help="write all figures to this file")
    options = parser.parse_intermixed_args()
    patches = options.patches or planting.all_patches()
    copy = None if options.programs else planting.Planting(options.build)
    right = copy.program("peerbed") if copy else options.build / "programs" / "peerbed" / "none"
    print("| fault | found | nodes | deeds | virtual time | runs | time | of one signature |")
    print("|---|---|---|---|---|---|---|---|")
    good = True
    everything = {}
    for patch in patches:
        name = patch.stem
        program = copy.program("peerbed", patch) if copy else options.build / "programs" / "peerbed" / name
        with tempfile.TemporaryDirectory() as folder:
            seeds = range(1, options.seeds + 1)
            searches = [search(program, right, name, pathlib.Path(folder), seed, False, options) for seed in seeds]
            unguided = [search(program, right, name, pathlib.Path(folder), seed, True, options)
                        for seed in seeds if options.unguided]
            results = [shrunk(program, right, each["finding"]) for each in searches if each["is_due"]]
            results = [each for each in results if each]
        for each in searches + unguided:
            del each["finding"]
        everything[name] = {"searches": searches, "unguided": unguided, "shrunk": results}
        if options.json:
            options.json.write_text(json.dumps(everything, indent=1) + "\n")
        good = report(name, results) and good
        for kind in ("searches", "unguided"):
            if everything[name][kind]:
                print(f"  {kind}: {statistics.median(each['runs'] for each in everything[name][kind]):g} runs, "
                      f"found {sum(each['found'] for each in everything[name][kind])} of {options.seeds} times, "
                      f"{sum(each['is_due'] for each in everything[name][kind])} because of the fault", flush=True)
    report("all", [each for fault in everything.values() for each in fault["shrunk"]])
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
