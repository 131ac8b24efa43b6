#!/usr/bin/env python3
"""A sweep and a search under mpirun leave the same bytes for any number of ranks, and an error is reported once.

Exits with 77, which CTest calls skipped, if mpirun is not installed or the program is built without MPI.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.environ["PEERBED_PROGRAM"]
SCENARIO = """duration: 30s
network: {latency: 20ms, loss: 2%}
groups:
  nodes: {protocol: ring, count: 12}
workload:
  - {rate: 5/s, do: "lookup {key}"}
"""


def mpirun(ranks, folder, *words):
    """Runs the program under mpirun, which must allow root for tests in a container."""
    environment = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    command = ["mpirun", "--oversubscribe", "-np", str(ranks), PROGRAM, *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json" and not path.name.startswith("summary.")
    }


class SweepByRanks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "s.yaml").write_text(SCENARIO)

    def test_the_same_bytes_for_any_number_of_ranks(self):
        sweep = ["sweep", "s.yaml", "--seeds", "1..3", "--param", "groups.nodes.count=6,12"]
        subprocess.run([PROGRAM, *sweep, "-o", "alone"], cwd=self.folder, capture_output=True, check=True)
        alone = files(self.folder / "alone")
        self.assertEqual(len(alone), 6 + 4)
        for ranks in (1, 2, 4):
            outcome = mpirun(ranks, self.folder, *sweep, "-o", str(ranks))
            self.assertEqual(outcome.returncode, 0, outcome.stderr)
            self.assertEqual(files(self.folder / str(ranks)), alone)

    def test_a_mistake_is_told_once(self):
        outcome = mpirun(2, self.folder, "sweep", "s.yaml", "--seeds", "3..1", "-o", "x")
        self.assertEqual(outcome.returncode, 2)
        self.assertEqual(outcome.stderr.count("the range 3..1 is reversed"), 1)
        (self.folder / "x").write_text("")
        outcome = mpirun(2, self.folder, "sweep", "s.yaml", "--seeds", "1", "-o", "x")
        self.assertEqual(outcome.returncode, 3)
        self.assertEqual(outcome.stderr.count("x: is a file, not a folder; choose another name"), 1)


# A node that restarts within its neighbour's patience breaks a promise that the scenario makes too early.
SEARCHED = """duration: 40s
network: {latency: 20ms}
groups:
  nodes: {protocol: ring, count: 4, options: {stabilize_period: 2s, rpc_timeout: 250ms, successor_list_length: 2}}
checks: {every: 5s, always: [the ring is ideal]}
search: {faults: [crash], calm: 20s, length: {from: 1s, to: 5s}, deaths: 1}
"""


class SearchByRanks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "s.yaml").write_text(SEARCHED)

    def test_the_same_bytes_for_any_number_of_ranks(self):
        search = ["search", "s.yaml", "--runs", "97", "--seed", "3"]
        subprocess.run([PROGRAM, *search, "-o", "alone"], cwd=self.folder, capture_output=True, check=False)
        alone = files(self.folder / "alone")
        self.assertIn("findings/1.shrunk.yaml", alone)
        for ranks in (2, 3):
            outcome = mpirun(ranks, self.folder, *search, "-o", str(ranks))
            self.assertEqual(outcome.stdout.count("all runs done"), 1, outcome.stdout + outcome.stderr)
            self.assertEqual(files(self.folder / str(ranks)), alone)

    def test_ranks_take_up_a_search(self):
        search = ["search", "s.yaml", "--seed", "3"]
        subprocess.run([PROGRAM, *search, "--runs", "97", "-o", "alone"], cwd=self.folder, capture_output=True,
                       check=False)
        mpirun(2, self.folder, *search, "--runs", "64", "-o", "parts")
        mpirun(3, self.folder, *search, "--runs", "97", "-o", "parts", "--resume")
        self.assertEqual(files(self.folder / "parts"), files(self.folder / "alone"))


def main():
    if shutil.which("mpirun") is None:
        print("Skipped: mpirun is not installed (Debian: libboost-mpi-dev, openmpi-bin).")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        if "built without MPI" in mpirun(2, folder, "sweep", "s.yaml", "-o", "x").stderr:
            print("Skipped: the program is built without MPI (-DPEERBED_MPI=ON).")
            return 77
    return 0 if unittest.main(exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
