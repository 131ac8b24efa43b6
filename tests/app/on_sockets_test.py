#!/usr/bin/env python3
"""Scenarios over real sockets: in one process, as processes, and compared with the simulation.

PEERBED_PROGRAM is the program under test.
"""

import concurrent.futures
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = os.environ["PEERBED_PROGRAM"]
# Flushing a file to disk takes no time here.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

RING = """
duration: 5s
network: {latency: 4ms, loss: 1%}
groups:
  nodes:
    protocol: ring
    count: 12
    options:
      stabilize_period: 100ms
      check_predecessor_period: 100ms
      repair_period: 300ms
      rpc_timeout: 60ms
      hop_timeout: 60ms
      lookup_timeout: 300ms
workload:
  - {rate: 25/s, until: 3500ms, do: "lookup {key}"}
  - {every: 100ms, until: 1s, do: "put file-{number} {text:64}"}
  - {rate: 10/s, from: 2s, until: 3s, do: "get file-{below:9}"}
faults:
  - {at: 1500ms, crash: nodes.3}
  - {at: 2s, leave: nodes.7}
  - {at: 2500ms, start: nodes.3}
checks: {every: 500ms, settle: 2s}
expect:
  - lookup.done.success.share == 100%
  - get.done.success.share == 100%
  - nodes.crashed == 1
  - nodes.left == 1
  - nodes.up_at_end == 11
  - violations == 0
"""

STEADY = """
duration: 3s
network: {latency: {uniform: {from: 2ms, to: 9ms}}}
groups:
  nodes: {protocol: ring, count: 40}
workload:
  - {rate: 40/s, until: 2500ms, do: "lookup {key}"}
"""

SWARM = """
duration: 4s
network: {latency: 5ms}
groups:
  trackers: {protocol: swarm, count: 1, options: {role: tracker}}
  sources:
    protocol: swarm
    count: 2
    on_start: ADD film
    options: {upload_limit: 80Mbit/s, choking: plain, files: [{name: film, size: 16MiB}]}
  downloader: {protocol: swarm, count: 1, options: {choking: plain}}
workload:
  - {at: 1s, nodes: downloader, do: DOWN film}
expect:
  - downloads.done == 1
  - efficiency >= 50%
  - violations == 0
"""

# The second source is killed in the middle of the download, and the file arrives from the first.
CRASH = SWARM.replace("duration: 4s", "duration: 5s").replace("efficiency >= 50%", "nodes.crashed == 1") + """
faults:
  - {at: 1400ms, crash: sources.1}
"""


class Scenario:
    """A scenario in its own file."""

    def __init__(self, text):
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.file = pathlib.Path(self.folder.name) / "t.yaml"
        self.file.write_text(text, encoding="utf-8")

    def run(self, *words, command="run", expected=0):
        environment = dict(os.environ, TMPDIR=self.folder.name)
        done = subprocess.run([PROGRAM, command, str(self.file), *words], capture_output=True, text=True, check=False,
                              env=environment)
        assert done.returncode == expected, f"exit code {done.returncode}\n{done.stdout}{done.stderr}"
        assert [entry.name for entry in self.file.parent.iterdir()] == ["t.yaml"], "temporary files are left"
        return done

    def result(self, *words, **named):
        return json.loads(self.run(*words, "--json", **named).stdout)


