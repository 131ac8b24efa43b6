#!/usr/bin/env python3
"""How to control a node: scripts, signals, the prompt, JSON, the status port, and what it refuses."""

import http.client
import json
import os
import pathlib
import pty
import re
import resource
import select
import signal
import socket
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from node_process import PROGRAM, NodeTest, free_base


def few_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


class Refusals(NodeTest):
    def test_mistakes_of_usage_are_told_in_one_sentence(self):
        self.refuse(2, "unknown node type 'pear'", "pear")
        self.refuse(2, "a peer needs a tracker", "peer")
        self.refuse(2, "is not an address", "peer", "--tracker", "127.0.0.1:99999")
        self.refuse(2, "say --insecure", "tracker", "--listen", "0.0.0.0:0")
        self.refuse(2, "--advertise", "tracker", "--listen", "0.0.0.0:0", "--insecure")
        self.refuse(2, "is another machine", "peer", "--tracker", "192.0.2.7:4000")
        self.refuse(2, "from 0 to 255", "coursework", "init", "256", "4", "5", "30")
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
        self.refuse(3, "is a directory", "tracker", "--listen", "127.0.0.1:0", "--script", self.folder)
        self.refuse(3, "--control", "tracker", "--listen", "127.0.0.1:0", "--control", "/nowhere/socket")
        self.refuse(3, "at most 107 bytes", "tracker", "--listen", "127.0.0.1:0", "--control", 108 * "x")

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
        os.mkfifo(self.folder / "pipe.key", 0o600)
        self.refuse(2, "is not a regular file", "tracker", "--listen", "127.0.0.1:0", "--key-file", "pipe.key")
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
        self.assertIn("never overwrites a file", again.stderr)
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
        outsiders = [start_peer("keyless"), start_peer("outsider", "--key-file", "other.key")]
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
        tracker.wait_for_complaint("cluster's key")
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
        for line in ("GET", "wait", "DOWN a file.bin", "wait", "peers"):
            fetching.type(line)
        fetching.process.stdin.close()
        self.assertEqual(fetching.code(), 0)
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

    def run_script(self, *words, script, seconds=30):
        node = self.start(*words, "--exit-at-end")
        for line in script:
            node.type(line)
        node.process.stdin.close()
        return node, node.code(seconds)

    def test_a_script_with_a_mistake_fails(self):
        at = self.start("tracker", "--listen", "127.0.0.1:0").endpoint()
        (self.folder / "album").mkdir()
        words = ("peer", "--tracker", at, "--dir", self.folder)
        for line, sentence in (("FOO", "Unknown command 'FOO'"), ("stat", "did you mean 'status'?"),
                               ("sleep soon", "'soon' is not a duration"), ("ADD nothing", "nothing"),
                               ("DOWN", "DOWN")):
            node, code = self.run_script(*words, script=[line])
            self.assertEqual(code, 3, line)
            self.assertIn(sentence, "\n".join(node.lines))

    def test_a_download_that_fails_in_the_middle_ends_the_script(self):
        at = self.start("tracker", "--listen", "127.0.0.1:0").endpoint()
        giver = self.make_folder("giver")
        (giver / "big").write_bytes(os.urandom(8_000_000))
        giving = self.start("peer", "--tracker", at, "--dir", giver, "--upload-limit", "1MB/s")
        giving.type("ADD big")
        giving.wait_for("big is offered")
        taking = self.start("peer", "--tracker", at, "--dir", self.make_folder("taker"), "--json", "--exit-at-end",
                            "--set", "give_up=2s")
        taking.type("DOWN big")
        taking.process.stdin.close()
        taking.wait_for('"piece.verified"')
        giving.kill()
        self.assertEqual(taking.code(20), 3)

    def test_silence_is_told_and_ends_a_script(self):
        nobody = f"127.0.0.1:{free_base((0,))}"
        for words in (("peer", "--tracker", nobody, "--dir", self.folder), ("ring", "join", "--via", nobody)):
            begun = time.monotonic()
            node, code = self.run_script(*words, "--patience", "4s", script=["status"])
            self.assertEqual(code, 3)
            self.assertLess(time.monotonic() - begun, 8)
            complaints = "\n".join(node.complaints)
            self.assertIn(f"{nobody} for 3s; is it running, and has it this key?", complaints)
            self.assertIn("--patience DURATION", "\n".join(node.lines))
        node, _ = self.run_script("peer", "--tracker", nobody, "--dir", self.folder, "--json", "--patience", "4s", script=[])
        errors = [event["code"] for event in map(json.loads, node.lines) if event["event"] == "error"]
        self.assertEqual(errors, ["no-answer", "unreachable"])

    def test_a_tracker_that_comes_back_is_told(self):
        tracker = self.start("tracker", "--listen", "127.0.0.1:0")
        at = tracker.endpoint()
        peer = self.start("peer", "--tracker", at, "--dir", self.folder, "--json")
        peer.type("status")
        self.assertEqual(json.loads(peer.wait_for('"status"'))["tracker_1_answered"], 1)
        tracker.kill()
        peer.wait_for('"no-answer"')
        self.start("tracker", "--listen", at)
        peer.wait_for('"answers"')

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
        first = self.start("coursework", "init", 1, 2, 3, 0.1, "--base-port", base)
        first.wait_for("Ping requests")
        second = self.start("coursework", "init", 3, 1, 2, 0.1, "--base-port", base)
        first.wait_for("Ping request message received from Peer 3")
        second.kill()
        first.ask_to_leave()  # and waits for a confirmation from a node that is gone
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
            self.assertRegex(line, r'^# HELP \w+ \S.*\.$|^# TYPE \w+ (counter|gauge|histogram)$|^\w+(\{[^}]*\})? [\d.e+]+$')
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(base + "/../etc/passwd", timeout=5)
        self.assertEqual(refused.exception.code, 404)
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(base + "/status", data=b"x", timeout=5)
        self.assertEqual(refused.exception.code, 405)

    def test_the_status_port_answers_this_machine_alone(self):
        tracker = self.start("tracker", "--listen", "127.0.0.1:0", "--status-port", 0)
        port = int(re.search(r"http://127.0.0.1:(\d+)", self.complaint_with(tracker, "status at")).group(1))
        for host, code in (("127.0.0.1", 200), (f"127.0.0.1:{port}", 200), (f"localhost:{port}", 200),
                           ("evil.example", 403), (f"evil.example:{port}", 403), ("127.0.0.1.evil.example", 403)):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/status", headers={"Host": host})
            self.assertEqual(connection.getresponse().status, code, host)
            connection.close()

    def test_without_descriptors_the_status_port_rests(self):
        tracker = self.start("tracker", "--listen", "127.0.0.1:0", "--status-port", 0, preexec_fn=few_descriptors)
        port = int(re.search(r"http://127.0.0.1:(\d+)", self.complaint_with(tracker, "status at")).group(1))
        idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(30)]
        time.sleep(0.5)
        before = self.processor_time(tracker)
        time.sleep(1)
        self.assertLess(self.processor_time(tracker) - before, 0.3)
        for connection in idle:
            connection.close()
        end = time.monotonic() + 15
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/status", timeout=2) as answer:
                    return self.assertEqual(json.load(answer)["kind"], "tracker")
            except OSError:
                time.sleep(0.1)
        self.fail("the status port did not answer again")

    def processor_time(self, node):
        fields = pathlib.Path(f"/proc/{node.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def complaint_with(self, node, text):
        return node.wait_for_complaint(text)


class Control(NodeTest):
    """The control socket, and `peerbed ctl`."""

    def setUp(self):
        super().setUp()
        self.at = self.start("tracker", "--listen", "127.0.0.1:0").endpoint()
        self.giver = self.make_folder("giver")
        self.node = self.start("peer", "--tracker", self.at, "--dir", self.giver, "--control", self.folder / "peer.sock")
        self.node.endpoint()

    def ctl(self, *words, name="peer.sock", seconds=20):
        return subprocess.run([PROGRAM, "ctl", name, *words], cwd=self.folder, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=seconds, check=False)

    def connect(self):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(10)
        client.connect(str(self.folder / "peer.sock"))
        return client, client.makefile("r")

    def test_a_command_is_done_when_it_returns(self):
        (self.giver / "film").write_bytes(os.urandom(2_000_000))
        added = self.ctl("ADD", "film")
        self.assertEqual((added.returncode, added.stderr), (0, ""))
        self.assertIn("film is offered", added.stdout)
        taker = self.make_folder("taker")
        self.start("peer", "--tracker", self.at, "--dir", taker, "--control", self.folder / "taker.sock").endpoint()
        down = self.ctl("DOWN", "film", name="taker.sock")
        self.assertEqual(down.returncode, 0, down.stderr)
        self.assertEqual((taker / "film").read_bytes(), (self.giver / "film").read_bytes())
        self.assertIn("kind: peer", self.ctl("status").stdout)

    def test_what_fails_ends_with_3(self):
        for words, sentence in ((("FOO",), "Unknown command"), (("ADD", "nothing"), "nothing")):
            outcome = self.ctl(*words)
            self.assertEqual(outcome.returncode, 3, words)
            self.assertIn(sentence, outcome.stderr)
        self.assertEqual(self.ctl("status").returncode, 0)
        nobody = self.ctl("status", name="other.sock")
        self.assertEqual(nobody.returncode, 3)
        self.assertIn("other.sock: no node listens there", nobody.stderr)
        self.assertEqual(self.ctl().returncode, 2)

    def test_only_its_owner_may_connect_and_a_left_over_socket_is_replaced(self):
        path = self.folder / "peer.sock"
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        second = self.start("tracker", "--listen", "127.0.0.1:0", "--control", path)
        self.assertEqual(second.code(), 3)
        self.assertIn("another node listens there", second.complaints[-1])
        self.node.kill()
        self.assertTrue(path.exists())
        again = self.start("tracker", "--listen", "127.0.0.1:0", "--control", path)
        again.endpoint()
        self.assertIn("kind: tracker", self.ctl("status").stdout)
        self.assertEqual(self.ctl("quit").returncode, 0)
        self.assertEqual(again.code(), 0)
        self.assertFalse(path.exists())

    def test_requests_that_are_none_are_refused_and_others_go_on(self):
        client, lines = self.connect()
        for request in ("nonsense", "[]", '{"command": 7}', '{"command": "status", "colour": 1}'):
            client.sendall(request.encode() + b"\n")
            event = json.loads(lines.readline())
            self.assertEqual((event["event"], event["code"]), ("error", "bad-request"), request)
        client.sendall(b'{"id": {"a": [1]}, "command": "peers"}\n')
        events = [json.loads(lines.readline()) for _ in range(2)]
        self.assertEqual([event["event"] for event in events], ["peers", "done"])
        self.assertEqual(events[1]["id"], {"a": [1]})
        flood, _ = self.connect()
        flood.sendall(b"x" * 70_000)
        self.assertEqual(self.ctl("status").returncode, 0)
        many = [self.connect()[0] for _ in range(40)]
        self.assertIsNone(self.node.process.poll())
        for connection in (*many, client, flood):
            connection.close()
        time.sleep(0.2)
        self.assertEqual(self.ctl("status").returncode, 0)

    def test_a_busy_node_keeps_clients_waiting_and_then_answers_each(self):
        self.node.process.send_signal(signal.SIGSTOP)
        clients = dict(self.connect() for _ in range(40))
        self.node.process.send_signal(signal.SIGCONT)
        refused = 0
        while refused < 40 - 16:
            ready = select.select(clients, [], [], 10)[0]
            self.assertTrue(ready, f"{refused} clients were refused")
            for client in ready:
                with client, clients.pop(client) as lines:
                    self.assertEqual(json.loads(lines.readline())["code"], "too-many-clients")
                refused += 1
        self.assertEqual(select.select(clients, [], [], 0.2)[0], [])
        for client, lines in clients.items():
            with client, lines:
                client.sendall(b'{"command": "status"}\n')
                self.assertEqual(json.loads(lines.readline())["event"], "status")

    def test_addresses_and_ids_are_strings(self):
        client, lines = self.connect()
        (self.giver / "film").write_bytes(b"film")
        client.sendall(b'{"command": "ADD film"}\n')
        reports = []
        for line in lines:
            event = json.loads(line)
            if event["event"] == "report":
                reports.append(event)
            if event["event"] == "done":
                break
        added = next(report for report in reports if report["report"] == "file.added")
        self.assertRegex(added["file"], "^[0-9a-f]{16}$")
        client.close()


class Service(NodeTest):
    """Options in a file, the log, and the service manager."""

    def test_options_are_read_from_a_file_and_the_command_line_comes_before_them(self):
        (self.folder / "options.yaml").write_text(
            "listen: 127.0.0.1:1\nstatus-port: 0\nset: {heartbeat_interval: 2s, missed_heartbeats: 5}\njson: true\n")
        node = self.start("tracker", "--config", "options.yaml", "--listen", "127.0.0.1:0")
        event = json.loads(node.wait_for("listening"))
        self.assertNotEqual(event["endpoint"], "127.0.0.1:1")
        node.wait_for_complaint("status at")

    def test_mistakes_in_the_file_are_told_with_their_place(self):
        for text, sentence in (("listne: 127.0.0.1:0\n", "o.yaml:1:1: unknown key 'listne'; did you mean 'listen'"), ("json: perhaps\n", "o.yaml:1:7: json: "),
                               ("listen: [1, 2]\n", "o.yaml:1:9: listen: "), ("config: x\n", "o.yaml:1:1: unknown key 'config'"),
                               ("set: [a]\n", "'--set a' names no option"), ("- listen\n", "o.yaml:1:1: ")):
            (self.folder / "o.yaml").write_text(text)
            outcome = subprocess.run([PROGRAM, "node", "tracker", "--config", "o.yaml"], cwd=self.folder, text=True,
                                     capture_output=True, stdin=subprocess.DEVNULL, timeout=10, check=False)
            self.assertEqual((outcome.returncode, sentence in outcome.stderr), (2, True), (text, outcome.stderr))
        self.assertEqual(subprocess.run([PROGRAM, "node", "tracker", "--config", "missing"], cwd=self.folder,
                                        capture_output=True, timeout=10, check=False).returncode, 3)

    def test_the_log_has_times_and_levels(self):
        stamp = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z "
        node = self.start("tracker", "--listen", "127.0.0.1:0", "--log-level", "info")
        self.assertRegex(next(line for line in self.complaints_of(node)), stamp + "info listening on ")
        quiet = self.start("tracker", "--listen", "127.0.0.1:0", "--log-level", "error")
        quiet.type("quit")
        self.assertEqual((quiet.code(), quiet.complaints), (0, []))
        objects = self.start("tracker", "--listen", "127.0.0.1:0", "--log-level", "debug", "--log-json")
        first = json.loads(self.complaints_of(objects)[0])
        self.assertEqual((first["level"], list(first)), ("info", ["time", "level", "message"]))
        peer = self.start("peer", "--tracker", first["message"].split()[-1], "--dir", self.folder)
        peer.wait_until(lambda _: any('"debug"' in line and "peer.listed" in line for line in objects.complaints))

    def complaints_of(self, node):
        end = time.monotonic() + 10
        while not node.complaints and time.monotonic() < end:
            time.sleep(0.01)
        return node.complaints

    def test_the_service_manager_is_told(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(self.folder / "notify"))
            manager.settimeout(10)
            node = self.start("tracker", "--listen", "127.0.0.1:0",
                              env={**os.environ, "NOTIFY_SOCKET": str(self.folder / "notify")})
            self.assertEqual(manager.recv(100), b"READY=1")
            node.ask_to_leave()
            self.assertEqual(manager.recv(100), b"STOPPING=1")
            self.assertEqual(node.code(), 0)


class Prompt(NodeTest):
    """What a user sees on a pseudo-terminal."""

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
        self.press("\x1b")  # Escape alone must not block
        time.sleep(0.2)
        self.press("\x1b[A\r")  # the previous line
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
        self.press("down b\t\r")  # completed from GET's output
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
        pid = self.run_prompt("coursework", "init", 1, 2, 3, 1, "--base-port", free_base((1, 2, 3)))
        self.expect("Ping requests sent to Peers 2 and 3")
        self.press("\x03")
        self.assertEqual(self.code_of(pid), 130)


if __name__ == "__main__":
    unittest.main()
