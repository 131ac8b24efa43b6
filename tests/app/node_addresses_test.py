#!/usr/bin/env python3
"""Addresses of nodes: IPv6, both families on one socket, names that move, and programs of another version."""

import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import time
import unittest

from node_process import PROGRAM, NodeTest, free_base


def has_ipv6():
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return False
    return True


def check_of(data):
    """The upper half of the 64-bit hash that ends each datagram (protocols/environment/hash.h)."""
    mask = (1 << 64) - 1
    state = len(data) * 0x9E3779B97F4A7C15 & mask
    for begin in range(0, len(data), 8):
        state = (state ^ int.from_bytes(data[begin:begin + 8], "little")) * 0xD1342543DE82EF95 & mask
        state ^= state >> 32
    state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 & mask
    state = (state ^ (state >> 27)) * 0x94D049BB133111EB & mask
    return struct.pack(">Q", state ^ (state >> 31))[:4]


def datagram(version, kind, body=b""):
    whole = bytes([version, kind]) + body
    return whole + check_of(whole)


def split(endpoint):
    host, port = endpoint.rsplit(":", 1)
    return host.strip("[]"), int(port)


class AddressTest(NodeTest):
    def start_peer(self, name, tracker, *words, **how):
        return self.start("peer", "--tracker", tracker, "--dir", self.make_folder(name), *words, **how)

    def share_through(self, tracker, other=None):
        """One peer gives a file to another; each knows the tracker by a different address."""
        content = os.urandom(700_000)
        giver = self.start_peer("giver", tracker)
        (self.folder / "giver" / "film.mkv").write_bytes(content)
        giver.type("ADD film.mkv")
        giver.wait_for("film.mkv is offered")
        taker = self.start_peer("taker", other or tracker)
        taker.type("DOWN film.mkv")
        taker.wait_for("film.mkv is here")
        self.assertEqual((self.folder / "taker" / "film.mkv").read_bytes(), content)
        return giver, taker


class Addresses(AddressTest):
    def test_addresses_that_cannot_be_are_refused_with_a_remedy(self):
        self.refuse(2, "write it as 192.0.2.7:4000, [2001:db8::7]:4000 or", "peer", "--tracker", "no-such-name.invalid:4000")
        self.refuse(2, "write it as", "peer", "--tracker", "[::1:4000")
        self.refuse(2, "lacks the port; write it as 127.0.0.1:4000", "peer", "--tracker", "127.0.0.1")
        self.refuse(2, "write it as [::1]:4000", "peer", "--tracker", "::1")
        self.refuse(2, "is a link-local address", "tracker", "--listen", "[fe80::1]:4000", "--insecure")
        self.refuse(2, "is an IPv6 address, which cannot be reached from 127.0.0.1:0", "peer", "--listen", "127.0.0.1:0",
                    "--tracker", "[::1]:4000")
        self.refuse(2, "is an IPv4 address, which cannot be reached from [::1]:0: --listen on an address of that family",
                    "peer", "--listen", "[::1]:0", "--tracker", "127.0.0.1:4000")
        self.refuse(2, "--advertise ADDRESS:PORT", "tracker", "--listen", "[::]:4000", "--insecure")
        self.refuse(2, "is another machine", "peer", "--tracker", "[2001:db8::7]:4000")
        self.refuse(2, "is every address and so nowhere", "peer", "--tracker", "[::]:4000")
        self.refuse(2, "write it as [::1]:4000", "peer", "--tracker", "::1:4000")
        self.refuse(2, "is an address of many hosts", "peer", "--tracker", "224.0.0.1:4000")
        self.refuse(2, "is an IPv6 address, and the node listens on 127.0.0.1", "ring", "start", "--listen", "127.0.0.1:0",
                    "--advertise", "[::1]:4000")
        self.refuse(2, "is an IPv4 address, and this node is known as [::1]:4001", "peer", "--listen", "[::]:4001",
                    "--advertise", "[::1]:4001", "--insecure", "--tracker", "127.0.0.1:4000")

    def test_a_datagram_of_another_version_is_answered_and_told_by_both(self):
        for kind, words, own in (("tracker", ["tracker"], 2), ("ring", ["ring", "start"], 4)):
            node = self.start(*words, "--listen", "127.0.0.1:0", "--json")
            at = split(json.loads(node.wait_for('"listening"'))["endpoint"])
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                other.bind(("127.0.0.1", 0))
                other.settimeout(5)
                self.validate(other, at, datagram(own - 1, 1))
                self.assertEqual(other.recv(2000), datagram(own, 255), kind)
                event = json.loads(node.wait_for("version-refused"))
                self.assertIn(f"speaks version {own - 1} of this protocol", event["error"])
                self.assertIn("127.0.0.1:%d" % other.getsockname()[1], event["error"])
                other.sendto(datagram(own + 1, 255), at)  # a notice, which is never answered
                other.settimeout(0.3)
                with self.assertRaises(TimeoutError):
                    other.recv(2000)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                other.bind(("127.0.0.2", 0))
                other.settimeout(5)
                self.validate(other, at, datagram(own + 1, 255))
                node.wait_until(lambda lines, own=own: any(f"speaks version {own + 1} " in line for line in lines))
            refusals = [line for line in node.lines if "version-refused" in line]
            self.assertEqual(len(refusals), 2, refusals)

    def validate(self, other, at, first):
        """Sends a datagram as an unvalidated peer, which is first challenged to show that it receives."""
        other.sendto(first, at)
        challenge = other.recv(2000)
        self.assertEqual((challenge[0], len(challenge)), (0xF2, 9))
        other.sendto(bytes([0xF3]) + challenge[1:] + bytes(8), at)


