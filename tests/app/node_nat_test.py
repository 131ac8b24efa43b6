#!/usr/bin/env python3
"""Real nodes that others cannot reach: a guest of a ring, and peers that ask their trackers to introduce them."""

import os
import socket
import unittest

from node_process import NodeTest, free_base

ENROL, INTRODUCE = 1, 12


class Guest(NodeTest):
    def setUp(self):
        super().setUp()
        self.first = self.start("ring", "start")
        self.second = self.start("ring", "join", "--via", self.first.endpoint(), "--check-reachability")
        self.second.type("wait")
        self.second.type("status")
        self.second.wait_for("joined: 1")

    def test_a_node_that_others_see_at_another_address_puts_and_gets_as_a_guest(self):
        port = free_base((1,))
        guest = self.start("ring", "join", "--via", self.first.endpoint(), "--check-reachability",
                           "--listen", f"127.0.0.1:{port}", "--advertise", f"127.0.0.1:{port + 1}")
        guest.wait_for("others cannot reach this node, so it is a guest of the ring")
        guest.type("status")
        guest.wait_for("joined: 0")
        guest.wait_for("guest: 1")
        guest.type("put colour green")
        guest.wait_for("colour is stored")
        guest.type("get colour")
        guest.wait_for("colour = green")
        self.second.type("peers")
        self.second.wait_for("successor 1: ")
        self.assertFalse([line for line in self.second.lines if f":{port}" in line], self.second.lines)
        guest.type("quit")
        self.assertEqual(guest.code(), 0)

    def test_a_script_of_a_guest_ends_when_its_commands_are_done(self):
        port = free_base((1,))
        (self.folder / "script").write_text("put colour green\nget colour\n")
        guest = self.start("ring", "join", "--via", self.first.endpoint(), "--check-reachability",
                           "--listen", f"127.0.0.1:{port}", "--advertise", f"127.0.0.1:{port + 1}",
                           "--script", "script", "--exit-at-end")
        self.assertEqual(guest.code(), 0)
        self.assertIn("colour = green", guest.lines)

    def test_who_starts_a_ring_has_nobody_to_ask(self):
        self.refuse(2, "--check-reachability is for joining", "ring", "start", "--check-reachability")
        self.refuse(2, "--check-reachability is for rings by address", "ring", "init", "2", "4", "5", "30",
                    "--check-reachability")


class Introduced(NodeTest):
    def first_kinds(self, *words):
        """The kinds of the datagrams that a peer sends to its tracker first, all at once."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tracker:
            tracker.bind(("127.0.0.1", 0))
            tracker.settimeout(15)
            self.start("peer", "--tracker", f"127.0.0.1:{tracker.getsockname()[1]}", "--dir",
                       self.make_folder(f"peer{len(self.nodes)}"), *words)
            kinds = [tracker.recv(2048)[1]]
            tracker.settimeout(0.5)
            try:
                while len(kinds) < 3:
                    kinds.append(tracker.recv(2048)[1])
            except TimeoutError:
                pass
            return kinds

    def test_a_peer_asks_to_be_introduced_only_if_it_is_told_to(self):
        self.assertEqual(set(self.first_kinds()), {ENROL})
        self.assertEqual(set(self.first_kinds("--hole-punching")), {ENROL, INTRODUCE})

    def test_peers_with_hole_punching_exchange_files(self):
        tracker = self.start("tracker", "--listen", "127.0.0.1:0")
        content = os.urandom(3_000_000)
        (self.make_folder("source") / "film").write_bytes(content)
        source = self.start("peer", "--tracker", tracker.endpoint(), "--dir", self.folder / "source", "--hole-punching")
        source.type("ADD film")
        source.wait_for("film is offered")
        (self.folder / "peer.yaml").write_text("hole-punching: true\n")
        fetcher = self.start("peer", "--tracker", tracker.endpoint(), "--dir", self.make_folder("fetcher"),
                             "--config", "peer.yaml", "--exit-at-end")
        fetcher.type("DOWN film")
        fetcher.process.stdin.close()
        self.assertEqual(fetcher.code(30), 0)
        self.assertEqual((self.folder / "fetcher" / "film").read_bytes(), content)


if __name__ == "__main__":
    unittest.main()
