#!/usr/bin/env python3
"""Tests the hunt: each small scenario is searched for its share of the time, and a finding in any of them counts."""

import os
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest

from hunt import HERE

PROGRAM = os.environ.get("PEERBED_PROGRAM")
# A stand-in for peerbed that finds something in one scenario.
STAND_IN = """\
    import sys
    print(*sys.argv[1:])
    sys.exit({code} if "{found}" in sys.argv[2] else 0)
"""
SCENARIOS = sorted(path.stem for path in HERE.glob("search-*.yaml"))


class HuntTest(unittest.TestCase):
    def hunt(self, *words, found="nothing", code=1):
        with tempfile.TemporaryDirectory(prefix="peerbed-hunt-") as folder:
            program = pathlib.Path(folder) / "program"
            program.write_text(f"#!{sys.executable}\n" + textwrap.dedent(STAND_IN.format(found=found, code=code)))
            program.chmod(0o755)
            done = subprocess.run([sys.executable, HERE / "hunt.py", program, *words], capture_output=True, text=True,
                                  timeout=60, check=False)
        self.assertEqual(done.stderr, "")
        return [line for line in done.stdout.splitlines() if line.startswith("search ")], done.returncode

    def test_all_have_the_same_time_and_seed(self):
        said, code = self.hunt("--seconds", "60", "--seed", "7", "--jobs", "2")
        self.assertEqual(code, 0)
        share = f"{60 / len(SCENARIOS):.3f}s"
        self.assertEqual(
            said, [f"search tests/hunt/{name}.yaml --for {share} --seed 7 --jobs 2" for name in SCENARIOS])

    def test_a_finding_counts_and_the_others_are_searched(self):
        said, code = self.hunt("--runs", "10", "--seed", "7", "--jobs", "2", found=SCENARIOS[0])
        self.assertEqual(code, 1)
        self.assertEqual(said, [f"search tests/hunt/{name}.yaml --runs 10 --seed 7 --jobs 2" for name in SCENARIOS])

    def test_an_interrupt_ends_the_hunt(self):
        said, code = self.hunt("--runs", "10", found=SCENARIOS[1], code=130)
        self.assertEqual((len(said), code), (2, 130))

    def test_new_seeds_are_drawn(self):
        seeds = {tuple(line.split("--seed ")[1].split()[0] for line in self.hunt("--runs", "1")[0]) for _ in range(3)}
        self.assertGreater(len(seeds), 1)

    @unittest.skipUnless(PROGRAM, "PEERBED_PROGRAM says where peerbed is")
    def test_nothing_is_found_in_a_few_hundred_runs(self):
        done = subprocess.run([sys.executable, HERE / "hunt.py", PROGRAM, "--runs", "300", "--seed", "1"],
                              capture_output=True, text=True, timeout=600, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stdout.count(" 300 runs "), len(SCENARIOS), done.stdout)


if __name__ == "__main__":
    unittest.main()
