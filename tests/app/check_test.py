#!/usr/bin/env python3
"""What `peerbed check` proves, refutes and refuses, and that an interrupted check goes on from its file."""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.environ["PEERBED_PROGRAM"]

# Five nodes, of which two may join: some thousand states.
FIVE = ("groups.others.count=2", "groups.base.options.identifiers=[0, 51, 102]", "groups.others.options.identifiers=[153, 204]")


def settings(*values):
    return [word for value in values for word in ("--set", value)]


class Check(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.folder = pathlib.Path(self.scratch.name)

    def run_program(self, code, *words):
        done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=110, cwd=self.folder)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def refuse(self, sentence, *words):
        said = self.run_program(2, "check", *words)
        self.assertIn(sentence, said)
        self.assertEqual(len(said.splitlines()), 1, said)

    def counts(self, said):
        found = re.search(r"([\d,]+) states, ([\d,]+) transitions, depth (\d+)", said)
        self.assertTrue(found, said)
        return tuple(int(number.replace(",", "")) for number in found.groups())

    def test_the_ring_is_proved(self):
        said = self.run_program(0, "check", "ring-check")
        self.assertTrue(said.startswith("proved: 4 nodes, r=2, patient, exchange: "), said)
        self.assertIn("assumes: ", said)

    def test_the_result_does_not_depend_on_the_jobs(self):
        one = self.run_program(0, "check", "ring-check", *settings(*FIVE), "--jobs", "1")
        three = self.run_program(0, "check", "ring-check", *settings(*FIVE), "--jobs", "3")
        self.assertEqual(one, three)
        self.assertGreater(self.counts(one)[0], 1000)

    def test_a_refutation_is_a_scenario_that_fails(self):
        said = self.run_program(1, "check", "ring-check", "--set", "check.contract=none", "-o", "broken.yaml")
        self.assertIn("refuted: ", said)
        self.assertIn("crashes", said)
        run = self.run_program(1, "run", "broken.yaml")
        self.assertRegex(run, r"FAILED +violations == 0")
        self.run_program(3, "check", "ring-check", "--set", "check.contract=none", "-o", "broken.yaml")
        self.run_program(1, "check", "ring-check", "--set", "check.contract=none", "-o", "broken.yaml", "--force")

    def test_two_adjacent_deaths_break_the_coursework_for_good(self):
        self.assertIn("proved: ", self.run_program(0, "check", "coursework-check"))
        two = settings("check.budget.crash=2")
        said = self.run_program(1, "check", "coursework-check", *two, "-o", "two.yaml")
        self.assertIn("the ring is ideal", said)
        self.assertRegex(said, r"the ring is ideal: .*peer \d+")
        self.assertNotIn("node ", said.splitlines()[1])
        self.assertEqual(len(re.findall(r"\d\. .* crashes", said)), 2, said)
        self.assertRegex(self.run_program(1, "run", "two.yaml"), r"FAILED +violations == 0")

    def test_a_ring_that_repairs_is_explored_message_by_message(self):
        said = self.run_program(0, "check", "ring-check", *settings(
            "check.steps=message", "check.timers=[repair]", "check.budget={crash: 0, fire: 2}",
            "check.always=[live successor]", "check.eventually=[]"))
        self.assertTrue(said.startswith("proved: 4 nodes, r=2, patient, message: 1,572 states, 4,140 transitions"), said)

    def test_a_download_ends_and_is_never_wrong(self):
        said = self.run_program(0, "check", "swarm-check", "--set", "check.budget.crash=0")
        self.assertIn("proved: 4 nodes, patient, message: ", said)

    def need_page(self):
        done = subprocess.run([PROGRAM, "report", "nowhere", "-o", "r.html"], capture_output=True, text=True,
                              cwd=self.folder)
        if "without the report page" in done.stderr:
            self.skipTest("the program was built without npm")

    def document(self, code, *words):
        """The check in the page of `--html`, and what the program printed."""
        said = self.run_program(code, "check", *words, "--html", "states.html", "--force")
        page = (self.folder / "states.html").read_text()
        found = re.search(r'<script type="application/json" id="peerbed-document">(.*?)</script>', page, re.DOTALL)
        return json.loads(found.group(1))["checks"][0], said

    def test_the_states_are_shown_with_their_steps(self):
        refused = subprocess.run([PROGRAM, "check", "ring-check", "--html", ""], capture_output=True, text=True)
        self.assertIn("'--html' needs a file name", refused.stderr)
        self.need_page()
        check, said = self.document(0, "ring-check")
        states, transitions, depth = self.counts(said)
        parent, at_depth, nodes, under_way, flaws, steps = range(6)
        self.assertEqual(len(check["states"]), states)
        self.assertEqual(sum(len(state[steps]) for state in check["states"]), transitions)
        self.assertEqual(max(state[at_depth] for state in check["states"]), depth)
        self.assertFalse(check["cut"])
        self.assertIn(f"states.html shows {states} states", said)
        for number, state in enumerate(check["states"]):
            self.assertEqual(state[under_way], [])
            self.assertFalse([flaw for flaw in state[flaws] if check["properties"][flaw[0]]["always"]])
            if number > 0:
                self.assertIn(number, [step[1] for step in check["states"][state[parent]][steps]])
        # At first three nodes stand, each before the next, and the fourth may join through any of them.
        begin = check["states"][0]
        self.assertEqual([check["shown"][one].get("s", [])[:1] for one in begin[nodes]], [[1], [2], [0], []])
        self.assertEqual([place["share"] for place in check["circle"]], [0, 0.25, 0.5, 0.75])
        joins = [step for step in begin[steps] if "joins through" in check["texts"][step[0]]]
        self.assertEqual(len(joins), 3)
        self.assertIn("peer 192: joined", check["texts"][joins[0][2]])
        joined = check["shown"][check["states"][joins[0][1]][nodes][3]]
        self.assertEqual((joined["status"], joined["s"]), ("running", [0, 1]))

    def test_the_way_to_a_refutation_is_shown_however_far(self):
        self.need_page()
        check, said = self.document(1, "coursework-check", "--set", "check.budget.crash=2")
        self.assertIn("states.html shows ", said)
        way, state = [], check["refuted"]
        while state >= 0:
            way.append(state)
            state = check["states"][state][0]
        self.assertEqual(way, list(range(check["refuted"], -1, -1)))
        self.assertEqual(len(way) - 1, len(re.findall(r"^  \d+\. ", said, re.MULTILINE)))
        last = check["states"][check["refuted"]]
        self.assertIn("the ring is ideal", [check["properties"][one]["name"] for one, _ in last[4]])
        self.assertIn("A counterexample to: the ring is ideal", check["counterexample"])
        self.run_program(3, "check", "coursework-check", "--html", "states.html")

    def test_a_bound_is_no_proof(self):
        for bound in ("states=50", "depth=3", "memory=1KiB"):
            name, value = bound.split("=")
            said = self.run_program(5, "check", "ring-check", *settings(*FIVE, f"check.at_most.{name}={value}"))
            self.assertIn("not exhausted: ", said)
            self.assertIn(f"the bound on {name} was reached", said)

    def test_a_bounded_check_goes_on_from_its_file(self):
        whole = self.run_program(0, "check", "ring-check", *settings(*FIVE))
        said = self.run_program(5, "check", "ring-check", *settings(*FIVE, "check.at_most.depth=9"), "--save", "half")
        self.assertIn("half keeps what was seen", said)
        self.assertEqual(self.counts(said)[2], 9)
        other = self.run_program(3, "check", "ring-check", *settings(*FIVE, "check.contract=none"), "--save", "half")
        self.assertIn("half: this file belongs to another check", other)
        self.assertEqual(self.run_program(0, "check", "ring-check", *settings(*FIVE), "--save", "half"), whole)
        self.assertFalse((self.folder / "half").exists())
        (self.folder / "half").write_bytes(b"nothing")
        self.assertIn("half: this file is", self.run_program(3, "check", "ring-check", "--save", "half"))

    def test_an_interrupted_check_goes_on_from_its_file(self):
        # Without an end that is near: every message is a step, and nodes suspect one another wrongly.
        words = [PROGRAM, "check", "ring-check", *settings("check.steps=message", "check.clock=hasty", "check.always=[]"), "--save", "half"]
        check = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder)
        time.sleep(1)
        check.send_signal(signal.SIGINT)
        said, _ = check.communicate(timeout=60)
        self.assertEqual(check.returncode, 130, said)
        self.assertIn("it was interrupted", said)
        seen = self.counts(said)[0]
        said = self.run_program(5, *words[1:], *settings(f"check.at_most.states={seen + 1}"))
        self.assertGreater(self.counts(said)[0], seen)

    def test_mistakes_are_told(self):
        self.refuse("check takes one scenario", )
        self.refuse("there is no `check:` section", "ring-steady")
        self.refuse("--jobs 0", "ring-check", "--jobs", "0")
        self.refuse("--save' needs a file name", "ring-check", "--save", "")
        for setting, sentence in (
                ("check.clock=late", "clock"),
                ("check.always=[dead successor]", "'dead successor' is no property; use one of"),
                ("check.always=[member]", "'member' may mean several things; use one of"),
                ("check.contract=mine", "'mine' is no contract; use one of zave"),
                ("check.timers=[alarm]", "'alarm' is no timer; use one of stabilize"),
                ("check.budget.crash=255", "254"),
                ("check.budget.drop=1", "whole exchanges lose no message"),
                ("check.clock=hasty", "within an exchange no timer fires too early"),
                ("check.at_most.states=0", "states")):
            self.refuse(sentence, "ring-check", "--set", setting)
        self.refuse("cannot be checked exhaustively", "kademlia-churn", "--set", "check={}")

    def test_validate_finds_the_same_mistakes(self):
        scenario = ("name: mine\nduration: 1min\nnetwork: {latency: 1ms}\n"
                    "groups: {peers: {protocol: ring, count: %s, options: {replicas: 1}}}\ncheck: {%s}\n")
        for count, check, sentence in (
                (4, "always: [dead successor]", "'dead successor' is no property; use one of"),
                (4, "eventually: [member]", "'member' may mean several things; use one of"),
                (4, "contract: mine", "'mine' is no contract; use one of zave"),
                (4, "timers: [alarm]", "'alarm' is no timer; use one of stabilize"),
                (256, "", "a check has at most 255 nodes")):
            (self.folder / "mine.yaml").write_text(scenario % (count, check))
            self.assertIn(sentence, self.run_program(2, "validate", "mine.yaml"))
            self.refuse(sentence, "mine.yaml")
        (self.folder / "mine.yaml").write_text(scenario % (4, "always: [live successor]"))
        self.assertIn("valid", self.run_program(0, "validate", "mine.yaml"))

    def test_a_fired_timer_is_told_if_unknown(self):
        said = self.run_program(2, "run", "ring-check", "--set", "faults=[{at: 1s, fire: all, timer: alarm}]")
        self.assertIn("have no timer 'alarm'; use stabilize", said)


if __name__ == "__main__":
    unittest.main()
