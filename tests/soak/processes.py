"""Node processes that are killed and come back, and one loop that reads from all of them."""

import heapq
import itertools
import json
import os
import selectors
import signal
import subprocess
import time

FROZEN = 30  # seconds of SIGSTOP
PAGE = os.sysconf("SC_PAGE_SIZE")


class Loop:
    """Calls due actions and the readers of processes, until a given time."""

    def __init__(self):
        self.begun = time.monotonic()
        self._waiting = selectors.DefaultSelector()
        self._due = []
        self._order = itertools.count()

    def now(self):
        """Seconds since the loop was created."""
        return time.monotonic() - self.begun

    @staticmethod
    def wall_ns():
        """Nanoseconds since 1970, as nodes count them in `unix_ns`."""
        return time.time_ns()

    def after(self, seconds, action):
        heapq.heappush(self._due, (self.now() + seconds, next(self._order), action))

    def every(self, period, action):
        """Calls `action` repeatedly; `period` is a function that returns the interval."""
        def again():
            action()
            self.after(period(), again)
        self.after(period(), again)

    def watch(self, descriptor, readable):
        self._waiting.register(descriptor, selectors.EVENT_READ, readable)

    def forget(self, descriptor):
        self._waiting.unregister(descriptor)

    def run_until(self, end, done=lambda: False):
        """Runs until `done()`, but at most until `end`; returns whether it was done."""
        while not done():
            now = self.now()
            if now >= end:
                return False
            while self._due and self._due[0][0] <= now:
                heapq.heappop(self._due)[2]()
            until = min(end, self._due[0][0]) if self._due else end
            for key, _ in self._waiting.select(max(0.0, until - self.now())):
                key.data()
        return True


class Sample:
    """A process's resources at one time."""

    def __init__(self, age, pid):
        self.age = age
        self.descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        with open(f"/proc/{pid}/statm") as file:
            self.resident = int(file.read().split()[1]) * PAGE


class Life:
    """One process of a node, from its start to its end."""

    def __init__(self, node, begun):
        self.node = node
        self.begun = begun
        self.samples = []


class Node:
    """A `peerbed node` with --json that restarts at the same address. Calls `heard(node, event)` for each event."""

    def __init__(self, loop, name, words, folder, heard):
        self.loop, self.name, self.words, self.folder, self.heard = loop, name, words, folder, heard
        self.process = None
        self.lives = []
        self.kills = 0
        self.freezes = 0
        self.is_frozen = False
        self.surprises = []  # unexpected ends
        folder.mkdir(parents=True, exist_ok=True)

    def is_running(self):
        return self.process is not None

    def is_awake(self):
        return self.is_running() and not self.is_frozen

    def start(self, *more):
        with open(self.folder.with_suffix(".stderr"), "ab") as complaints:
            self.process = subprocess.Popen(
                [*self.words, *map(str, more), "--json"], cwd=self.folder,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints)
        os.set_blocking(self.process.stdout.fileno(), False)
        self._partial = b""
        self._is_to_end = self.is_frozen = False
        self.lives.append(Life(self, self.loop.now()))
        self.loop.watch(self.process.stdout, self._read)

    def type(self, line):
        """Gives it a command, which is lost if it has just ended."""
        try:
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def kill(self):
        """Without notice; what it printed until then is still read."""
        self.kills += 1
        self._end_by(signal.SIGKILL)

    def freeze(self, seconds):
        """Freezes it in the middle of whatever it does, and later resumes it: like a closed laptop, or a busy host."""
        self.freezes += 1
        self.is_frozen = True
        process = self.process
        process.send_signal(signal.SIGSTOP)

        def thaw():
            if process is self.process:
                process.send_signal(signal.SIGCONT)
                self.is_frozen = False
        self.loop.after(seconds, thaw)

    def end(self):
        """At the end of the test; this kill does not count."""
        self._end_by(signal.SIGKILL)

    def sample(self):
        try:
            self.lives[-1].samples.append(Sample(self.loop.now() - self.lives[-1].begun, self.process.pid))
        except FileNotFoundError:
            pass  # it has just ended

    def _end_by(self, which):
        self._is_to_end = True
        process = self.process
        process.send_signal(which)
        process.wait(timeout=30)
        while self.is_running():
            self._read()

    def _read(self):
        """Reads what there is; at end of file the process is over."""
        while self.is_running():
            try:
                data = os.read(self.process.stdout.fileno(), 1 << 16)
            except BlockingIOError:
                return
            if not data:
                return self._close()
            *lines, self._partial = (self._partial + data).split(b"\n")
            for line in lines:
                self.heard(self, json.loads(line))

    def _close(self):
        self.loop.forget(self.process.stdout)
        self.process.stdout.close()
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        code = self.process.wait()
        self.process = None
        if not self._is_to_end or code not in (0, -signal.SIGKILL):
            self.surprises.append(f"{self.name} ended with {code}")
