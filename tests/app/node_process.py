"""Runs `peerbed node` as a process, for tests: its terminal's lines, its signals, its end."""

import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

PROGRAM = os.environ.get("PEERBED_PROGRAM", "peerbed")
# Flushing a file to disk takes no time here.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class Node:
    """A node started with these words. Its lines are read as they arrive."""

    def __init__(self, *words, folder, program=PROGRAM, **how):
        command = [program, "node", *map(str, words)]
        self.name = " ".join(command[2:])
        self.process = subprocess.Popen(
            command, cwd=folder, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how)
        self.lines = []
        self.complaints = []
        self._changed = threading.Condition()
        self._readers = [threading.Thread(target=self._read, args=pair, daemon=True)
                         for pair in ((self.process.stdout, self.lines), (self.process.stderr, self.complaints))]
        for reader in self._readers:
            reader.start()

    def _read(self, stream, lines):
        for line in stream:
            with self._changed:
                lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def type(self, line):
        self.process.stdin.write(line + "\n")

    def wait_until(self, holds, seconds=15):
        """Waits until holds(lines); raises AssertionError after `seconds`."""
        end = time.monotonic() + seconds
        with self._changed:
            while not holds(self.lines):
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"{self.name} did not in {seconds} s; it printed:\n"
                                         + "\n".join(self.lines[-40:] + self.complaints))
                self._changed.wait(left)

    def wait_for(self, text, seconds=15):
        """Waits for a line that contains `text`, and returns the first one."""
        self.wait_until(lambda lines: any(text in line for line in lines), seconds)
        return next(line for line in self.lines if text in line)

    def wait_for_complaint(self, text, seconds=15):
        """Waits for a line on stderr that contains `text`, and returns the first one."""
        self.wait_until(lambda _: any(text in line for line in self.complaints), seconds)
        return next(line for line in self.complaints if text in line)

    def endpoint(self):
        """The endpoint that it listens on, from its stderr."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            for line in list(self.complaints):
                if "listening on " in line:
                    return line.split("listening on ")[1]
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise AssertionError(f"{self.name} does not listen: {self.complaints}")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def ask_to_leave(self, which=signal.SIGTERM):
        self.process.send_signal(which)

    def code(self, seconds=15):
        """Its exit code, once it has ended and all of its output is read."""
        code = self.process.wait(seconds)
        for reader in self._readers:
            reader.join()
        return code

    def end(self):
        if self.process.poll() is None:
            self.kill()
        for reader in self._readers:
            reader.join()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()


class NodeTest(unittest.TestCase):
    """A folder for the nodes of a test; both are removed afterwards."""

    PLACE = MEMORY

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="peerbed-node-", dir=self.PLACE))
        self.nodes = []

    def tearDown(self):
        for node in self.nodes:
            node.end()
        shutil.rmtree(self.folder)

    def start(self, *words, folder=None, **how):
        node = Node(*words, folder=folder or self.folder, **how)
        self.nodes.append(node)
        return node

    def make_folder(self, name):
        path = self.folder / name
        path.mkdir()
        return path

    def refuse(self, code, sentence, *words):
        """Checks that these words make a node exit at once with this code and one line on stderr with the sentence."""
        outcome = subprocess.run([PROGRAM, "node", *words], cwd=self.folder, capture_output=True, text=True,
                                 stdin=subprocess.DEVNULL, timeout=10, check=False)
        self.assertEqual(outcome.returncode, code, outcome.stderr)
        self.assertIn(sentence, outcome.stderr)
        self.assertEqual(outcome.stderr.count("\n"), 1, outcome.stderr)


def is_free(port):
    """Whether nobody listens on a loopback port."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def free_base(offsets):
    """A port such that it and each of the ports `offsets` above it are free; below those that the kernel assigns."""
    while True:
        base = random.randrange(10_000, 32_000)
        if all(is_free(base + offset) for offset in offsets):
            return base