def kept(scenario, *words):
    """A run's result, and its folder's records over time."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        result = scenario.result("--on", "sockets", *words, "--out", folder)
        told = json.loads(pathlib.Path(folder, "chronicle.json").read_text(encoding="utf-8"))
        lines = pathlib.Path(folder, "timeline.csv").read_text(encoding="utf-8").splitlines()[1:]
    timeline = {}
    for line in lines:
        _, metric, value, _ = line.split(",")
        timeline.setdefault(metric, []).append(float(value))
    metrics = result["metrics"]
    for name in ("lookup.done.count", "messages.sent", "message.find.count"):
        assert sum(timeline[name]) == metrics[name], (name, sum(timeline[name]), metrics[name])
    hows = sorted(life[3] for life in told["lives"])
    assert hows == ["crash", "left"] + 11 * ["up at end"], hows
    kinds = [mark["kind"] for mark in told["marks"]]
    assert [kind for kind in kinds if kind in ("crash", "leave", "start")] == ["crash", "leave", "start"], kinds
    return result, told


def a_ring_runs_in_one_process_and_is_judged():
    result, told = kept(Scenario(RING))
    metrics = result["metrics"]
    assert len(told["ring"]["frames"][-1]["nodes"]) == 11, told["ring"]["frames"][-1]
    assert result["good"] and result["on"] == "sockets", result
    assert metrics["lookup.done.count"] > 60, metrics
    # A lookup of one hop takes twice the imposed latency, and some datagrams are lost.
    assert metrics["lookup.done.latency.p50"] > 7e6, metrics["lookup.done.latency.p50"]
    assert metrics["messages.lost"] > 0, metrics
    assert metrics["check.every member has a live successor.looks"] >= 8, metrics
    assert any("latency: by the sending host" in remark for remark in result["remarks"]), result["remarks"]


def an_expectation_that_fails_is_exit_code_1():
    text = STEADY.replace("duration: 3s", "duration: 1s").replace("2500ms", "800ms")
    done = Scenario(text + "expect: [lookup.done.hops.mean > 20]\n").run("--on", "sockets", expected=1)
    assert "FAILED  lookup.done.hops.mean > 20" in done.stdout, done.stdout


def a_swarm_runs_in_one_process_and_its_files_are_compared():
    result = Scenario(SWARM).result("--on", "sockets")
    metrics = result["metrics"]
    assert result["good"], result["expectations"]
    assert metrics["check.completed files equal the original.looks"] == 3, metrics
    assert 0.83 < metrics["download_seconds"] < 1.6, metrics["download_seconds"]


def the_rate_of_an_uplink_is_kept_by_the_host():
    text = SWARM.replace("on_start: ADD film", "on_start: ADD film\n    uplink: {rate: 80Mbit/s, queue: 1MiB}")
    text = text.replace("upload_limit: 80Mbit/s, ", "").replace("16MiB", "20MB")
    seconds = Scenario(text).result("--on", "sockets")["metrics"]["download_seconds"]
    assert 0.97 < seconds < 1.8, seconds


def hops_are_the_same_in_both_worlds():
    report = Scenario(STEADY).result("--within", "25%", command="parity")
    assert report["agrees"] and report["operations"] > 80 and report["differing_hops"] == 0, report


def worlds_that_differ_are_exit_code_1():
    report = Scenario(SWARM).result("--within", "0%", command="parity", expected=1)
    assert not report["agrees"] and not report["metrics"]["download_seconds"]["agrees"], report


def a_crash_of_a_process_is_real():
    result = Scenario(CRASH).result("--on", "sockets", "--processes")
    metrics = result["metrics"]
    assert result["good"], result["expectations"]
    # At the end the source and the downloader are running.
    for check in ("completed files equal the original", "no peer believes a wrong byte"):
        assert metrics[f"check.{check}.looks"] == 2 and metrics[f"check.{check}.share"] == 1, metrics
    # Two sources would take 0.84 s, one alone 1.68 s.
    assert 1.2 < metrics["download_seconds"] < 2.5, metrics["download_seconds"]
    assert metrics["message.heartbeat.count"] > 0, metrics


def a_ring_of_processes_restarts_and_pauses():
    text = RING.replace("  - {at: 2s, leave", "  - {at: 1s, pause: nodes.5, for: 200ms}\n  - {at: 2s, leave")
    text = text.replace("network: {latency: 4ms, loss: 1%}", "network: {latency: 4ms}")
    result, told = kept(Scenario(text), "--processes")
    metrics = result["metrics"]
    assert result["good"], result["expectations"]
    # Their states are read as in one process: by all checks, and for the snapshots.
    for check in ("every member has a live successor", "enough principal members", "acknowledged values survive",
                  "one cycle in the order of keys", "no appendages", "every running node is a member",
                  "successor lists are complete", "values are where they belong"):
        assert metrics[f"check.{check}.looks"] >= 2 and metrics[f"check.{check}.share"] == 1, (check, metrics)
    assert metrics["check.acknowledged values survive.looks"] >= 8, metrics
    assert metrics["ring.members"] == 11 and metrics["ring.lost_values.share"] == 0, metrics
    assert metrics["overlay.strong_components"] == 1, metrics
    frames = told["ring"]["frames"]
    assert len(frames) >= 10 and len(frames[0]["nodes"]) == 12 and len(frames[-1]["nodes"]) == 11, frames
    assert any(node["k"] > 0 for node in frames[-1]["nodes"]), frames[-1]
    assert metrics["nodes.started"] == 13 and metrics["nodes.paused"] == 1 and metrics["nodes.resumed"] == 1, metrics
    assert metrics["joined.count"] == 1, "the node that starts again joins; it does not begin as it did at first"


def a_ring_of_processes_that_loses_values_is_found_out():
    text = RING[:RING.index("faults:")].replace("options:", "options:\n      replicas: 1")
    text = text.replace("duration: 5s", "duration: 3s").replace("network: {latency: 4ms, loss: 1%}", "network: {latency: 4ms}")
    text += """
