#!/usr/bin/env python3
"""What a user can tell a node: on its command line, at its prompt, in its option file and through its sockets."""

import json
import os
import re
import signal
import socket
import subprocess
import time
import unittest

from node_process import PROGRAM, NodeTest, free_base


class Options(NodeTest):
    def test_a_directory_that_is_a_file_is_told(self):
        (self.folder / "film").write_bytes(b"film")
        self.refuse(3, "--dir film is a file; name a directory", "peer", "--tracker", "127.0.0.1:4000", "--dir", "film")
        self.refuse(3, "film/sub: cannot be opened as a directory: Not a directory", "peer", "--tracker",
                    "127.0.0.1:4000", "--dir", "film/sub")

    def test_a_missing_port_is_told(self):
        self.refuse(2, "--tracker 127.0.0.1 lacks the port; write it as 127.0.0.1:4000", "peer", "--tracker", "127.0.0.1")
        self.refuse(2, "--via 127.0.0.1 lacks the port", "ring", "join", "--via", "127.0.0.1")

    def test_bad_values_in_a_file_of_options_are_told_with_their_place(self):
        for text, place, sentence in (
                ("json: true\nlisten: nowhere\n", "o.yaml:2:9: ", "--listen nowhere"),
                ("tracker: [127.0.0.1:4000, 127.0.0.1]\n", "o.yaml:1:27: ", "lacks the port"),
                ("tracker: 127.0.0.1:4000\nset: {piece_size: 100KiB}\n", "o.yaml:2:19: ", "expected a power of two"),
                ("tracker: 127.0.0.1:4000\nupload-limit: fast\n", "o.yaml:2:15: ", "fast"),
                ("log-level: loud\n", "o.yaml:1:12: ", "'--log-level loud' is unknown"),
                ("tracker: 127.0.0.1:4000\nstatus-port: 70000\n", "o.yaml:2:14: ", "70000"),
                ("tracker: 127.0.0.1:4000\non-conflict: ask\n", "o.yaml:2:14: ", "none of rename")):
            (self.folder / "o.yaml").write_text(text)
            self.refuse(2, sentence, "peer", "--config", "o.yaml")
            self.refuse(2, place, "peer", "--config", "o.yaml")
        (self.folder / "o.yaml").write_text("tracker: 127.0.0.1:4000\nkey-file: none.key\n")
        self.refuse(3, "o.yaml:2:11: --key-file none.key", "peer", "--config", "o.yaml")
        (self.folder / "o.yaml").write_text("tracker: 127.0.0.1:4000\nlisten: nowhere\n")
        self.refuse(2, ": --listen nowhere", "peer", "--config", "o.yaml", "--listen", "nowhere")

    def test_help_names_all_verbs(self):
        text = subprocess.run([PROGRAM, "node", "peer", "--help"], capture_output=True, text=True, check=True).stdout
        for verb in ("ADD", "GET", "DOWN", "LIST", "REMOVE", "CANCEL", "PAUSE", "RESUME", "QUIT", "status", "peers", "wait", "sleep",
                     "help"):
            self.assertIn(verb, text)


