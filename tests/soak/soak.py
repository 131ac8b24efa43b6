#!/usr/bin/env python3
"""soak.py PROGRAM: a ring and a swarm of real processes on loopback, killed and restarted at random for ten minutes.

Checked all along, and at the end: no acknowledged value is lost, no verified piece is fetched a second time after a
SIGKILL, no file is wrong, no process ends by itself, and none grows in descriptors or memory. Exit code 1: one of
these is broken. Values survive because fewer nodes are killed within one repair period than hold each value.
"""

import argparse
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "app"))

from growth import DESCRIPTORS_MORE, MEMORY_MORE, MEMORY_MORE_BYTES, SHORTEST_RUN, Generations, trends_of, worst
from node_process import MEMORY, free_base
from processes import Loop
from ring_load import NOTICED, PATIENCE, REPAIR, REPLICAS, RingLoad
from swarm_load import SwarmLoad

FORMING = 60  # seconds that the ring may take, and the last downloads
SAMPLED = 2.0  # seconds between looks at the processes


def words():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", help="peerbed")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ring", type=int, default=50, help="nodes of the ring")
    parser.add_argument("--peers", type=int, default=20)
    parser.add_argument("--sealed", action="store_true", help="with a cluster key")
    parser.add_argument("--keep", action="store_true", help="keep the nodes' folders and what they said on stderr")
    return parser.parse_args()


def soak(options, folder):
    """Returns the two loads, when all is over."""
    loop = Loop()
    program = str(pathlib.Path(options.program).resolve())
    words_for_all = []
    if options.sealed:
        subprocess.run([program, "key", "-o", folder / "cluster.key"], check=True)
        words_for_all = ["--key-file", str(folder / "cluster.key")]
    base = free_base(range(options.ring + options.peers + 1))
    ring = RingLoad(loop, random.Random(f"ring {options.seed}"), program, folder, base, options.ring, words_for_all)
    swarm = SwarmLoad(loop, random.Random(f"swarm {options.seed}"), program, folder, base + options.ring, options.peers,
                      words_for_all)
    nodes = [*ring.nodes, swarm.tracker, *swarm.nodes]
    try:
        ring.start()
        swarm.start()
        if not loop.run_until(loop.now() + FORMING, ring.is_formed):
            ring.breaches.append(f"the ring did not form within {FORMING} s")
        loop.every(lambda: SAMPLED, lambda: [node.sample() for node in nodes if node.is_running()])
        begun = loop.now()
        ring.load()
        swarm.load(options.seconds)
        loop.every(lambda: 30, lambda: tell(loop.now() - begun, ring, swarm))
        loop.run_until(begun + options.seconds)
        ring.begin_final_check()
        swarm.begin_final_check()
        loop.run_until(loop.now() + PATIENCE, lambda: ring.is_checked() and swarm.is_checked())
        ring.end_final_check()
        swarm.end_final_check()
        surprises = [surprise for node in nodes for surprise in node.surprises]
    finally:
        for node in nodes:
            if node.is_running():
                node.end()
    return ring, swarm, surprises


def tell(seconds, ring, swarm):
    print(f"{seconds:4.0f} s: {ring.counts['acknowledged']} values acknowledged, {swarm.counts['downloads']} downloads,"
          f" {sum(node.kills for node in ring.nodes)} and {sum(node.kills for node in swarm.nodes)} kills,"
          f" {len(ring.breaches) + len(swarm.breaches)} breaches", file=sys.stderr, flush=True)


def row(name, figure):
    print(f"{name:<64}{figure}")


def summary(options, ring, swarm):
    kills = lambda nodes: sum(node.kills for node in nodes)
    row("seconds; seed", f"{options.seconds:.0f}; {options.seed}")
    row("ring nodes; killed; of them without their disk", f"{len(ring.nodes)}; {kills(ring.nodes)}; {ring.counts['wiped']}")
    row("holders of a value; repair period; a death noticed", f"{REPLICAS}; {REPAIR:.1f} s; {NOTICED:.1f} s")
    row("most killed within a repair period", REPLICAS - 1)
    row("values acknowledged; puts that failed", f"{ring.counts['acknowledged']}; {ring.counts['failed puts']}")
    row("values fetched; not at once; old ones", f"{ring.counts['fetched']}; {ring.counts['missed']}; {ring.counts['old']}")
    row("peers; killed; of them without their disk", f"{len(swarm.nodes)}; {kills(swarm.nodes)}; {swarm.counts['wiped']}")
    row("downloads done; failed and begun again",
        f"{swarm.counts['downloads']}; {swarm.counts['failed downloads']}")
    row("pieces verified; downloads resumed, with pieces",
        f"{swarm.counts['pieces']}; {swarm.counts['resumed']}, {swarm.counts['resumed pieces']}")
    trends = []
    for kind, nodes in (("ring nodes", ring.nodes), ("tracker", [swarm.tracker]), ("peers", swarm.nodes)):
        found = trends_of(nodes, options.seconds)
        trends += found
        before, after, change = worst(found, "descriptors")
        row(f"{kind}, {len(found)} long lives: descriptors", f"{before:.0f} to {after:.0f}; most {change:+.0f}")
        before, after, change = worst(found, "resident")
        row(f"{kind}, {len(found)} long lives: memory",
            f"{before / 1e6:.2f} MB to {after / 1e6:.2f} MB; most {change / 1e6:+.2f} MB")
    for kind, nodes in (("ring nodes", ring.nodes), ("peers", swarm.nodes)):
        restarted = Generations(kind, nodes, options.seconds)
        trends.append(restarted)
        before, after = restarted.medians("resident")
        row(f"restarted {kind}, {len(restarted.before)} early and {len(restarted.after)} late: memory",
            f"{before / 1e6:.2f} MB to {after / 1e6:.2f} MB")
        row(f"restarted {kind}: descriptors", "{:.0f} to {:.0f}".format(*restarted.medians("descriptors")))
    row("allowed", f"{DESCRIPTORS_MORE:+} descriptors; {MEMORY_MORE:+.0%} and {MEMORY_MORE_BYTES >> 10} KiB of memory")
    if options.seconds < SHORTEST_RUN:
        row("growth is judged", f"in runs of {SHORTEST_RUN} s and more")
        return []
    return [breach for trend in trends for breach in trend.breaches()]


def main():
    options = words()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="peerbed-soak-", dir=MEMORY))
    try:
        ring, swarm, surprises = soak(options, folder)
        breaches = ring.breaches + swarm.breaches + surprises + summary(options, ring, swarm)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print(f"kept: {folder}", file=sys.stderr)
    row("breaches", len(breaches))
    for breach in breaches[:40]:
        print(f"  {breach}")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
