#!/usr/bin/env python3
"""Tests the run of variations: it finds what it should, says how to reproduce it, and ends."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest

from variations import HERE, ROOT, Run, endless, fixed, kind_of, read_variations

PROGRAM = os.environ.get("PEERBED_PROGRAM")
# A stand-in for peerbed whose behaviour depends on its seed.
STAND_IN = """\
    import json, os, signal, sys, time
    seed = sys.argv[sys.argv.index("--seed") + 1]
    good = {"violations": {"first": []}, "metrics": {"check.order.share": 1}, "expectations": []}
    if seed == "11":
        os.kill(os.getpid(), signal.SIGSEGV)
    if seed == "12":
        print("a contract is broken: size > 0", file=sys.stderr, flush=True)
        os.abort()
    if seed == "13":
        while True: pass
    if seed == "14":
        block = bytearray(4 << 30)
    if seed == "15":
        good["metrics"]["check.order.share"] = 0.5
        good["violations"]["first"] = [{"seconds": 3, "property": "order", "what": "2 is before 1"}]
        good["expectations"] = [{"expectation": "violations == 0", "held": False, "actual": "was 1"}]
    if seed == "16":
        good["expectations"] = [{"expectation": "x.share >= 99%", "held": False, "actual": "was 3 %"}]
    if seed == "17":
        time.sleep(3600)
    print(json.dumps(good))
    sys.exit(seed in ("15", "16"))
"""


class VariationsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="peerbed-hunt-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.program = self.folder / "program"
        self.program.write_text(f"#!{sys.executable}\n" + textwrap.dedent(STAND_IN))
        self.program.chmod(0o755)

    def command(self, *words):
        return [sys.executable, HERE / "variations.py", self.program, "--cpu", "1", "--jobs", "2", *map(str, words)]

    def run_seeds(self, *seeds):
        """The output and exit code when variations are run with these seeds."""
        runs = self.folder / "runs"
        runs.write_text("# some runs\n" + "".join(f"ring-weather/calm {seed}\n" for seed in seeds))
        done = subprocess.run(self.command("--fixed", runs, "--memory", 1024), capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stderr, "")
        return done.stdout, done.returncode

    def test_a_good_run_is_no_finding(self):
        said, code = self.run_seeds(1, 2, 3)
        self.assertEqual(code, 0)
        self.assertIn("3 runs of 1 variations", said)
        self.assertIn("0 findings", said)

    def test_each_kind_of_finding_is_found(self):
        for seed, reason in ((11, "ends by SIGSEGV"), (12, "ends by SIGABRT (a contract is broken: size > 0)"),
                             (13, "takes more than 1 s of processor time"), (14, "ends with 1 (MemoryError)"),
                             (15, "violates: order (at 3 s, 2 is before 1)"), (16, "expects: x.share >= 99% (was 3 %)")):
            with self.subTest(reason):
                said, code = self.run_seeds(seed, 1)
                self.assertEqual(code, 1)
                self.assertIn(reason, said)
                self.assertIn(f"{self.program} run tests/hunt/ring-weather.yaml --seed {seed}\n", said)
                self.assertIn("1 findings in 1 variations", said)

    def test_same_findings_are_printed_once_and_counted(self):
        said, _ = self.run_seeds(15, 1, 15)
        self.assertEqual(said.count("violates: order ("), 1)
        self.assertRegex(said, r"ring-weather/calm +2 of +3  seed 15, 15\n")

    def test_when_interrupted_it_tells_what_it_has(self):
        for ending in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(ending):
                self.interrupt_by(ending)

    def interrupt_by(self, ending):
        runs = self.folder / "runs"
        runs.write_text("ring-weather/calm 15\nring-weather/calm 17\n")
        process = subprocess.Popen(self.command("--fixed", runs), stdout=subprocess.PIPE, text=True)
        said = [process.stdout.readline() for _ in range(3)]
        process.send_signal(ending)
        rest, _ = process.communicate(timeout=20)
        self.assertIn("violates: order", "".join(said))
        self.assertIn("1 findings", rest)
        self.assertEqual(process.returncode, 1)

    def test_it_ends_in_time_and_repeats_its_seeds(self):
        begun = time.monotonic()
        said = subprocess.run(self.command("--seconds", "2", "--seed", "7"), capture_output=True, text=True).stdout
        self.assertLess(time.monotonic() - begun, 20)
        self.assertIn("--seed 7", said)
        self.assertIn("0 findings", said)

    def test_seeds_follow_from_the_name_and_the_round(self):
        variations = read_variations()
        def seeds(names, base, rounds=2):
            drawn = {}
            for run in endless([variations[name] for name in names], base, rounds):
                drawn.setdefault(run.variation.name, []).append(run.seed)
            return drawn
        both = seeds(["ring-weather/calm", "swarm-weather/calm"], "1")
        self.assertEqual(seeds(["ring-weather/calm"], "1"), {"ring-weather/calm": both["ring-weather/calm"]})
        self.assertEqual(len(set(sum(both.values(), []))), 4)
        self.assertNotEqual(seeds(["ring-weather/calm"], "2")["ring-weather/calm"], both["ring-weather/calm"])

    def test_kinds_have_no_figures(self):
        self.assertEqual(kind_of("expects: get.done.success.share >= 99%"), "expects: get.done.success.share")
        self.assertEqual(kind_of("violates: one cycle in the order of keys"), "violates: one cycle in the order of keys")


class CatalogueTest(unittest.TestCase):
    def test_there_are_more_than_a_hundred_variations(self):
        self.assertGreater(len(read_variations()), 100)

    def test_fixed_seeds_are_of_variations(self):
        runs = list(fixed(HERE / "fixed_seeds.txt", read_variations()))
        self.assertGreater(len(runs), 20)

    @unittest.skipUnless(PROGRAM, "PEERBED_PROGRAM says where peerbed is")
    def test_every_variation_is_a_valid_scenario(self):
        """A run whose folder cannot be created exits with 3 if its scenario is valid, and with 2 if not."""
        for variation in read_variations().values():
            done = subprocess.run([PROGRAM, *variation.words(1), "--out", HERE / "variations.py" / "folder"], cwd=ROOT,
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 3, f"{variation.name}: {done.stderr}")


if __name__ == "__main__":
    unittest.main()