class Commands(NodeTest):
    def setUp(self):
        super().setUp()
        self.tracker = self.start("tracker", "--listen", "127.0.0.1:0")
        self.at = self.tracker.endpoint()

    def test_words_too_many_are_refused(self):
        peer = self.start("peer", "--tracker", self.at, "--dir", self.make_folder("peer"))
        for line in ("LIST film", "GET film", "status of all", "wait 5s", "help me", "peers x", "QUIT now"):
            peer.type(line)
            peer.wait_for(f"{line.split()[0]} takes no arguments; remove '{line.split(' ', 1)[1]}'")
        self.tracker.type("quit now")
        self.tracker.wait_for("quit takes no arguments; remove 'now'")
        self.tracker.type("status\t")
        self.tracker.wait_for("kind: tracker")
        peer.type("\tquit \t")
        self.assertEqual(peer.code(), 0)
        self.assertIsNone(self.tracker.process.poll())

    def test_a_tab_parts_words_too(self):
        folder = self.make_folder("peer")
        (folder / "a film").write_bytes(b"film")
        peer = self.start("peer", "--tracker", self.at, "--dir", folder)
        peer.type("add\t a film")
        peer.wait_for("a film is offered")

    def test_a_peer_that_was_there_before_its_tracker_is_listed_soon(self):
        at = f"127.0.0.1:{free_base((0,))}"
        peer = self.start("peer", "--tracker", at, "--dir", self.make_folder("early"))
        peer.endpoint()
        time.sleep(20)
        tracker = self.start("tracker", "--listen", at, "--json")
        tracker.wait_for("peer.listed", 3)
        for _ in range(50):  # the tracker's answer may still be on its way
            if any("tracker_1_answered: 1" in line for line in peer.lines):
                break
            peer.type("status")
            time.sleep(0.1)
        peer.wait_for("tracker_1_answered: 1")

    def test_a_node_goes_on_when_nobody_reads_what_it_says(self):
        for words in ((), ("--json",)):
            reader = subprocess.Popen(["head", "-1"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
            folder = self.make_folder("piped" + "".join(words))
            piped = subprocess.Popen([PROGRAM, "node", "peer", "--tracker", self.at, "--dir", folder, *words],
                                     stdin=subprocess.PIPE, stdout=reader.stdin, stderr=subprocess.PIPE, text=True)
            reader.stdin.close()
            for _ in range(20):
                piped.stdin.write("status\n")
                piped.stdin.flush()
                time.sleep(0.1)
            self.assertIsNone(piped.poll())
            piped.send_signal(signal.SIGTERM)
            _, complaints = piped.communicate(timeout=15)
            reader.wait()
            self.assertEqual(piped.returncode, 0, complaints)
            self.assertEqual(complaints.count("nothing more can be written to stdout; the node goes on without it"), 1)


class Sockets(NodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.start("ring", "start", "--control", self.folder / "s", "--status-port", 0)
        self.node.endpoint()
        line = next(line for line in self.node.complaints if "status at" in line)
        self.port = int(re.search(r"127.0.0.1:(\d+)", line).group(1))

    def ctl(self, *words):
        return subprocess.run([PROGRAM, "ctl", "s", *words], cwd=self.folder, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=20, check=False)

    def connect(self):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(10)
        client.connect(str(self.folder / "s"))
        return client

    def test_a_request_without_its_end_of_line_is_answered(self):
        for request in (b'{"id": 7, "command": "wait"}', b'{"id": 6, "command": "status"}\n{"id": 7, "command": "status"}',
                        b'{"id": 7, "command": "wait"}\n'):
            with self.connect() as client:
                client.sendall(request)
                client.shutdown(socket.SHUT_WR)
                answers = [json.loads(line) for line in client.makefile("r")]
            self.assertEqual(answers[-1], {"event": "done", "ok": True, "id": 7})
        with self.connect() as client:
            client.sendall(b"  ")
            client.shutdown(socket.SHUT_WR)
            self.assertEqual(client.recv(100), b"")
        time.sleep(0.3)
        before = self.processor_time()
        idle = self.connect()
        idle.shutdown(socket.SHUT_WR)
        time.sleep(0.5)
        self.assertLess(self.processor_time() - before, 0.2)
        idle.close()

    def processor_time(self):
        with open(f"/proc/{self.node.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_a_client_too_many_is_told_the_limit(self):
        clients = [self.connect() for _ in range(16)]
        outcome = self.ctl("status")
        self.assertEqual(outcome.returncode, 3)
        self.assertIn("16 programs are connected, and no more are taken", outcome.stderr)
        self.assertNotIn("gone", outcome.stderr)
        for client in clients:
            client.close()
        time.sleep(0.2)
        self.assertEqual(self.ctl("status").returncode, 0)

    def test_options_of_a_command_need_no_mark(self):
        for words in (("put", "a", "b", "--ttl", "1h"), ("--", "put", "a", "b", "--ttl", "1h"), ("put", "--", "a", "b"),
                      ("put", "a", "-5")):
            outcome = self.ctl(*words)
            self.assertEqual(outcome.returncode, 0, (words, outcome.stderr, outcome.stdout))
        self.assertIn("-5", self.ctl("get", "a").stdout)
        for words in (("--json", "status"), ("status", "--json")):
            self.assertEqual(json.loads(self.ctl(*words).stdout.splitlines()[-1])["event"], "done")
        self.assertEqual(self.ctl("--jsn", "status").returncode, 2)

    def ask(self, request):
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as client:
            client.sendall(request)
            answer = b""
            while part := client.recv(4096):
                answer += part
        return answer.split(b"\r\n")[0].decode()

    def test_the_status_port_answers_in_good_order(self):
        for host in ("LOCALHOST", f"LocalHost:{self.port}"):
            self.assertIn("200", self.ask(f"GET /status HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()), host)
        self.assertIn("431", self.ask(b"GET /status HTTP/1.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"))
        self.assertIn("413", self.ask(b"POST /status HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000))
        self.assertIn("400", self.ask(b"nonsense\r\n\r\n"))


if __name__ == "__main__":
    unittest.main()
