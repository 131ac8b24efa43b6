#!/usr/bin/env python3
"""`peerbed put`, `get` and `remove`: programs that never join access values of a ring of processes."""

import base64
import json
import os
import pty
import random
import resource
import socket
import stat
import subprocess
import time
import unittest

from node_process import PROGRAM, NodeTest

MOST = 1 << 20


def bytes_of(size, seed=1):
    return random.Random(seed).randbytes(size)


class RingCommands(NodeTest):
    def setUp(self):
        super().setUp()
        self.members = [self.start("ring", "start")]
        self.via = self.members[0].endpoint()
        for _ in range(2):
            self.members.append(self.start("ring", "join", "--via", self.via))
        for member in self.members:
            member.endpoint()
        self.members[2].type("wait")
        self.members[2].type("put ready now")
        self.members[2].wait_for("ready is stored")

    def run_command(self, *words, value=None, via=None, **how):
        """Runs `peerbed WORD --via MEMBER WORDS...`; returns the exit code, stdout and stderr."""
        command = [PROGRAM, words[0], "--via", via or self.via, *map(str, words[1:])]
        done = subprocess.run(command, cwd=self.folder, input=value, stdin=None if value is not None else subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, **how)
        return done.returncode, done.stdout, done.stderr.decode()

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def silent_endpoint(self):
        """An address at which somebody listens but never answers."""
        silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(silent.close)
        silent.bind(("127.0.0.1", 0))
        return "127.0.0.1:%d" % silent.getsockname()[1]

    def test_a_value_of_standard_input_is_stored_fetched_and_removed(self):
        self.assertEqual(self.run_command("put", "colour", value=b"green"), (0, b"", ""))
        self.assertEqual(self.run_command("get", "colour"), (0, b"green", ""))
        self.members[1].type("get colour")
        self.members[1].wait_for("colour = green")
        self.members[1].type("put colour blue")
        self.members[1].wait_for("colour is stored")
        self.assertEqual(self.run_command("get", "colour", "-"), (0, b"blue", ""))
        self.assertEqual(self.run_command("remove", "colour"), (0, b"", ""))
        self.assertEqual(self.run_command("get", "colour"), (3, b"", "peerbed: colour was not found\n"))

    def test_files_of_any_bytes_and_sizes_come_back_as_they_were(self):
        for size in (0, 1, 1024, 1025, 100_000, MOST):
            content = bytes_of(size, size)
            source = self.file(f"source{size}", content)
            self.assertEqual(self.run_command("put", f"name {size}", source), (0, b"", ""))
            self.assertEqual(self.run_command("get", f"name {size}", f"copy{size}"), (0, b"", ""))
            self.assertEqual((self.folder / f"copy{size}").read_bytes(), content)
            self.assertEqual(self.run_command("get", f"name {size}"), (0, content, ""))
        self.assertEqual(self.run_command("put", "name 1048576", value=b"small"), (0, b"", ""))
        self.assertEqual(self.run_command("get", "name 1048576"), (0, b"small", ""))

    def test_a_lifetime_ends(self):
        self.assertEqual(self.run_command("put", "short", "--ttl", "2s", value=bytes(3000))[0], 0)
        self.assertEqual(self.run_command("get", "short")[:2], (0, bytes(3000)))
        time.sleep(2.5)
        self.assertEqual(self.run_command("get", "short")[0], 3)

    def test_nobody_there_is_said_in_time_with_the_address_and_the_remedy(self):
        via = self.silent_endpoint()
        for words in (("get", "name"), ("remove", "name"), ("put", "name")):
            begun = time.monotonic()
            code, out, complaint = self.run_command(*words, "--patience", "1s", via=via, value=b"")
            self.assertEqual((code, out), (3, b""))
            self.assertEqual(complaint, f"peerbed: no member of a ring answers at {via} for 1s; check that it is running "
                                        "with the same key, or wait longer with --patience DURATION\n")
            self.assertLess(time.monotonic() - begun, 8)

    def test_the_next_door_is_tried_when_one_is_dead(self):
        self.assertEqual(self.run_command("put", "colour", "--via", self.via, via=self.silent_endpoint(), value=b"green"),
                         (0, b"", ""))

    def test_the_ring_goes_on_when_its_door_dies(self):
        self.assertEqual(self.run_command("put", "colour", value=b"green")[0], 0)
        self.members[0].kill()
        code, out, _ = self.run_command("get", "colour", "--via", self.members[1].endpoint(), "--patience", "30s")
        self.assertEqual((code, out), (0, b"green"))

    def test_a_guest_is_never_a_member(self):
        for i in range(5):
            self.run_command("put", f"name{i}", value=b"x")
        for member in self.members:
            while not any("successors: 2" in line for line in member.lines):
                member.type("status")
                time.sleep(0.5)
        time.sleep(6)  # a round of exchanges with the neighbours
        for member in self.members:
            member.lines.clear()
            member.type("peers")
            member.type("status")
            member.wait_for("values: ")
            self.assertIn("successors: 2", member.lines)
            self.assertNotIn("successor 3", "".join(member.lines))

    def test_many_at_once_do_not_disturb_one_another(self):
        contents = {f"name{i}": bytes_of(20_000 + i, i) for i in range(12)}
        for name, content in contents.items():
            self.file(name, content)
        self.all_at_once([[PROGRAM, "put", "--via", self.via, name, name] for name in contents])
        self.all_at_once([[PROGRAM, "get", "--via", self.via, name, f"copy of {name}"] for name in contents])
        for name, content in contents.items():
            self.assertEqual((self.folder / f"copy of {name}").read_bytes(), content)
        # With one name, one of them wins, completely.
        self.all_at_once([[PROGRAM, "put", "--via", self.via, "one", name] for name in contents])
        code, out, _ = self.run_command("get", "one")
        self.assertEqual(code, 0)
        self.assertIn(out, contents.values())

    def all_at_once(self, commands):
        processes = [subprocess.Popen(command, cwd=self.folder, stderr=subprocess.PIPE) for command in commands]
        for process in processes:
            complaint = process.communicate(timeout=60)[1]
            self.assertEqual((process.returncode, complaint), (0, b""))

    def test_a_file_that_cannot_be_read_is_said_with_its_reason(self):
        os.mkfifo(self.folder / "fifo")
        too_large = self.file("large", bytes(MOST + 1))
        for name, sentence in ((self.folder, "is a directory"), ("fifo", "is not a regular file"),
                               ("missing", "no such file"), (too_large, "has more than 1048576 bytes")):
            code, _, complaint = self.run_command("put", "name", name)
            self.assertEqual(code, 3)
            self.assertIn(sentence, complaint)
            self.assertEqual(complaint.count("\n"), 1)
        self.assertIn("standard input: has more than", self.run_command("put", "name", value=bytes(MOST + 1))[2])

    def test_a_file_that_cannot_be_written_leaves_all_as_it_was(self):
        self.run_command("put", "name", value=bytes_of(50_000))
        old = self.file("old", b"as it was")
        before = sorted(os.listdir(self.folder))

        def limit_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))

        code, _, complaint = self.run_command("get", "name", old, preexec_fn=limit_files)
        self.assertEqual(code, 3)
        self.assertIn("old: cannot be written: File too large", complaint)
        for name, sentence in ((self.folder, "is a directory"), ("missing/file", "No such file or directory"),
                               ("/dev/null", "is not a regular file")):
            code, _, complaint = self.run_command("get", "name", name)
            self.assertEqual(code, 3)
            self.assertIn(sentence, complaint)
        self.assertEqual(old.read_bytes(), b"as it was")
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PROGRAM, "get", "--via", self.via, "name"], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stderr), (3, b"peerbed: cannot write to stdout\n"))

    def test_a_file_is_replaced_whole_and_keeps_its_rights_and_links(self):
        self.run_command("put", "name", value=b"new")
        old = self.file("old", b"a longer one than the new")
        old.chmod(0o640)
        (self.folder / "link").symlink_to("old")
        self.assertEqual(self.run_command("get", "name", "link")[0], 0)
        self.assertEqual(old.read_bytes(), b"new")
        self.assertEqual(stat.S_IMODE(old.stat().st_mode), 0o640)
        self.assertTrue((self.folder / "link").is_symlink())

    def test_a_terminal_is_given_text_alone(self):
        self.run_command("put", "text", value="zwölf\n".encode())
        self.run_command("put", "escape", value=b"\x1b[2J")
        self.assertEqual(self.on_terminal("text"), (0, "zwölf\r\n".encode(), b""))
        code, out, complaint = self.on_terminal("escape")
        self.assertEqual((code, out), (3, b""))
        self.assertIn(b"escape has 4 bytes that are not text", complaint)

    def on_terminal(self, name):
        ours, theirs = pty.openpty()
        done = subprocess.run([PROGRAM, "get", "--via", self.via, name], stdout=theirs, stderr=subprocess.PIPE)
        os.set_blocking(ours, False)
        try:
            out = os.read(ours, 1000)
        except BlockingIOError:
            out = b""
        os.close(ours)
        os.close(theirs)
        return done.returncode, out, done.stderr

    def test_json_says_how_it_went(self):
        def event(*words, **how):
            code, out, complaint = self.run_command(*words, "--json", **how)
            self.assertEqual(complaint, "")
            return code, json.loads(out)

        content = bytes(range(256))
        self.assertEqual(event("put", "name", value=content), (0, {"event": "stored", "name": "name", "bytes": 256}))
        code, fetched = event("get", "name")
        self.assertEqual(base64.b64decode(fetched.pop("base64")), content)
        self.assertEqual((code, fetched), (0, {"event": "fetched", "name": "name", "bytes": 256}))
        self.assertEqual(event("get", "name", "file")[1]["file"], "file")
        self.assertEqual(event("remove", "name"), (0, {"event": "removed", "name": "name"}))
        self.assertEqual(event("get", "name"), (3, {"event": "error", "code": "not-found", "error": "name was not found"}))
        self.assertEqual(event("put", "name", "missing")[1]["code"], "file")
        self.assertEqual(event("get", "name", "--patience", "1s", via=self.silent_endpoint())[1]["code"], "unreachable")

    def test_mistakes_are_usage(self):
        for words, sentence in ((["get"], "missing the name of a value"), (["get", "a", "b", "c"], "'c' is one word too many"),
                                (["put", ""], "the name is empty"),
                                (["remove", "a", "b"], "'b' is one word too many"),
                                (["put", "a", "--ttl", "soon"], "--ttl soon is not a duration"),
                                (["get", "a", "--patience", "1ms"], "--patience 1ms is not a duration"),
                                (["get", "a", "--ttl", "5s"], "unknown option '--ttl'")):
            code, out, complaint = self.run_command(*words)
            self.assertEqual((code, out), (2, b""), words)
            self.assertIn(sentence, complaint)
        done = subprocess.run([PROGRAM, "get", "name"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr),
                         (2, "peerbed: no member of the ring given; write --via HOST:PORT\n"))

    def test_the_prompt_takes_files_and_quotes(self):
        member = self.members[1]
        content = bytes_of(70_000)
        self.file("source", content)
        member.type("put big @source")
        member.wait_for("big is stored")
        member.type("get big")
        member.wait_for("big has 70000 bytes")
        member.type("get big @the copy")
        member.wait_for("big is in the copy")
        self.assertEqual((self.folder / "the copy").read_bytes(), content)
        member.type(r'''put "my name" 'a "b" \x1b[2J' --ttl 1h''')
        member.wait_for("my name is stored")
        member.type("get 'my name'")
        member.wait_for(r'''my name = "a \"b\" \x1b[2J"''')
        member.type('put at "@source"')
        member.wait_for("at is stored")
        member.type("get at")
        member.wait_for("at = @source")
        for line, sentence in (("put name 'open", "The quote in 'open is not closed"),
                               ("put name @missing", "missing: no such file"),
                               ("put name @.", "is a directory"), ("get big @.", "is a directory"),
                               ("get nothing @file", "nothing ")):
            member.type(line)
            member.wait_for(sentence)
        self.assertFalse((self.folder / "file").exists())
        member.type("remove big")
        member.wait_for("big is removed")


class WithKey(NodeTest):
    def test_a_guest_needs_the_key_of_the_ring(self):
        for name in ("one", "other"):
            subprocess.run([PROGRAM, "key", "-o", name], cwd=self.folder, check=True, stderr=subprocess.DEVNULL)
        via = self.start("ring", "start", "--key-file", "one").endpoint()

        def put(*words):
            return subprocess.run([PROGRAM, "put", "--via", via, "name", *words], cwd=self.folder, input="value",
                                  text=True, capture_output=True)

        self.assertEqual(put("--key-file", "one").returncode, 0)
        for words in (("--key-file", "other"), ()):
            done = put(*words, "--patience", "1s")
            self.assertEqual(done.returncode, 3)
            self.assertIn("check that it is running with the same key", done.stderr)


if __name__ == "__main__":
    unittest.main()
