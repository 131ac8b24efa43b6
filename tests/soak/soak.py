#!/usr/bin/env python3
"""soak.py PROGRAM: two rings and a swarm of real processes on loopback, killed and restarted for ten minutes.

Checked throughout, and at the end: no acknowledged value is lost, no verified piece is fetched a second time after a
SIGKILL, no file is wrong, no file that a user changed is touched, no process ends by itself, and none grows in
descriptors or memory. Exits with 1 if any of these fails. Values survive because fewer nodes are killed within one
repair period than hold each value. In the small ring a killed node restarts with an empty disk before any can notice.
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
from mishaps import PATIENCE as MISHAPS_PATIENCE, TREE_FILES, Mishaps
from node_process import MEMORY, free_base
from processes import FROZEN, Loop
import quick_restarts
from quick_restarts import QuickRestarts
from ring_load import NOTICED, PATIENCE, REPAIR, REPLICAS, RingLoad
from swarm_load import SwarmLoad

FORMING = 60  # seconds for the ring to form, and for the last downloads
SAMPLED = 2.0  # seconds between samples of the processes


def words():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", help="peerbed")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ring", type=int, default=50, help="nodes of the ring")
    parser.add_argument("--quick", type=int, default=3, help="nodes of the ring of quick restarts")
    parser.add_argument("--peers", type=int, default=16, help="peers of the swarm, in addition to four for the mishaps")
    parser.add_argument("--sealed", action="store_true", help="with a cluster key")
    parser.add_argument("--keep", action="store_true", help="keep the nodes' folders and what they said on stderr")
    return parser.parse_args()


def soak(options, folder):
    """Returns the four loads when all is over."""
    loop = Loop()
    program = str(pathlib.Path(options.program).resolve())
    words_for_all = []
    if options.sealed:
        subprocess.run([program, "key", "-o", folder / "cluster.key"], check=True)
        words_for_all = ["--key-file", str(folder / "cluster.key")]
    base = free_base(range(options.ring + options.peers + 1 + options.quick + 4))
    ring = RingLoad(loop, random.Random(f"ring {options.seed}"), program, folder, base, options.ring, words_for_all)
    swarm = SwarmLoad(loop, random.Random(f"swarm {options.seed}"), program, folder, base + options.ring, options.peers,
                      words_for_all)
    quick = QuickRestarts(loop, random.Random(f"quick {options.seed}"), program, folder,
                          base + options.ring + options.peers + 1, options.quick, words_for_all)
    mishaps = Mishaps(loop, random.Random(f"mishaps {options.seed}"), program, folder, swarm.at,
                      base + options.ring + options.peers + 1 + options.quick, words_for_all)
    rings = ring, quick
    loads = *rings, swarm, mishaps
    nodes = [*ring.nodes, *quick.nodes, swarm.tracker, *swarm.nodes, *mishaps.nodes]
    try:
        for load in loads:
            load.start()
        if not loop.run_until(loop.now() + FORMING, lambda: all(each.is_formed() for each in rings)):
            ring.breaches.append(f"the rings did not form within {FORMING} s")
        begun = loop.now()
        loop.every(lambda: SAMPLED, lambda: loop.now() < begun + options.seconds and
                   [node.sample() for node in nodes if node.is_running()])
        for each in rings:
            each.load()
        swarm.load(options.seconds)
        mishaps.load()
        loop.every(lambda: 30, lambda: tell(loop.now() - begun, rings, swarm, mishaps))
        loop.run_until(begun + options.seconds)
        for load in loads:
            load.begin_final_check()
        loop.run_until(loop.now() + max(PATIENCE, MISHAPS_PATIENCE), lambda: all(load.is_checked() for load in loads))
        for load in loads:
            load.end_final_check()
        surprises = [surprise for node in nodes for surprise in node.surprises]
    finally:
        for node in nodes:
            if node.is_running():
                node.end()
        mishaps.close()
    return ring, quick, swarm, mishaps, surprises


def tell(seconds, rings, swarm, mishaps):
    kills = " and ".join(str(sum(node.kills for node in load.nodes)) for load in (*rings, swarm))
    breaches = sum(len(load.breaches) + len(load.lost) for load in rings) + len(swarm.breaches) + len(mishaps.breaches)
    print(f"{seconds:4.0f} s: {sum(load.counts['acknowledged'] for load in rings)} values acknowledged,"
          f" {swarm.counts['downloads']} downloads, {kills} kills, {breaches} breaches", file=sys.stderr, flush=True)


def row(name, figure):
    print(f"{name:<64}{figure}")


def summary(options, ring, quick, swarm, mishaps):
    kills = lambda nodes: sum(node.kills for node in nodes)
    freezes = lambda nodes: sum(node.freezes for node in nodes)
    row("seconds; seed", f"{options.seconds:.0f}; {options.seed}")
    row("ring nodes; killed; of them without their disk", f"{len(ring.nodes)}; {kills(ring.nodes)}; {ring.counts['wiped']}")
    row("holders of a value; repair period; a death noticed", f"{REPLICAS}; {REPAIR:.1f} s; {NOTICED:.1f} s")
    row("most killed within a repair period", REPLICAS - 1)
    row("values acknowledged; puts that failed", f"{ring.counts['acknowledged']}; {ring.counts['failed puts']}")
    row("values fetched; not at once; old ones", f"{ring.counts['fetched']}; {ring.counts['missed']}; {ring.counts['old']}")
    row("of quick restarts: nodes; killed, all without their disk", f"{len(quick.nodes)}; {kills(quick.nodes)}")
    row("holders of a value; repair period; down",
        f"{quick_restarts.REPLICAS}; {quick_restarts.REPAIR:.1f} s; {quick_restarts.DOWN:.1f} s")
    row("values acknowledged; puts that failed", f"{quick.counts['acknowledged']}; {quick.counts['failed puts']}")
    row("values fetched; not at once; old ones; lost",
        f"{quick.counts['fetched']}; {quick.counts['missed']}; {quick.counts['old']}; {len(quick.lost)}")
    row("peers; killed; of them without their disk", f"{len(swarm.nodes)}; {kills(swarm.nodes)}; {swarm.counts['wiped']}")
    row("downloads done; failed and begun again",
        f"{swarm.counts['downloads']}; {swarm.counts['failed downloads']}")
    row("pieces verified; downloads resumed, with pieces",
        f"{swarm.counts['pieces']}; {swarm.counts['resumed']}, {swarm.counts['resumed pieces']}")
    row("tracker away; peers that said so; that it is back",
        f"{swarm.tracker_down:.0f} s; {len(swarm.told['no-answer'])}; {len(swarm.told['answers'])}")
    row(f"stopped for {FROZEN} s: ring nodes; peers", f"{freezes(ring.nodes)}; {freezes(swarm.nodes + [mishaps.collector])}")
    row("shares edited; deleted; of both while their peer was down",
        "; ".join(str(mishaps.counts[what]) for what in ("edited", "deleted", "changed while down")))
    row(f"trees of {TREE_FILES:,} files fetched, over kills and halts", mishaps.counts["trees"])
    row("disks that were full, and got room", mishaps.counts["full disks"] if mishaps.may_mount else
        "skipped: it takes the right to mount a tmpfs")
    trends = []
    for kind, nodes in (("ring nodes", ring.nodes), ("tracker", [swarm.tracker]), ("peers", swarm.nodes)):
        found = trends_of(nodes, options.seconds)
        trends += found
        before, after, change = worst(found, "descriptors")
        row(f"{kind}, {len(found)} long lives: descriptors", f"{before:.0f} to {after:.0f}; most {change:+.0f}")
        before, after, change = worst(found, "resident")
        row(f"{kind}, {len(found)} long lives: memory",
            f"{before / 1e6:.2f} MB to {after / 1e6:.2f} MB; most {change / 1e6:+.2f} MB")
    for kind, nodes in (("ring nodes", ring.nodes), ("nodes of quick restarts", quick.nodes), ("peers", swarm.nodes)):
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
        *loads, surprises = soak(options, folder)
        breaches = [breach for load in loads for breach in load.breaches] + surprises + summary(options, *loads)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print(f"kept: {folder}", file=sys.stderr)
    row("values and files that were lost", sum(load.losses() for load in loads))
    row("breaches", len(breaches))
    for breach in breaches[:40]:
        print(f"  {breach}")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