@unittest.skipUnless(has_ipv6(), "there is no IPv6 on this machine")
class Ipv6(AddressTest):
    def test_a_swarm_over_ipv6(self):
        tracker = self.start("tracker", "--listen", "[::1]:0")
        at = tracker.endpoint()
        self.assertTrue(at.startswith("[::1]:"), at)
        giver, taker = self.share_through(at)
        self.assertTrue(giver.endpoint().startswith("[::1]:"))
        taker.type("peers")
        taker.wait_for(giver.endpoint())
        taker.type("status")
        taker.wait_for(at)

    def test_a_sealed_swarm_over_ipv6(self):
        subprocess.run([PROGRAM, "key", "-o", "k"], cwd=self.folder, check=True)
        at = self.start("tracker", "--listen", "[::1]:0", "--key-file", "k").endpoint()
        giver = self.start_peer("giver", at, "--key-file", "k")
        (self.folder / "giver" / "a").write_bytes(b"x" * 300_000)
        giver.type("ADD a")
        giver.wait_for("is offered")
        taker = self.start_peer("taker", at, "--key-file", "k")
        taker.type("DOWN a")
        taker.wait_for("a is here")

    def test_a_ring_over_ipv6_and_guests_of_it(self):
        first = self.start("ring", "start", "--listen", "[::1]:0")
        at = first.endpoint()
        others = [self.start("ring", "join", "--via", at) for _ in range(3)]
        for node in others:
            self.assertTrue(node.endpoint().startswith("[::1]:"))
            node.type("put name%d value" % others.index(node))
            node.wait_for("is stored")
        others[0].ask_to_leave()
        self.assertEqual(others[0].code(), 0)
        got = subprocess.run([PROGRAM, "get", "--via", at, "name1"], capture_output=True, text=True, check=False)
        self.assertEqual((got.returncode, got.stdout.strip()), (0, "value"), got.stderr)

    def test_one_socket_speaks_both_families(self):
        port = free_base([0])
        tracker = self.start("tracker", "--listen", f"[::]:{port}", "--advertise", f"[::1]:{port}", "--insecure")
        tracker.endpoint()
        peers = [self.start_peer("four", f"127.0.0.1:{port}"), self.start_peer("six", f"[::1]:{port}")]
        for peer, host in zip(peers, ("127.0.0.1:", "[::1]:")):
            self.assertTrue(peer.endpoint().startswith(host))
            peer.type("status")
            peer.wait_for("tracker_1_answered")
            tracker.type("peers")
            tracker.wait_for(peer.endpoint())

    def test_two_families_share_files_where_all_listen_on_both(self):
        base = free_base([0, 1, 2])
        tracker = self.start("tracker", "--listen", f"[::]:{base}", "--advertise", f"[::1]:{base}", "--insecure")
        tracker.endpoint()
        (self.make_folder("giver") / "a").write_bytes(b"x" * 300_000)
        (self.make_folder("taker"))
        giver = self.start("peer", "--tracker", f"127.0.0.1:{base}", "--dir", "giver", "--listen", f"[::]:{base + 1}",
                           "--advertise", f"127.0.0.1:{base + 1}", "--insecure")
        giver.type("ADD a")
        giver.wait_for("is offered")
        taker = self.start("peer", "--tracker", f"[::1]:{base}", "--dir", "taker", "--listen", f"[::]:{base + 2}",
                           "--advertise", f"[::1]:{base + 2}", "--insecure")
        taker.type("DOWN a")
        taker.wait_for("a is here")


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "a file of host names of one's own is for root alone")
class Names(AddressTest):
    """Nodes with their own /etc/hosts, in a mount namespace."""

    def setUp(self):
        super().setUp()
        self.hosts = self.folder / "hosts"
        self.call(1)
        probe = subprocess.run(self.among("true"), capture_output=True, check=False)
        if probe.returncode != 0:
            self.skipTest("this machine has no mount namespaces for us")

    def call(self, last):
        """From now on the name resolves to 127.0.0.`last`."""
        self.hosts.write_text(f"127.0.0.1 localhost\n127.0.0.{last} peerbed.test\n")

    def among(self, *command):
        script = 'mount --bind "$0" /etc/hosts && exec "$@"'
        return ["unshare", "--mount", "sh", "-c", script, str(self.hosts), *command]

    def start_named(self, *words):
        wrapper = self.folder / "peerbed"
        wrapper.write_text("#!/bin/sh\nexec " + " ".join(f"'{word}'" for word in self.among(str(pathlib.Path(PROGRAM).resolve())))
                           + ' "$@"\n')
        wrapper.chmod(0o755)
        node = self.start(*words, program=str(wrapper))
        return node

    def test_a_tracker_that_moves_is_found_under_its_name(self):
        port = free_base([0])
        first = self.start("tracker", "--listen", f"127.0.0.1:{port}")
        first.endpoint()
        peer = self.start_named("peer", "--tracker", f"peerbed.test:{port}", "--dir", self.make_folder("mine"))
        peer.type("status")
        peer.wait_for(f"127.0.0.1:{port}")
        first.kill()
        self.call(2)
        second = self.start("tracker", "--listen", f"127.0.0.2:{port}")
        second.endpoint()
        peer.wait_for(f"tracker peerbed.test:{port} is at 127.0.0.2:{port} now", 40)
        for _ in range(20):
            second.type("peers")
            time.sleep(0.2)
        second.wait_for(peer.endpoint())

    def test_a_name_with_several_addresses_is_tried_at_each(self):
        port = free_base([0])
        self.hosts.write_text("127.0.0.1 localhost peerbed.test\n127.0.0.4 peerbed.test\n127.0.0.5 peerbed.test\n")
        tracker = self.start("tracker", "--listen", f"127.0.0.5:{port}")
        tracker.endpoint()
        peer = self.start_named("peer", "--tracker", f"peerbed.test:{port}", "--dir", self.make_folder("mine"))
        peer.wait_for(f"tracker peerbed.test:{port} is at 127.0.0.5:{port} now", 40)

    def test_a_name_that_moves_onto_another_tracker_moves_on_later(self):
        port = free_base([0])
        other = self.start("tracker", "--listen", f"127.0.0.2:{port}")
        other.endpoint()
        peer = self.start_named("peer", "--tracker", f"peerbed.test:{port}", "--tracker", f"127.0.0.2:{port}",
                                "--dir", self.make_folder("mine"))
        peer.endpoint()
        self.call(2)
        time.sleep(10)
        self.start("tracker", "--listen", f"127.0.0.3:{port}").endpoint()
        self.call(3)
        peer.wait_for(f"tracker peerbed.test:{port} is at 127.0.0.3:{port} now", 60)
        peer.type("status")
        peer.wait_for(f"127.0.0.2:{port}")

    def test_a_ring_is_joined_where_its_name_has_moved(self):
        port = free_base([0])
        joiner = self.start_named("ring", "join", "--via", f"peerbed.test:{port}")
        joiner.endpoint()
        self.call(3)
        self.start("ring", "start", "--listen", f"127.0.0.3:{port}").endpoint()
        joiner.wait_for(f"peerbed.test:{port} is at 127.0.0.3:{port} now", 40)
        joiner.type("put name value")
        joiner.wait_for("is stored", 60)


if __name__ == "__main__":
    unittest.main()
