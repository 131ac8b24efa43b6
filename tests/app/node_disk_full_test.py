#!/usr/bin/env python3
"""A disk that is full, for real: a small tmpfs, which takes root to mount. Without that: exit code 77, skipped."""

import json
import os
import sys
import unittest

from node_process import NodeTest
from small_disk import may_mount, mount, unmount

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

    @staticmethod
    def verified(peer):
        return [json.loads(line)["piece"] for line in peer.lines if '"piece.verified"' in line]


if __name__ == "__main__":
    if not may_mount():
        print("skipped: it takes the right to mount a tmpfs")
        sys.exit(SKIPPED)
    unittest.main()
