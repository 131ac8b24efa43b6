"""Processes whose use of CPU and memory is measured from outside."""

import os
import signal
import subprocess
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")


class Process:
    """A contender's process. Its lines of stdout are kept; its memory is sampled 50 times a second."""

    def __init__(self, *words, folder, **how):
        self.begun = time.monotonic()
        self.process = subprocess.Popen([str(word) for word in words], cwd=folder, text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **how)
        self.ended = None   # time.monotonic() at its end
        self.used = None    # CPU seconds of the whole process, once it has ended
        self.memory = 0     # peak bytes of its own: mapped files do not count
        self._lines = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        threading.Thread(target=self._look, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            with self._changed:
                self._lines.append((time.monotonic(), line))
                self._changed.notify_all()
        _, _, usage = os.wait4(self.process.pid, 0)
        self.used = usage.ru_utime + usage.ru_stime
        self.process.returncode = 0
        with self._changed:
            self.ended = time.monotonic()
            self._changed.notify_all()

    def _look(self):
        while self.ended is None:
            try:
                with open(f"/proc/{self.process.pid}/status") as status:
                    own = [int(line.split()[1]) * 1024 for line in status if line.startswith("RssAnon")]
            except (FileNotFoundError, ProcessLookupError):
                return
            self.memory = max([self.memory, *own])
            time.sleep(0.02)

    def processor_seconds(self):
        """CPU seconds so far."""
        if self.used is not None:
            return self.used
        try:
            with open(f"/proc/{self.process.pid}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / TICKS
        except (FileNotFoundError, ProcessLookupError):
            time.sleep(0.1)
            return self.used or 0.0

    def wait_for(self, text, seconds=300):
        """Returns the time.monotonic() at which a line with `text` arrived."""
        return self._wait(lambda: next((when for when, line in self._lines if text in line), None), seconds,
                          f"did not say '{text}'")

    def wait_for_end(self, seconds=300):
        return self._wait(lambda: self.ended, seconds, "did not end")

    def _wait(self, seen, seconds, complaint):
        end = time.monotonic() + seconds
        with self._changed:
            while (found := seen()) is None:
                left = end - time.monotonic()
                if left <= 0 or (self.ended is not None and complaint != "did not end"):
                    raise RuntimeError(f"{self.process.args[:3]} {complaint}; it said: {self._lines[-5:]}")
                self._changed.wait(left)
            return found

    def type(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self):
        if self.ended is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.wait_for_end()
        self._reader.join()


def wait_for_port(port, seconds=10):
    """Waits until somebody listens there."""
    import socket
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nobody listens on port {port}")
