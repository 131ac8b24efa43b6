#!/usr/bin/env python3
"""What DOWN does with a name: one that nobody offers, one that several files have, one that exists here."""

import os
import time
import unittest

from node_files_test import Files


class Unknown(Files):
    def test_a_mistyped_name_is_told_soon_with_the_nearest_one(self):
        self.share("source", "film.mkv", self.content)
        begun = time.monotonic()
        code, text = self.fetch("mine", "DOWN flim.mkv")
        self.assertEqual(code, 3, text)
        self.assertIn("DOWN flim.mkv failed: nobody offers it; did you mean 'film.mkv'?", text)
        self.assertLess(time.monotonic() - begun, 9)
        self.assertEqual(self.fetch("mine", "LIST")[1].strip(), "No file is shared or fetched")

    def test_a_name_like_no_other_is_told_too_and_get_shows_no_search(self):
        self.share("source", "film.mkv", self.content)
        peer = self.peer("mine")
        peer.type("DOWN something else")
        peer.wait_for("DOWN something else failed: nobody offers it; GET lists what is offered")
        self.assertFalse(any("film.mkv" in line for line in peer.lines))

    def test_a_file_that_is_offered_a_little_later_is_fetched(self):
        source = self.peer("source")
        self.give("source", "film", self.content)
        peer = self.peer("mine")
        peer.type("DOWN film")
        time.sleep(3)
        source.type("ADD film")
        peer.wait_for("film is here")


class Several(Files):
    def two_of_one_name(self):
        """A peer that offers two contents as notes; and their roots, sorted."""
        self.share("other", "notes", b"two and more")
        self.give("both", "notes", b"one")
        both = self.peer("both")
        both.type("DOWN notes")
        both.wait_for("notes is here as notes (2)")
        both.type("ADD notes")
        one = both.wait_for("notes is offered: ").split(": ")[1]
        self.nodes[1].kill()
        both.type("LIST")
        two = both.wait_for("notes (2): 12 bytes, ").split(", ")[-1]
        return sorted((one, two))

    def test_one_peer_with_two_contents_of_one_name_makes_down_ask(self):
        roots = self.two_of_one_name()
        code, text = self.fetch("mine", "GET", "wait", "DOWN notes")
        self.assertEqual(code, 3, text)
        self.assertIn("2 files have this name", text)
        for number, root in enumerate(roots, 1):
            self.assertEqual(text.count(f"notes #{number}: "), 2, text)
            self.assertEqual(sum(line.startswith(f"notes #{number}: ") and line.endswith(root)
                                 for line in text.splitlines()), 2, text)
        self.assertEqual(os.listdir(self.folder / "mine"), [".peerbed"])

    def test_a_number_is_known_to_a_process_that_showed_none(self):
        contents = {3: b"one", 12: b"two and more"}
        self.two_of_one_name()
        shown = self.fetch("mine", "GET")[1]
        size = int(shown.split("notes #2: ")[1].split(" ")[0])
        code, text = self.fetch("fresh", "DOWN notes #2")
        self.assertEqual(code, 0, text)
        self.assertEqual((self.folder / "fresh" / "notes").read_bytes(), contents[size])
        code, text = self.fetch("third", "DOWN notes #3")
        self.assertEqual(code, 3, text)
        self.assertIn("did you mean 'notes #", text)


class Here(Files):
    """Other content under the name of an existing file."""

    def setUp(self):
        super().setUp()
        self.share("source", "notes.txt", self.content)
        self.mine = self.give("mine", "notes.txt", b"my own notes")

    def test_it_gets_another_name_and_is_not_fetched_twice(self):
        code, text = self.fetch("mine", "ADD notes.txt", "wait", "DOWN notes.txt", "wait", "DOWN notes.txt")
        self.assertEqual(code, 0, text)
        self.assertIn("notes.txt is here as notes (2).txt: 3000000 bytes", text)
        self.assertEqual(self.mine.read_bytes(), b"my own notes")
        self.assertEqual(sorted(os.listdir(self.folder / "mine")), [".peerbed", "notes (2).txt", "notes.txt"])
        self.assertTrue((self.folder / "mine" / "notes (2).txt").read_bytes() == self.content)

    def test_it_is_refused_or_takes_its_place_as_its_owner_says(self):
        words = ("--on-conflict", "refuse")
        code, text = self.fetch("mine", "ADD notes.txt", "wait", "DOWN notes.txt", words=words)
        self.assertEqual(code, 3, text)
        self.assertIn("a file of that name is there", text)
        self.assertEqual(self.mine.read_bytes(), b"my own notes")
        code, text = self.fetch("mine", "CANCEL notes.txt", "wait", "DOWN notes.txt", words=("--on-conflict", "replace"))
        self.assertTrue(self.mine.read_bytes() == self.content, text)

    def test_what_is_offered_as_it_is_here_is_here(self):
        begun = time.monotonic()
        self.assertEqual(self.fetch("source copy", "DOWN notes.txt")[0], 0)
        code, text = self.fetch("source copy", "wait", "DOWN notes.txt")
        self.assertEqual(code, 0, text)
        self.assertIn("notes.txt is here\n", text + "\n")
        alone = self.fetch("alone", "DOWN nothing else")
        self.assertEqual(alone[0], 3)
        self.give("alone", "mine only", b"mine")
        code, text = self.fetch("alone", "ADD mine only", "wait", "DOWN mine only")
        self.assertEqual(code, 0, text)
        self.assertIn("mine only is here", text)
        self.assertLess(time.monotonic() - begun, 20)

    def test_a_copy_of_what_is_here_is_no_failure(self):
        self.share("twin", "same.txt", self.content)
        code, text = self.fetch("mine", "DOWN same.txt", "wait", "DOWN notes.txt")
        self.assertEqual(code, 0, text)
        self.assertIn("notes.txt is here as same.txt", text)
        self.give("mine", "third.txt", self.content)
        code, text = self.fetch("mine", "wait", "ADD third.txt")
        self.assertEqual(code, 0, text)
        self.assertIn("third.txt is the same file as same.txt", text)


if __name__ == "__main__":
    unittest.main()
