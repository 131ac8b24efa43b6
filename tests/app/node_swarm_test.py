#!/usr/bin/env python3
"""A tracker and peers as real processes: files arrive intact, whatever happens to their senders."""

import json
import os
import resource
import unittest

from node_process import NodeTest

SIZE = 64 * 1024 * 1024
PIECES = SIZE // (1024 * 1024)


def reports(lines, name):
    events = (json.loads(line) for line in list(lines) if f'"{name}"' in line)
    return [event for event in events if event.get("report") == name]


class Swarm(NodeTest):
    def setUp(self):
        super().setUp()
        self.tracker = self.start("tracker", "--listen", "127.0.0.1:0")
        self.at = self.tracker.endpoint()
        self.original = self.folder / "original"
        self.original.write_bytes(os.urandom(SIZE))

    def start_source(self, name, *words):
        """A peer that offers the file under its own name in the file system, without a copy."""
        folder = self.make_folder(name)
        os.link(self.original, folder / "big.bin")
        peer = self.start("peer", "--tracker", self.at, "--dir", folder, *words)
        peer.type("ADD big.bin")
        peer.wait_for("big.bin is offered")
        return peer

    def start_peer(self, name, *words, **how):
        return self.start("peer", "--tracker", self.at, "--dir", self.make_folder(name), "--json", *words, **how)

    def assert_intact(self, name):
        self.assertTrue((self.folder / name / "big.bin").read_bytes() == self.original.read_bytes())

    def test_a_file_arrives_from_four_though_two_and_the_tracker_are_killed(self):
        sources = [self.start_source(f"source{i}", "--upload-limit", "8MB/s") for i in range(4)]
        fetcher = self.start_peer("fetcher")
        fetcher.type("GET")
        fetcher.wait_for(f"big.bin: {SIZE} bytes at 4 peers")
        fetcher.type("DOWN big.bin")
        fetcher.wait_until(lambda lines: len(reports(lines, "piece.verified")) >= PIECES // 4)
        sources[0].kill()
        sources[1].kill()
        self.tracker.kill()
        self.tracker = self.start("tracker", "--listen", self.at)
        self.assertLess(len(reports(fetcher.lines, "piece.verified")), PIECES)
        fetcher.wait_for("big.bin is here")
        self.assert_intact("fetcher")
        senders = {event["source"] for event in reports(fetcher.lines, "piece.verified")}
        self.assertGreaterEqual(len(senders - {0}), 2)
        self.assertEqual(reports(fetcher.lines, "piece.rejected"), [])
        self.check_the_new_tracker_knows(3)

    def check_the_new_tracker_knows(self, count):
        """Surviving peers have enrolled again, and a new peer finds the file through the tracker."""
        newcomer = self.start_peer("newcomer")
        newcomer.type("wait")
        newcomer.type("sleep 2s")
        newcomer.type("DOWN big.bin")
        newcomer.wait_for("big.bin is here")
        self.assert_intact("newcomer")
        self.tracker.type("status")
        self.tracker.wait_for(f"peers: {count + 1}")

    def test_a_disk_that_takes_no_more_fails_the_download_and_a_later_one_is_intact(self):
        self.start_source("source")
        limit = SIZE // 2
        cramped = self.start_peer("fetcher", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        cramped.type("DOWN big.bin")
        cramped.wait_for("DOWN big.bin failed", 30)
        self.assertFalse((self.folder / "fetcher" / "big.bin").exists())
        cramped.ask_to_leave()
        self.assertEqual(cramped.code(), 0)
        fetcher = self.start("peer", "--tracker", self.at, "--dir", self.folder / "fetcher")
        fetcher.type("DOWN big.bin")
        fetcher.wait_for("big.bin is here")
        self.assert_intact("fetcher")


if __name__ == "__main__":
    unittest.main()
