"""Captures in Wireshark: tshark reads them with our dissector, and reports no errors."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
PROGRAM = os.environ["PEERBED_PROGRAM"]
ROOT = pathlib.Path(__file__).parents[2]

RING = """duration: 20s
network: {latency: 20ms, jitter: 5ms}
groups: {nodes: {protocol: ring, count: 12}}
workload:
  - {rate: 5/s, do: "lookup {key}"}
  - {rate: 2/s, do: "put {key} text"}
"""

RING_AND_NATS = """duration: 20s
network: {latency: 20ms}
groups:
  open: {protocol: ring, count: 6}
  late: {protocol: ring, count: 2, start: joining}
  home: {protocol: ring, count: 2, nat: symmetric, start: joining}
"""

SWARM_AND_NATS = """duration: 20s
network: {latency: 20ms}
groups:
  tracker: {protocol: swarm, count: 1, options: {role: tracker}}
  seed: {protocol: swarm, count: 1, nat: port_restricted_cone, on_start: ADD film, options: {files: [{name: film, size: 1MiB}]}}
  peer: {protocol: swarm, count: 2, nat: port_restricted_cone}
workload: [{at: 5s, each: peer, do: DOWN film}]
"""

KADEMLIA = """duration: 20s
network: {latency: 20ms, jitter: 5ms}
groups:
  nodes: {protocol: kademlia, count: 12, options: {bucket_size: 3}}
  newcomers: {protocol: kademlia, count: 2, start: joining, options: {bucket_size: 3}}
workload:
  - {rate: 2/s, do: "lookup {key}"}
  - {rate: 1/s, do: "put name-{number} text"}
  - {rate: 1/s, from: 2s, do: "get other-{key}"}
  - {rate: 2/s, from: 8s, do: "get name-{below:5}"}
"""

SWIM = """duration: 30s
network: {latency: 20ms, jitter: 5ms, loss: 5%}
groups:
  members: {protocol: swim, count: 12, options: {sync_period: 2s}}
  newcomers: {protocol: swim, count: 2, start: joining}
faults: [{at: 5s, crash: members.3}]
workload: [{at: 10s, node: members.5, do: quit}]
"""


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def tshark(folder, capture, *arguments):
    script = ROOT / "analysis" / "peerbed.lua"
    return run(["tshark", "-r", capture, "-X", f"lua_script:{script}", *arguments], folder)


def captured(folder, name, scenario, protocol, *arguments):
    run([PROGRAM, "run", scenario, "--out", name, "--trace=payloads", *arguments], folder)
    run([PROGRAM, "trace", name, "--as", "pcap", "-o", f"{name}.pcap"], folder)
    kinds = tshark(folder, f"{name}.pcap", "-Y", "peerbed", "-T", "fields", "-e", "peerbed.protocol", "-e", "peerbed.kind")
    found = {tuple(line.split("\t")) for line in kinds.splitlines()}
    wrong = tshark(folder, f"{name}.pcap", "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
                   "-o", "tcp.check_checksum:TRUE", "-Y",
                   "peerbed.malformed or _ws.malformed or tcp.analysis.flags or ip.checksum.status == 0 "
                   "or udp.checksum.status == 0 or tcp.checksum.status == 0")
    assert wrong == "", wrong
    assert {one for one, _ in found} == {protocol}, found  # none is taken for another's
    return found


def main():
    if shutil.which("tshark") is None:
        print("tshark is not installed: the dissector is not tried")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "ring.yaml").write_text(RING)
        kinds = captured(folder, "ring", "ring.yaml", "ring")
        for kind in ("find", "found", "hop_taken", "neighbours", "notify", "ping", "pong", "put", "put_done", "replicate"):
            assert ("ring", kind) in kinds, (kind, kinds)
        pathlib.Path(folder, "ring6.yaml").write_text(RING.replace("network: {", "network: {family: ipv6, "))
        assert ("ring", "find") in captured(folder, "ring6", "ring6.yaml", "ring")
        finds = tshark(folder, "ring6.pcap", "-Y", 'peerbed.kind == "find"', "-V", "-c", "2000")
        assert "asker: [fd00::a00:" in finds, finds
        finds = tshark(folder, "ring.pcap", "-Y", 'peerbed.kind == "find"', "-V", "-c", "2000")
        for member in ("asker: 10.0.0.", "purpose: lookup", "hops: 1"):
            assert member in finds, member

        for name, protocol, scenario, wanted in (
                ("ring-nats", "ring", RING_AND_NATS, ("call_back_query", "call_back", "called")),
                ("swarm-nats", "swarm", SWARM_AND_NATS, ("introduce", "introduced", "knock"))):
            pathlib.Path(folder, f"{name}.yaml").write_text(scenario)
            kinds = captured(folder, name, f"{name}.yaml", protocol)
            for kind in wanted:
                assert (protocol, kind) in kinds, (kind, kinds)

        kinds = captured(folder, "coursework", "ring-coursework", "coursework")
        for kind in ("successor_ping", "successor_pong", "join_request", "store_request", "file_chunk", "departure"):
            assert ("coursework", kind) in kinds, (kind, kinds)

        pathlib.Path(folder, "kademlia.yaml").write_text(KADEMLIA)
        kinds = captured(folder, "kademlia", "kademlia.yaml", "kademlia")
        for kind in ("ping", "pong", "find_node", "nodes", "find_value", "value", "store", "stored"):
            assert ("kademlia", kind) in kinds, (kind, kinds)

        pathlib.Path(folder, "swim.yaml").write_text(SWIM)
        kinds = captured(folder, "swim", "swim.yaml", "swim")
        for kind in ("ping", "ack", "ping_request", "nack", "list_request", "list_page", "news"):
            assert ("swim", kind) in kinds, (kind, kinds)

        kinds = captured(folder, "swarm", "swarm-speedup", "swarm", "--set", "size=4MiB", "--set", "expect=[]",
                         "--set", "duration=20s")
        for kind in ("enrol", "heartbeat", "alive", "list_page", "list_changes", "find", "found"):
            assert ("swarm", kind) in kinds, (kind, kinds)
        frames = tshark(folder, "swarm.pcap", "-Y", "peerbed_stream.kind", "-T", "fields", "-e", "peerbed_stream.kind")
        for kind in ("hello", "request", "block", "manifest"):
            assert kind in frames.split(), kind
    return 0


if __name__ == "__main__":
    sys.exit(main())
