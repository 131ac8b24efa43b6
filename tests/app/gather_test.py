#!/usr/bin/env python3
"""Parts of a sweep, made apart from each other, gather to the bytes of a sweep made on one machine, or are refused."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.environ["PEERBED_PROGRAM"]
SCENARIO = """duration: 30s
description: list $list
parameters: {list: 2}
network: {latency: 20ms, loss: 2%}
groups:
  nodes: {protocol: ring, count: 12, options: {successor_list_length: $list}}
workload:
  - {rate: 5/s, do: "lookup {key}"}
"""
# Runs that take long enough to be killed in the middle.
LONGER = SCENARIO.replace("30s", "10min").replace("count: 12", "count: 120")
SWEEP = ["s.yaml", "--seeds", "1..3", "--param", "groups.nodes.count=6,12", "--param", "list=2,3", "-j", "2"]


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }


def unit_with(folder, count, seed):
    """The file of a run."""
    for file in folder.glob("units/*.json"):
        record = json.loads(file.read_text())
        if record["seed"] == seed and record["values"][0] == str(count):
            return file
    raise AssertionError(f"no run of {count} nodes and seed {seed} in {folder}")


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "s.yaml").write_text(SCENARIO)

    def peerbed(self, *words, code=0):
        outcome = subprocess.run([PROGRAM, *words], cwd=self.folder, capture_output=True, text=True, timeout=100,
                                 check=False)
        self.assertEqual(outcome.returncode, code, outcome.stdout + outcome.stderr)
        return outcome

    def make_parts(self, count, *options):
        """Each on a machine of its own, with a scenario of its own and no other part in sight."""
        for k in range(1, count + 1):
            machine = self.folder / f"machine-{k}"
            machine.mkdir()
            shutil.copy(self.folder / "s.yaml", machine)
            subprocess.run([PROGRAM, "sweep", *SWEEP, *options, "--shard", f"{k}/{count}", "-o", "part"], cwd=machine,
                           capture_output=True, timeout=100, check=True)
            shutil.move(machine / "part", self.folder / f"part-{k}")
            shutil.rmtree(machine)
        return [f"part-{k}" for k in range(1, count + 1)]


class Gather(Folder):
    def test_parts_gather_to_the_bytes_of_the_whole(self):
        whole = self.peerbed("sweep", *SWEEP, "--export", "csv,json", "-o", "whole")
        for count in (1, 3):
            parts = self.make_parts(count)
            (self.folder / "s.yaml").rename(self.folder / "away.yaml")  # the parts are enough
            outcome = self.peerbed("gather", *reversed(parts), "--export", "csv,json", "-o", f"of-{count}")
            (self.folder / "away.yaml").rename(self.folder / "s.yaml")
            self.assertEqual(files(self.folder / f"of-{count}"), files(self.folder / "whole"))
            self.assertEqual(outcome.stdout.split("saved in")[0], whole.stdout.split("saved in")[0])
            for part in parts:
                shutil.rmtree(self.folder / part)

    def test_a_gathered_sweep_is_a_sweep(self):
        self.peerbed("gather", *self.make_parts(2), "-o", "g")
        grown = [word.replace("1..3", "1..4") for word in SWEEP]
        self.peerbed("sweep", *grown, "-o", "g", "--resume")
        self.peerbed("sweep", *grown, "-o", "whole")
        self.assertEqual(files(self.folder / "g"), files(self.folder / "whole"))
        self.peerbed("compare", "g", "whole")
        self.peerbed("report", "g", "-o", "r.html")

    def test_links_are_gathered(self):
        self.peerbed("sweep", *SWEEP, "--links", "-o", "whole")
        self.peerbed("gather", *self.make_parts(2, "--links"), "-o", "g")
        self.assertEqual(files(self.folder / "g"), files(self.folder / "whole"))

    def test_failed_runs_are_named_with_commands_that_repeat_them(self):
        failing = ["--set", "expect=[lookup.done.count < 1]"]
        parts = self.make_failing_parts(failing)
        whole = self.peerbed("sweep", *SWEEP, *failing, "-o", "whole", code=1)
        outcome = self.peerbed("gather", *parts, "-o", "g", code=1)
        self.assertIn("12 runs failed the scenario's expectations", outcome.stdout)
        self.assertEqual(outcome.stdout.split("saved in")[0], whole.stdout.split("saved in")[0])
        self.assertEqual(outcome.stdout.split("rerun")[1:], whole.stdout.split("rerun")[1:])

    def make_failing_parts(self, failing):
        for k in (1, 2):
            self.peerbed("sweep", *SWEEP, *failing, "--shard", f"{k}/2", "-o", f"part-{k}", code=1)
        return ["part-1", "part-2"]

    def test_a_part_that_is_killed_goes_on_and_gathers(self):
        (self.folder / "s.yaml").write_text(LONGER)
        part = ["sweep", "s.yaml", "--seeds", "1..8", "-j", "1", "--shard", "1/2", "-o", "part-1"]
        with subprocess.Popen([PROGRAM, *part], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as it:
            deadline = time.monotonic() + 60
            while not list(self.folder.glob("part-1/units/*.json")) and time.monotonic() < deadline:
                time.sleep(0.005)
            it.send_signal(signal.SIGKILL)
        done = len(list(self.folder.glob("part-1/units/*.json")))
        self.assertTrue(0 < done < 4, done)
        self.peerbed("sweep", "s.yaml", "--seeds", "1..8", "--shard", "2/2", "-o", "part-2")
        refusal = self.peerbed("gather", "part-1", "part-2", "-o", "g", code=3).stderr
        self.assertRegex(refusal, r"^peerbed: part-1: seed \d( and \d other runs? are| is) missing; continue the part on "
                         r"its machine with `.*sweep s.yaml --seeds 1..8 -j 1 --shard 1/2 -o part-1 --resume`, and "
                         r"copy it again\n$")
        self.assertFalse((self.folder / "g").exists())
        self.peerbed(*part)
        self.peerbed("gather", "part-1", "part-2", "-o", "g")
        self.peerbed("sweep", "s.yaml", "--seeds", "1..8", "-o", "whole")
        self.assertEqual(files(self.folder / "g"), files(self.folder / "whole"))


class Refusals(Folder):
    def setUp(self):
        super().setUp()
        self.make_parts(2)
        self.whole = {part: files(self.folder / part) for part in ("part-1", "part-2")}

    def refused(self, sentence, *words, code=3):
        """One sentence, and nothing is written."""
        outcome = self.peerbed("gather", *(words or ("part-1", "part-2")), "-o", "g", code=code)
        self.assertEqual(outcome.stderr, f"peerbed: {sentence}\n")
        self.assertEqual(outcome.stdout, "")
        self.assertFalse((self.folder / "g").exists())

    def test_usage(self):
        self.assertEqual(self.peerbed("gather", "-o", "g", code=2).stderr,
                         "peerbed: gather takes the folders of the parts: peerbed gather PART... -o DIR\n")
        self.assertEqual(self.peerbed("gather", "part-1", code=2).stderr,
                         "peerbed: gather needs a folder for the results; write -o DIR\n")
        self.refused("'--export xml' is unknown; write csv, json, csv,json or none", "part-1", "--export", "xml", code=2)
        self.refused("unknown metric 'lookup.done.cuont'; did you mean 'lookup.done.count'?", "part-1", "part-2",
                     "--metric", "lookup.done.cuont", code=2)

    def test_folders_that_are_no_parts(self):
        self.refused("part-3: no such folder; check the path", "part-1", "part-3")
        self.refused("s.yaml: is not a folder; give the folder of a part", "s.yaml")
        (self.folder / "strange").mkdir()
        self.refused("strange: not the folder of a sweep; make one with `peerbed sweep SCENARIO --shard 1/3 -o DIR`",
                     "part-1", "strange")
        self.refused("part-1/: the same folder is given twice; give each part once", "part-1", "part-2", "part-1/")

    def test_the_results_do_not_replace_anything(self):
        for words in ((), ("--force",)):
            outcome = self.peerbed("gather", "part-1", "part-2", "-o", "part-2", *words, code=3)
            self.assertEqual(outcome.stderr,
                             "peerbed: part-2: is one of the parts; choose another folder for the results\n")
        self.assertEqual(files(self.folder / "part-2"), self.whole["part-2"])
        (self.folder / "mine").mkdir()
        (self.folder / "mine" / "x").write_text("mine")
        outcome = self.peerbed("gather", "part-1", "part-2", "-o", "mine", code=3)
        self.assertEqual(outcome.stderr, "peerbed: mine: the folder is not empty; use --force to start it over, or "
                         "choose another folder\n")
        outcome = self.peerbed("gather", "part-1", "part-2", "-o", "mine", "--force", code=3)
        self.assertEqual(outcome.stderr,
                         "peerbed: mine: not the folder of a sweep, so it is not deleted; choose another\n")
        self.peerbed("gather", "part-1", "part-2", "-o", "twice")
        self.peerbed("gather", "part-1", "part-2", "-o", "twice", "--force")

    def test_parts_of_other_sweeps(self):
        other = [word.replace("1..3", "1..4") for word in SWEEP]
        self.peerbed("sweep", *other, "--shard", "2/2", "-o", "other")
        self.refused("other: contains a sweep with other seeds or parameters than part-1; give parts of one sweep",
                     "part-1", "other")
        self.peerbed("sweep", *SWEEP, "--set", "duration=20s", "--shard", "2/2", "-o", "shorter")
        self.refused("shorter: contains a sweep of another scenario ('s'), with other settings, or of a scenario that "
                     "has changed since, unlike part-1; give parts of one sweep", "part-1", "shorter")
        file = self.folder / "part-2" / "sweep.json"
        file.write_text(file.read_text().replace('"peerbed": "', '"peerbed": "9'))
        refusal = self.peerbed("gather", "part-1", "part-2", "-o", "g", code=3).stderr
        self.assertRegex(refusal, r"^peerbed: part-2: contains a sweep by version 9[\d.]+ of the program")

    def test_missing_runs(self):
        unit_with(self.folder / "part-2", 12, 1).unlink()
        refusal = self.peerbed("gather", "part-1", "part-2", "-o", "g", code=3).stderr
        self.assertRegex(refusal, r"^peerbed: part-2: groups.nodes.count=12, list=\d, seed 1 is missing; continue the "
                         r"part on its machine with `.* --shard 2/2 -o part --resume`, and copy it again\n$")
        refusal = self.peerbed("gather", "part-1", "-o", "g", code=3).stderr
        self.assertRegex(refusal, r"^peerbed: part 2/2 is not among the folders: .* and 5 other runs are missing; give "
                         r"the folder made with --shard 2/2\n$")

    def test_double_runs(self):
        one = unit_with(self.folder / "part-1", 12, 2)
        shutil.copy(one, self.folder / "part-2" / "units")
        refusal = self.peerbed("gather", "part-1", "part-2", "-o", "g", code=3).stderr
        self.assertRegex(refusal, r"^peerbed: part-2: .*, seed 2 is in part-1 too; give only one of the two, or divide "
                         r"the sweep alike on all machines with --shard K/N\n$")
        one.write_text(re.sub(r'("events": ?)(?=[0-9])', r"\g<1>1", one.read_text()))
        refusal = self.peerbed("gather", "part-1", "part-2", "-o", "g", code=3).stderr
        self.assertRegex(refusal, r"^peerbed: part-2: .*, seed 2 came out differently than in part-1; run it on both "
                         r"machines with `.* run s.yaml .*--seed 2` and use the same build on all machines\n$")

    def test_damaged_files(self):
        remedy = "delete it, continue the part's sweep on its machine, and copy the part again"
        one = unit_with(self.folder / "part-1", 12, 2)
        name = one.relative_to(self.folder)
        text = one.read_text()
        one.write_text(text[: len(text) // 2])
        self.refused(f"{name}: is damaged; {remedy}")
        one.write_text(text.replace('"seed": 2', '"seed": 3').replace('"seed":2', '"seed":3'))
        self.refused(f"{name}: is another run than its name says; {remedy}")
        one.unlink()
        one.mkdir()
        self.refused(f"{name}: is a folder, not a file; {remedy}")
        one.rmdir()
        os.mkfifo(one)
        self.refused(f"{name}: is a pipe, not a file; {remedy}")
        one.unlink()
        one.write_text(text)
        (self.folder / "part-1" / "units" / "notes.txt").write_text("mine")
        self.refused("part-1/units/notes.txt: is not a run of this sweep; delete it, or continue the part's sweep with "
                     "its seeds")
        (self.folder / "part-1" / "units" / "notes.txt").unlink()
        for file in ("sweep.json", "manifest.json"):
            path = self.folder / "part-1" / file
            text = path.read_text()
            for bad in ("", text[: len(text) // 2], "[]", "{}"):
                path.write_text(bad)
                self.refused(f"part-1/{file}: is damaged; copy the part again from its machine")
            path.write_text(text)
        shutil.rmtree(self.folder / "part-2" / "units")
        self.refused("part-2/units: cannot be read: No such file or directory; copy the part again from its machine")

    def test_links_of_some_runs_only(self):
        shutil.rmtree(self.folder / "part-2")
        self.peerbed("sweep", *SWEEP, "--links", "--shard", "2/2", "-o", "part-2")
        self.refused("part-1: has runs without a record of their links, and other runs have one; continue the part on "
                     "its machine with --resume --links, and copy it again")


class Order(Folder):
    def test_the_longest_runs_start_first_and_the_results_are_the_same(self):
        long_last = ["s.yaml", "--seeds", "1..2", "--param", "groups.nodes.count=4,150", "-j", "1"]
        begun = []
        with subprocess.Popen([PROGRAM, "sweep", *long_last, "--set", "duration=60s", "-o", "s"], cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as it:
            while it.poll() is None:
                for file in self.folder.glob("s/units/*.json"):
                    values = json.loads(file.read_text())["values"]
                    if file.name not in dict(begun):
                        begun.append((file.name, values))
                time.sleep(0.002)
        self.assertEqual(begun[0][1], ["150"])
        manifest = json.loads((self.folder / "s" / "manifest.json").read_text())
        self.assertEqual(sorted(cost["runs"] for cost in manifest["costs"].values()), [2, 2])
        work = manifest["work"]
        self.assertEqual(work["workers"], 1)
        self.assertAlmostEqual(work["busy_seconds"] + work["idle_seconds"], work["seconds"], places=3)

    def test_waste_is_summarised(self):
        (self.folder / "s.yaml").write_text(LONGER)
        outcome = self.peerbed("sweep", "s.yaml", "--seeds", "1..3", "--set", "duration=2h", "-j", "2", "-o", "s")
        self.assertRegex(outcome.stderr, r"2 workers: \d+% busy, [\d.]+(ms|s) idle in all; the last run \(seed \d\) was "
                         r"alone for [\d.]+(us|ms|s)\n$")


if __name__ == "__main__":
    unittest.main()
