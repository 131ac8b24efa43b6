#!/usr/bin/env python3
"""How a node is talked to: scripts, signals, the prompt, JSON, the status port, and what it refuses."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from node_process import PROGRAM, NodeTest, free_base


class Refusals(NodeTest):
    def refuse(self, code, sentence, *words):
        outcome = subprocess.run([PROGRAM, "node", *words], cwd=self.folder, capture_output=True, text=True,
                                 stdin=subprocess.DEVNULL, timeout=10, check=False)
        self.assertEqual(outcome.returncode, code, outcome.stderr)
        self.assertIn(sentence, outcome.stderr)
        self.assertEqual(outcome.stderr.count("\n"), 1, outcome.stderr)

    def test_mistakes_of_usage_are_told_in_one_sentence(self):
        self.refuse(2, "'pear' is no kind of node", "pear")
        self.refuse(2, "a peer needs a tracker", "peer")
        self.refuse(2, "is no address that is known here", "peer", "--tracker", "127.0.0.1:99999")
        self.refuse(2, "say --insecure", "tracker", "--listen", "0.0.0.0:0")
        self.refuse(2, "--advertise", "tracker", "--listen", "0.0.0.0:0", "--insecure")
        self.refuse(2, "give an IPv4 one", "tracker", "--listen", "[::1]:0")
        self.refuse(2, "is another machine", "peer", "--tracker", "192.0.2.7:4000")
        self.refuse(2, "from 0 to 255", "ring", "init", "256", "4", "5", "30")
        self.refuse(2, "PING_INTERVAL", "ring", "join", "15", "4", "soon")
        self.refuse(2, "--via", "ring", "join")
        self.refuse(2, "did you mean 'replicas'", "ring", "start", "--set", "replica=8")
        self.refuse(2, "expected a power of two", "peer", "--tracker", "127.0.0.1:4000", "--set", "piece_size=100KiB")
        self.refuse(2, "write --set name=value", "tracker", "--set", "heartbeat_interval")
        self.refuse(2, "below 2^16", "ring", "start", "--set", "key_bits=16", "--key", "65536")

    def test_what_cannot_be_had_is_told_with_its_place_and_a_remedy(self):
        taken = self.start("tracker", "--listen", "127.0.0.1:0").endpoint()
        self.refuse(3, f"{taken}: cannot be bound: Address already in use; end the program", "tracker", "--listen", taken)
        self.start("peer", "--tracker", taken, "--dir", self.folder).endpoint()
        self.refuse(3, ".peerbed: is used by another node", "peer", "--tracker", taken, "--dir", self.folder)
        self.refuse(3, "choose another place", "peer", "--tracker", taken, "--dir", "/proc/nowhere")
        self.refuse(3, "missing.txt", "tracker", "--listen", "127.0.0.1:0", "--script", "missing.txt")

    def test_a_key_that_is_none_is_told_with_its_file(self):
        key = self.folder / "cluster.key"
        self.refuse(3, "cluster.key: No such file", "tracker", "--listen", "127.0.0.1:0", "--key-file", key)
        key.write_text("secret\n")
        key.chmod(0o600)
        self.refuse(2, "holds no key", "tracker", "--listen", "127.0.0.1:0", "--key-file", key)
        key.write_text(32 * "7f" + "\n")
        key.chmod(0o644)
        self.refuse(2, "chmod 600", "tracker", "--listen", "127.0.0.1:0", "--key-file", key)
        key.chmod(0o600)
        self.refuse(2, "opposites", "tracker", "--listen", "127.0.0.1:0", "--key-file", key, "--insecure")
        self.refuse(2, "--advertise", "tracker", "--listen", "0.0.0.0:0", "--key-file", key)


class Keys(NodeTest):
    def make_key(self, name):
        return subprocess.run([PROGRAM, "key", "-o", name], cwd=self.folder, capture_output=True, text=True, check=False)

    def test_a_key_is_made_once_and_for_its_owner(self):
        made = self.make_key("cluster.key")
        self.assertEqual((made.returncode, made.stdout), (0, ""), made.stderr)
        key = self.folder / "cluster.key"
        self.assertEqual(key.stat().st_mode & 0o777, 0o600)
        self.assertRegex(key.read_text(), r"^[0-9a-f]{64}\n$")
        again = self.make_key("cluster.key")
        self.assertEqual(again.returncode, 3)
        self.assertIn("never written over", again.stderr)
        self.assertEqual(self.make_key("").returncode, 3)

    def test_a_file_moves_among_those_with_the_key_and_to_nobody_else(self):
        self.make_key("cluster.key")
        self.make_key("other.key")
        tracker = self.start("tracker", "--listen", "127.0.0.1:0", "--key-file", "cluster.key")
        at = tracker.endpoint()

        def start_peer(name, *words):
            return self.start("peer", "--tracker", at, "--dir", self.make_folder(name), *words)

        content = os.urandom(3_000_000)
        giver = start_peer("giver", "--key-file", "cluster.key")
        (self.folder / "giver" / "a file.bin").write_bytes(content)
        giver.type("ADD a file.bin")
        giver.wait_for("a file.bin is offered")
        outsiders = [start_peer("keyless"), start_peer("stranger", "--key-file", "other.key")]
        for outsider in outsiders:
            outsider.type("GET")
        taker = start_peer("taker", "--key-file", "cluster.key")
        taker.type("DOWN a file.bin")
        taker.wait_for("a file.bin is here")
        self.assertTrue((self.folder / "taker" / "a file.bin").read_bytes() == content)
        tracker.type("status")
        tracker.wait_for("peers: 2")
        for outsider in outsiders:
            self.assertFalse(any("a file.bin" in line for line in outsider.lines))
        self.assertEqual(sum("cluster's key" in line for line in tracker.complaints), 1, tracker.complaints)


class Commands(NodeTest):
    def test_a_script_adds_fetches_and_leaves(self):
        at = self.start("tracker", "--listen", "127.0.0.1:0").endpoint()
        content = os.urandom(3_000_000)
        giver, taker = self.make_folder("giver"), self.make_folder("taker")
        (giver / "a file.bin").write_bytes(content)
        (self.folder / "give").write_text("# what is offered\nadd a file.bin\n")
        offering = self.start("peer", "--tracker", at, "--dir", giver, "--script", self.folder / "give")
        offering.wait_for("a file.bin is offered")
        fetching = self.start("peer", "--tracker", at, "--dir", taker, "--script", "-", "--exit-at-end")
        for line in ("GET", "wait", "DOWN a file.bin", "wait", "peers", "stat"):
            fetching.type(line)
        fetching.process.stdin.close()
        self.assertEqual(fetching.code(), 0)
        self.assertIn("did you mean 'status'?", "\n".join(fetching.lines))
        self.assertIn(offering.endpoint(), fetching.lines)
        self.assertTrue((taker / "a file.bin").read_bytes() == content)
        self.assertIsNone(offering.process.poll(), "a node goes on serving at the end of its script")

    def test_an_option_of_the_protocol_is_set(self):
        at = self.start("tracker", "--listen", "127.0.0.1:0").endpoint()
        (self.folder / "file").write_bytes(os.urandom(1 << 20))
        peer = self.start("peer", "--tracker", at, "--dir", self.folder, "--json", "--set", "piece_size=64KiB")
        peer.type("ADD file")
        added = json.loads(peer.wait_for('"file.added"'))
        self.assertEqual(added["pieces"], 16)

    def test_a_script_that_asks_for_what_is_not_there_fails(self):
        lonely = self.start("ring", "start", "--exit-at-end")
        lonely.type("get colour")
        lonely.process.stdin.close()
        self.assertEqual(lonely.code(30), 3)
        self.assertIn("colour was not found", lonely.lines)

    def test_a_signal_lets_a_node_leave(self):
        tracker = self.start("tracker", "--listen", "127.0.0.1:0", "--json")
        at = json.loads(tracker.wait_for("listening"))["endpoint"]
        for which in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            peer = self.start("peer", "--tracker", at, "--dir", self.make_folder(which.name))
            tracker.wait_for("peer.listed")
            tracker.lines.clear()
            peer.ask_to_leave(which)
            self.assertEqual(peer.code(), 0)
            dropped = json.loads(tracker.wait_for("peer.dropped"))
            self.assertEqual(dropped["silent"], 0)
            tracker.lines.clear()

    def test_a_second_signal_ends_a_node_that_cannot_leave(self):
        base = free_base((1, 2, 3))
        first = self.start("ring", "init", 1, 2, 3, 0.1, "--base-port", base)
        first.wait_for("Ping requests")
        second = self.start("ring", "init", 3, 1, 2, 0.1, "--base-port", base)
        first.wait_for("Ping request message received from Peer 3")
        second.kill()
        first.ask_to_leave()  # and waits for somebody who is no more to confirm it
        time.sleep(0.1)
        first.ask_to_leave()
        self.assertEqual(first.code(), 130)


class Monitoring(NodeTest):
    def test_each_line_of_json_is_an_object(self):
        tracker = self.start("tracker", "--listen", "127.0.0.1:0", "--json")
        for line in ("status", "peers", "help", "nonsense", "quit"):
            tracker.type(line)
        self.assertEqual(tracker.code(), 0)
        events = [json.loads(line) for line in tracker.lines]
        self.assertEqual(events[0]["event"], "listening")
        self.assertEqual(events[-1]["event"], "left")
        self.assertTrue({"status", "peers", "line"} <= {event["event"] for event in events})
        self.assertTrue(all(event["unix_ns"] > 0 and event["ns"] >= 0 for event in events))

    def test_the_status_port_shows_json_and_metrics_and_nothing_else(self):
        tracker = self.start("tracker", "--listen", "127.0.0.1:0", "--status-port", 0)
        base = re.search(r"http://127.0.0.1:\d+", self.complaint_with(tracker, "status at")).group()
        peer = self.start("peer", "--tracker", tracker.endpoint(), "--dir", self.make_folder("peer"))
        peer.type("wait")
        peer.type("status")
        peer.wait_for("kind: peer")
        with urllib.request.urlopen(base + "/status", timeout=5) as answer:
            status = json.load(answer)
        self.assertEqual((status["kind"], status["peers"]), ("tracker", 1))
        self.assertEqual(status["known"], [peer.endpoint()])
        with urllib.request.urlopen(base + "/metrics", timeout=5) as answer:
            metrics = answer.read().decode()
        self.assertIn("# TYPE peerbed_peers gauge\npeerbed_peers 1\n", metrics)
        self.assertIn('peerbed_node_info{kind="tracker",', metrics)
        for line in metrics.splitlines():
            self.assertRegex(line, r'^# TYPE peerbed_\w+ (counter|gauge)$|^peerbed_\w+(\{[^}]*\})? \d+$')
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(base + "/../etc/passwd", timeout=5)
        self.assertEqual(refused.exception.code, 404)
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(base + "/status", data=b"x", timeout=5)
        self.assertEqual(refused.exception.code, 405)

    def complaint_with(self, node, text):
        node.endpoint()
        return next(line for line in node.complaints if text in line)


class Prompt(NodeTest):
    """What a person sees, through a terminal of the kernel's."""

    def run_prompt(self, *words):
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.environ["TERM"] = "xterm"
            os.execv(PROGRAM, [PROGRAM, "node", *map(str, words)])
        self.seen = ""
        return pid

    def expect(self, text, seconds=10):
        end = time.monotonic() + seconds
        while text not in self.seen:
            ready, _, _ = select.select([self.terminal], [], [], max(0, end - time.monotonic()))
            self.assertTrue(ready, f"'{text}' was not seen in {self.seen!r}")
            try:
                self.seen += os.read(self.terminal, 4096).decode(errors="replace")
            except OSError:
                self.fail(f"'{text}' was not seen before the end of {self.seen!r}")
        self.seen = self.seen[self.seen.index(text) + len(text):]

    def press(self, keys):
        os.write(self.terminal, keys.encode())

    def code_of(self, pid):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                os.close(self.terminal)
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        self.fail(f"it did not end; it showed {self.seen!r}")

    def test_words_are_completed_and_lines_remembered_and_ctrl_d_leaves(self):
        pid = self.run_prompt("tracker", "--listen", "127.0.0.1:0")
        self.expect("> ")
        self.press("sta\t")
        self.expect("tus ")
        self.press("\r")
        self.expect("kind: tracker")
        self.press("\x1b")  # Escape alone holds nothing up
        time.sleep(0.2)
        self.press("\x1b[A\r")  # the line before
        self.expect("kind: tracker")
        self.press("\x04")
        self.assertEqual(self.code_of(pid), 0)

    def test_a_download_shows_how_far_it_is_before_the_prompt(self):
        at = self.start("tracker", "--listen", "127.0.0.1:0").endpoint()
        giver = self.make_folder("giver")
        (giver / "big.bin").write_bytes(os.urandom(8_000_000))
        giving = self.start("peer", "--tracker", at, "--dir", giver, "--upload-limit", "6MB/s")
        giving.type("ADD big.bin")
        giving.wait_for("big.bin is offered")
        pid = self.run_prompt("peer", "--tracker", at, "--dir", self.make_folder("taker"))
        self.expect("> ")
        self.press("GET\r")
        self.expect("big.bin: 8000000 bytes at 1 peer")
        self.press("down b\t\r")  # completed from what GET has shown
        self.expect("% of 7.63MiB")
        self.expect("MiB/s")
        self.expect("to go > ")
        self.expect("big.bin is here")
        self.press("QUIT\r")
        self.assertEqual(self.code_of(pid), 0)

    def test_ctrl_c_kills_a_peer_of_the_coursework_and_lets_others_leave(self):
        pid = self.run_prompt("tracker", "--listen", "127.0.0.1:0")
        self.expect("> ")
        self.press("\x03")
        self.assertEqual(self.code_of(pid), 0)
        pid = self.run_prompt("ring", "init", 1, 2, 3, 1, "--base-port", free_base((1, 2, 3)))
        self.expect("Ping requests sent to Peers 2 and 3")
        self.press("\x03")
        self.assertEqual(self.code_of(pid), 130)


if __name__ == "__main__":
    unittest.main()
