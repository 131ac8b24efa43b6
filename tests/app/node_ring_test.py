#!/usr/bin/env python3
"""Rings of real processes: the coursework's walk-through word for word, and a ring by addresses."""

import os
import unittest

from node_process import NodeTest, free_base

PING_INTERVAL = 0.25
RING = (2, 4, 5, 8, 9, 14, 19)


def without_pings(lines):
    return [line for line in lines if not line.startswith("Ping ")]


class Coursework(NodeTest):
    def setUp(self):
        super().setUp()
        self.base = free_base((*RING, 15))
        self.peers = {}
        for place, peer in enumerate(RING):
            first, second = RING[(place + 1) % 7], RING[(place + 2) % 7]
            self.peers[peer] = self.start("coursework", "init", peer, first, second, PING_INTERVAL, "--base-port", self.base)
        for place, peer in enumerate(RING):
            first, second = RING[(place + 1) % 7], RING[(place + 2) % 7]
            self.peers[peer].wait_for(f"Ping requests sent to Peers {first} and {second}")
            self.peers[peer].wait_for(f"Ping response received from Peer {first}")
            self.peers[peer].wait_for(f"Ping response received from Peer {second}")
            self.peers[peer].wait_for(f"Ping request message received from Peer {RING[place - 1]}")
            self.peers[peer].wait_for(f"Ping request message received from Peer {RING[place - 2]}")

    def expect(self, peer, *lines):
        """Waits until the peer has printed exactly these lines, apart from pings."""
        wanted = list(lines)
        self.peers[peer].wait_until(lambda printed: len(without_pings(printed)) >= len(wanted))
        self.assertEqual(without_pings(self.peers[peer].lines), wanted, f"at peer {peer}")
        self.peers[peer].lines.clear()

    def expect_silence(self, *peers):
        for peer in peers:
            self.assertEqual(without_pings(self.peers[peer].lines), [], f"at peer {peer}")

    def test_join_quit_kill_store_and_request(self):
        self.join_15()
        self.quit_9()
        self.kill_14()
        self.store_2067()
        self.request_4103()
        for peer in (2, 4, 5, 8, 15, 19):
            self.peers[peer].ask_to_leave()
        for peer in (2, 4, 5, 8, 15, 19):
            self.assertEqual(self.peers[peer].code(), 0)

    def join_15(self):
        # As older versions wrote it.
        self.peers[15] = self.start("ring", "join", 15, 4, PING_INTERVAL, "--base-port", self.base)
        for peer in (4, 5, 8):
            self.expect(peer, "Peer 15 Join request forwarded to my successor")
        self.expect(9, "Peer 15 Join request forwarded to my successor", "Successor Change request received",
                    "My new first successor is Peer 14", "My new second successor is Peer 15")
        self.expect(14, "Peer 15 Join request received", "My new first successor is Peer 15",
                    "My new second successor is Peer 19")
        self.expect(15, "Join request has been accepted", "My first successor is Peer 19",
                    "My second successor is Peer 2")
        self.peers[15].wait_for("Ping request message received from Peer 9")
        self.expect_silence(2, 19)

    def quit_9(self):
        self.peers[9].type("Quit")
        self.assertEqual(self.peers[9].code(), 0)
        self.expect(5, "Peer 9 will depart from the network", "My new first successor is Peer 8",
                    "My new second successor is Peer 14")
        self.expect(8, "Peer 9 will depart from the network", "My new first successor is Peer 14",
                    "My new second successor is Peer 15")
        self.expect_silence(2, 4, 14, 15, 19)

    def kill_14(self):
        self.peers[14].kill()
        self.expect(5, "Peer 14 is no longer alive", "My new first successor is Peer 8",
                    "My new second successor is Peer 15")
        self.expect(8, "Peer 14 is no longer alive", "My new first successor is Peer 15",
                    "My new second successor is Peer 19")
        self.peers[19].wait_for("Ping request message received from Peer 8")
        self.expect_silence(2, 4, 15, 19)

    def store_2067(self):
        self.peers[8].type("Store 2067")
        self.expect(8, "Store 2067 request forwarded to my successor")
        self.expect(15, "Store 2067 request forwarded to my successor")
        self.expect(19, "Store 2067 request accepted")

    def request_4103(self):
        content = os.urandom(300_000)
        (self.folder / "4103.pdf").write_bytes(content)
        self.peers[8].type("Store 4103")
        self.expect(8, "Store 4103 request accepted")
        self.peers[2].type("Request 4103")
        self.expect(2, "File request for 4103 has been sent to my successor", "Peer 8 had File 4103",
                    "Receiving File 4103 from Peer 8", "File 4103 received")
        for peer in (4, 5):
            self.expect(peer, "Request for File 4103 has been received, but the file is not stored here")
        self.expect(8, "File 4103 is stored here", "Sending file 4103 to Peer 2", "The file has been sent")
        self.assertEqual((self.folder / "4103.pdf").read_bytes(), content)
        self.assertEqual((self.folder / "received_4103.pdf").read_bytes(), content)


class ByAddress(NodeTest):
    def test_a_value_is_found_after_its_ring_has_lost_a_node(self):
        first = self.start("ring", "start")
        others = [self.start("ring", "join", "--via", first.endpoint()) for _ in range(3)]
        for node in others:
            node.type("wait")
            node.type("status")
            node.wait_for("joined: 1")
        others[0].type("put colour green")
        others[0].wait_for("colour is stored")
        others[2].kill()
        others[1].type("get colour")
        others[1].wait_for("colour = green", 30)
        for node in (others[1], others[0], first):
            node.type("quit")
            self.assertEqual(node.code(), 0)


if __name__ == "__main__":
    unittest.main()
