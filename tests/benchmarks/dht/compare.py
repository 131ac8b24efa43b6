#!/usr/bin/env python3
"""compare.py RING_NODES [OPENDHT_NODES]: compares storing and fetching values in a DHT of real processes with OpenDHT.

42 nodes in 20 processes on loopback: puts and gets one at a time, then 32 at once; then 30, 60 and 85 % of the
nodes are killed, each time in a fresh network, and at once every value is fetched while others are put, one at a time;
after a minute all are fetched again. One process puts, another one gets, and these two survive.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "app"))

from node_process import free_base

TICKS = os.sysconf("SC_CLK_TCK")
SETTLING = 8  # seconds, after the last node has joined
VALUES = 300
PUTS_AFTER = 100


class Member:
    """A process with several nodes."""

    def __init__(self, program, count, port, door):
        words = [*program, count, port, *([door] if door else [])]
        self.count = count
        self.process = subprocess.Popen([str(word) for word in words], text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self.process.stdout.readline() == "ready\n", f"{words} did not begin"

    def carry_out(self, verb, first, count, at_once):
        """Milliseconds, and how many failed."""
        self.begin(verb, first, count, at_once)
        return self.result()

    def begin(self, verb, first, count, at_once):
        self.process.stdin.write(f"{verb} {first} {count} {at_once}\n")
        self.process.stdin.flush()

    def result(self):
        return json.loads(self.process.stdout.readline())

    def processor_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self):
        """Bytes; memory shared by several processes counts in part."""
        with open(f"/proc/{self.process.pid}/smaps_rollup") as file:
            return 1024 * sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Network:
    def __init__(self, program, nodes, processes):
        base = free_base(range(nodes))
        self.members = []
        port = base
        for i in range(processes):
            count = nodes // processes + (i < nodes % processes)
            self.members.append(Member(program, count, port, base if i else None))
            port += count
        time.sleep(SETTLING)

    def nodes(self):
        return sum(member.count for member in self.members)

    def processor_seconds(self):
        return sum(member.processor_seconds() for member in self.members)

    def kill(self, share):
        """The last ones, but never the two that put and get; as close to the share of nodes as processes allow."""
        wanted = round(share * self.nodes())
        while wanted > 0 and len(self.members) > 2:
            member = self.members.pop()
            wanted -= member.count
            member.kill()

    def end(self):
        for member in self.members:
            member.kill()


def row(name, *cells):
    print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def measure_at_rest(network, figures):
    asker, other = network.members[0], network.members[1]
    figures["memory"] = sum(member.memory() for member in network.members) / network.nodes() / (1 << 20)
    for kind, at_once, count in (("sequence", 1, VALUES), ("at once", 32, 10 * VALUES)):
        first = 0 if at_once == 1 else 10_000
        for verb, member in (("put", asker), ("get", other)):
            before = network.processor_seconds()
            done = member.carry_out(verb, first, count, at_once)
            done["cpu"] = 1000 * (network.processor_seconds() - before) / count
            figures[f"{verb} {kind}"] = done


def measure_after_kill(network, share, figures):
    asker, other = network.members[0], network.members[1]
    assert asker.carry_out("put", 0, VALUES, 32)["failed"] == 0
    time.sleep(2)
    before = network.nodes()
    network.kill(share)
    figures["killed"] = f"{before - network.nodes()} of {before}"
    asker.begin("put", 50_000, PUTS_AFTER, 1)
    other.begin("get", 0, VALUES, 32)
    figures["puts"] = asker.result()
    figures["at once"] = other.result()
    time.sleep(60)
    figures["later"] = other.carry_out("get", 0, VALUES, 32)


def measure(program, options):
    figures = {}
    network = Network(program, options.nodes, options.processes)
    try:
        measure_at_rest(network, figures)
    finally:
        network.end()
    for share in options.killed:
        figures[share] = {}
        network = Network(program, options.nodes, options.processes)
        try:
            measure_after_kill(network, share, figures[share])
        finally:
            network.end()
    return figures


def show(columns, killed):
    row("", *columns)
    print("|---|" + "---|" * len(columns))
    every = columns.values()
    for verb in ("put", "get"):
        row(f"{verb} in sequence, p50; p99, ms",
            *(f"{f[f'{verb} sequence']['p50']:.2f}; {f[f'{verb} sequence']['p99']:.2f}" for f in every))
    for verb in ("put", "get"):
        row(f"{verb}s a second, 32 at once",
            *(f"{f[f'{verb} at once']['count'] / f[f'{verb} at once']['seconds']:.0f}" for f in every))
        row(f"CPU ms a {verb}, 32 at once, all nodes", *(f"{f[f'{verb} at once']['cpu']:.2f}" for f in every))
    row("memory, MiB a node", *(f"{f['memory']:.2f}" for f in every))
    for share in killed:
        first = f"{share:.0%} killed at once"
        row(f"{first}: values found at once; after a minute", *(
            f"{1 - f[share]['at once']['failed'] / VALUES:.1%}; {1 - f[share]['later']['failed'] / VALUES:.1%}"
            for f in every))
        row(f"{first}: get p50; p99, ms", *(
            f"{f[share]['at once']['p50']:.1f}; {f[share]['at once']['p99']:.0f}" for f in every))
        row(f"{first}: put p50; p90, ms", *(
            f"{f[share]['puts']['p50']:.1f}; {f[share]['puts']['p90']:.0f}" for f in every))
        row(f"{first}: puts that failed", *(f"{f[share]['puts']['failed']} of {PUTS_AFTER}" for f in every))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("ring_nodes")
    parser.add_argument("opendht_nodes", nargs="?")
    parser.add_argument("--nodes", type=int, default=42)
    parser.add_argument("--processes", type=int, default=20)
    parser.add_argument("--killed", type=lambda text: [float(x) for x in text.split(",")], default=[0.3, 0.6, 0.85])
    parser.add_argument("--holders", type=lambda text: [int(x) for x in text.split(",")], default=[8, 24],
                        help="of a value of ours")
    options = parser.parse_args()
    programs = {f"peerbed, {holders} holders": [options.ring_nodes, holders] for holders in options.holders}
    if options.opendht_nodes and pathlib.Path(options.opendht_nodes).exists():
        programs["OpenDHT"] = [options.opendht_nodes]
    else:
        print("skipped: OpenDHT, because libopendht-dev is not installed")
    show({name: measure(program, options) for name, program in programs.items()}, options.killed)


if __name__ == "__main__":
    main()