faults: [{at: 1500ms, crash: {random: 6, of: nodes}, disk: wipe}]
checks: {every: 500ms, settle: 10s}
"""
    result = Scenario(text).result("--on", "sockets", "--processes", expected=1)
    metrics = result["metrics"]
    found = result["violations"]
    assert found["count"] >= 3, found
    assert {one["property"] for one in found["first"]} == {"acknowledged values survive"}, found
    assert all("are held by no member" in one["what"] for one in found["first"]), found
    assert 0 < metrics["ring.lost_values.share"] < 1 and metrics["ring.members"] == 6, metrics
    assert 0 < metrics["check.acknowledged values survive.share"] < 1, metrics


def a_process_leaves_and_starts_again_at_once():
    # The second process of node 2 has not ended when the third one should start.
    text = RING[:RING.index("faults:")] + """
faults:
  - {at: 300ms, crash: nodes.2}
  - {at: 600ms, start: nodes.2}
  - {at: 2500ms, leave: nodes.2}
  - {at: 3s, start: nodes.2}
"""
    metrics = Scenario(text).result("--on", "sockets", "--processes")["metrics"]
    assert metrics["nodes.started"] == 14 and metrics["nodes.up_at_end"] == 12 and metrics["joined.count"] == 2, metrics


def what_cannot_be_had_is_refused_with_its_place():
    cases = [
        (RING + "", "{at: 1500ms, crash: nodes.3}", "{at: 1500ms, pause: nodes.3, for: 1s}", "cannot be paused individually"),
        (RING + "", "{at: 1500ms, crash: nodes.3}", "{at: 1500ms, lie: nodes.3}", "nodes cannot lie over sockets"),
        (SWARM + "faults:\n  - {at: 1s, crash: downloader}\n", "{at: 1s, crash: downloader}",
         "{at: 1s, partition: sources}", "cannot be cut off"),
    ]
    for text, before, after, sentence in cases:
        assert before in text
        text = text.replace(before, after)
        line = text[:text.index(after)].count("\n") + 1
        done = Scenario(text).run("--on", "sockets", expected=2)
        assert sentence in done.stderr and f"t.yaml:{line}:" in done.stderr, done.stderr
    done = Scenario(STEADY).run("--on", "sockets", "--set", "groups.nodes.count=600", expected=2)
    assert "the scenario has 600 nodes, but at most 512 can run over sockets" in done.stderr, done.stderr
    for words in (("--processes",), ("--on", "sockets", "--netns", "--in-process"), ("--on", "moon")):
        Scenario(STEADY).run(*words, expected=2)


def an_interrupted_run_ends_in_good_order():
    scenario = Scenario(STEADY)
    for words in ((), ("--processes",)):
        run = subprocess.Popen([PROGRAM, "run", str(scenario.file), "--on", "sockets", *words], stdout=subprocess.PIPE,
                               text=True, env=dict(os.environ, TMPDIR=scenario.folder.name))
        time.sleep(1)
        run.send_signal(signal.SIGINT)
        output, _ = run.communicate(timeout=10)
        assert run.returncode == 130 and "(interrupted)" in output, output
        assert [entry.name for entry in scenario.file.parent.iterdir()] == ["t.yaml"], "temporary files are left"


TESTS = [
    a_ring_runs_in_one_process_and_is_judged, an_expectation_that_fails_is_exit_code_1,
    a_swarm_runs_in_one_process_and_its_files_are_compared, the_rate_of_an_uplink_is_kept_by_the_host,
    hops_are_the_same_in_both_worlds, worlds_that_differ_are_exit_code_1, a_crash_of_a_process_is_real,
    a_ring_of_processes_restarts_and_pauses, a_ring_of_processes_that_loses_values_is_found_out,
    a_process_leaves_and_starts_again_at_once, what_cannot_be_had_is_refused_with_its_place,
    an_interrupted_run_ends_in_good_order
]


def main():
    wanted = [test for test in TESTS if not sys.argv[1:] or test.__name__ in sys.argv[1:]]

    def run(test):
        begun = time.monotonic()
        test()
        print(f"ok  {test.__name__.replace('_', ' ')} ({time.monotonic() - begun:.1f} s)", flush=True)

    # They mostly wait, so several can run at once.
    with concurrent.futures.ThreadPoolExecutor(max_workers=3) as pool:
        for done in [pool.submit(run, test) for test in wanted]:
            done.result()


if __name__ == "__main__":
    main()
