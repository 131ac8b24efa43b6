#!/usr/bin/env python3
"""A full disk, for real: a small tmpfs, which only root can mount. Otherwise exits with 77, skipped."""

import json
import os
import sys
import unittest

from node_process import NodeTest
from small_disk import may_mount, may_write, mount, unmount

SIZE = 24 * 1024 * 1024
ROOM = 10  # MiB: less than the file
SKIPPED = 77


class DiskFull(NodeTest):
    def setUp(self):
        super().setUp()
        self.tracker = self.start("tracker", "--listen", "127.0.0.1:0")
        source = self.make_folder("source")
        self.content = os.urandom(SIZE)
        (source / "big.bin").write_bytes(self.content)
        peer = self.start("peer", "--tracker", self.tracker.endpoint(), "--dir", source)
        peer.type("ADD big.bin")
        peer.wait_for("big.bin is offered")
        self.disk = self.make_folder("disk")
        self.assertTrue(mount(self.disk, ROOM))

    def tearDown(self):
        for node in self.nodes:
            node.end()
        self.assertTrue(unmount(self.disk))
        super().tearDown()

    def test_a_download_fails_and_with_more_room_the_same_process_goes_on_with_what_it_verified(self):
        peer = self.start("peer", "--tracker", self.tracker.endpoint(), "--dir", self.disk, "--json")
        peer.type("DOWN big.bin")
        peer.wait_for("DOWN big.bin failed: the disk does not take it", 30)
        self.assertFalse((self.disk / "big.bin").exists())
        verified = self.verified(peer)
        self.assertGreater(len(verified), 0)
        self.assertTrue(mount(self.disk, 2 * SIZE >> 20, "remount,"))
        peer.type("DOWN big.bin")
        peer.wait_for("big.bin is here")
        self.assertTrue((self.disk / "big.bin").read_bytes() == self.content)
        self.assertEqual(sorted(self.verified(peer)), list(range(SIZE >> 20)))
        peer.ask_to_leave()
        self.assertEqual(peer.code(), 0)

    def run_script(self, *lines):
        """Runs a peer on the small disk with these commands until it leaves. Returns its exit code and lines."""
        peer = self.start("peer", "--tracker", self.tracker.endpoint(), "--dir", self.disk, "--exit-at-end")
        for line in lines:
            peer.type(line)
        peer.process.stdin.close()
        return peer.code(30), "\n".join(peer.lines)

    def fill(self):
        """Uses up all free space."""
        with open(self.disk / "filler", "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass

    def test_the_reason_is_told_and_the_place(self):
        code, text = self.run_script("DOWN big.bin")
        self.assertEqual(code, 3, text)
        self.assertIn(f"the disk does not take it: {self.disk}: no space left on device; make room there", text)

    def test_a_file_cannot_be_added_on_a_full_disk_and_can_when_there_is_room(self):
        self.run_script("LIST")  # creates the peer's own files
        (self.disk / "film").write_bytes(os.urandom(100_000))
        self.fill()
        code, text = self.run_script("ADD film")
        self.assertEqual(code, 3, text)
        self.assertIn(f"film could not be added: {self.disk}: no space left on device; make room there", text)
        self.assertNotIn("film is offered", text)
        (self.disk / "filler").unlink()
        code, text = self.run_script("ADD film")
        self.assertEqual(code, 0, text)
        self.assertIn("film is offered", text)

    def test_a_disk_that_becomes_read_only_is_told(self):
        (self.disk / "film").write_bytes(os.urandom(100_000))
        peer = self.start("peer", "--tracker", self.tracker.endpoint(), "--dir", self.disk)
        peer.type("status")
        peer.wait_for("kind: peer")
        self.assertTrue(may_write(self.disk, False))
        peer.type("ADD film")
        peer.wait_for(f"film could not be added: {self.disk}: the disk is read-only; make it writable")
        peer.type("DOWN big.bin")
        peer.wait_for(f"DOWN big.bin failed: the disk does not take it: {self.disk}: the disk is read-only")
        self.assertTrue(may_write(self.disk, True))
        peer.type("ADD film")
        peer.wait_for("film is offered")

    @staticmethod
    def verified(peer):
        return [json.loads(line)["piece"] for line in peer.lines if '"piece.verified"' in line]


if __name__ == "__main__":
    if not may_mount():
        print("skipped: it takes the right to mount a tmpfs")
        sys.exit(SKIPPED)
    unittest.main()
