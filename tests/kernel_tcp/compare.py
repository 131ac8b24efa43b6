#!/usr/bin/env python3
"""Compares the simulator's streams with the kernel's TCP: compare.py SIMULATED_TRANSFER.

For each case, several transfers run at once from one network namespace to another over a virtual Ethernet pair shaped
by tc-tbf, and the same in the simulator; the time until the last one is done must agree within 10 %. The kernel's
is the median of three runs, because it shares the machine with others. How evenly the transfers of a case finish
differs from run to run in the kernel, so their mean is shown but not judged. In some cases the rate changes each second,
or the queue has CoDel, if the kernel has it.
Prints SKIPPED, and succeeds, if namespaces or shaping are not allowed.
"""

import os
import socket
import subprocess
import sys
import threading
import time

TOLERANCE = 0.10
RUNS = 3
PORT = 5001
# Mbit/s, or the rates of one second each, over and over; bytes in the queue, bytes per transfer, transfers at once,
# discipline of the queue.
CASES = [
    ("10", 60_000, 4_000_000, 1, "drop_tail"),
    ("50", 250_000, 20_000_000, 1, "drop_tail"),
    ("20", 15_000, 5_000_000, 1, "drop_tail"),
    ("20", 100_000, 500_000, 1, "drop_tail"),
    ("40", 120_000, 3_000_000, 4, "drop_tail"),
    ("100", 300_000, 4_000_000, 8, "drop_tail"),
    ("20,5", 60_000, 15_000_000, 1, "drop_tail"),
    ("10", 250_000, 4_000_000, 1, "codel"),
    ("20", 250_000, 3_000_000, 4, "codel"),
]


class NotAllowed(Exception):
    """The machine does not allow building the network."""


class Absent(Exception):
    """The kernel does not have something."""


def tool(*words):
    """Runs an iproute2 command."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotAllowed(f"{' '.join(words)}: {done.stderr.strip()}")


class Link:
    """Two namespaces, and a shaped link from the first to the second."""

    def __init__(self, rates, queue, discipline):
        self.rates = rates.split(",")
        self.queue = queue
        self.over = threading.Event()
        self.changes = threading.Thread(target=self.change)
        self.names = [f"peerbed-{os.getpid()}-{side}" for side in "ab"]
        try:
            for name in self.names:
                tool("ip", "netns", "add", name)
            tool("ip", "link", "add", "va", "netns", self.names[0], "type", "veth", "peer", "name", "vb", "netns",
                 self.names[1])
            for name, device, address in zip(self.names, ("va", "vb"), ("10.98.0.1", "10.98.0.2")):
                tool("ip", "-n", name, "address", "add", f"{address}/24", "dev", device)
                tool("ip", "-n", name, "link", "set", device, "up")
            self.shape("add", self.rates[0])
            if discipline != "drop_tail":
                try:
                    tool("tc", "-n", self.names[0], "qdisc", "replace", "dev", "va", "parent", "1:1", discipline)
                except NotAllowed as error:
                    self.close()
                    raise Absent(discipline) from error
        except (NotAllowed, FileNotFoundError) as error:
            self.close()
            raise NotAllowed(str(error)) from error

    def shape(self, verb, rate):
        tool("tc", "-n", self.names[0], "qdisc", verb, "dev", "va", "root", "handle", "1:", "tbf", "rate",
             f"{rate}mbit", "burst", "4000", "limit", str(self.queue))

    def begin(self):
        """From now on the rate changes each second."""
        if len(self.rates) > 1:
            self.changes.start()

    def change(self):
        began = time.monotonic()
        seconds = 0
        while not self.over.wait(max(0.0, began + seconds + 1 - time.monotonic())):
            seconds += 1
            self.shape("change", self.rates[seconds % len(self.rates)])

    def close(self):
        self.over.set()
        if self.changes.is_alive():
            self.changes.join()
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


def choose(endpoint, congestion):
    """Sets this socket's algorithm; False if the kernel does not have it."""
    try:
        endpoint.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, congestion.encode())
        return True
    except OSError:
        return False


def serve(congestion, size, flows):
    """In the first namespace: sends `size` bytes to each of `flows` that connect."""
    listener = socket.create_server(("10.98.0.1", PORT), backlog=flows)
    if not choose(listener, congestion):
        print("absent", flush=True)
        return
    print("ready", flush=True)

    def send(endpoint):
        endpoint.sendall(bytes(size))
        endpoint.shutdown(socket.SHUT_WR)
        endpoint.recv(1)

    threads = []
    for _ in range(flows):
        threads.append(threading.Thread(target=send, args=(listener.accept()[0],)))
        threads[-1].start()
    for thread in threads:
        thread.join()


def fetch(flows):
    """In the second namespace: prints the seconds that each of `flows` transfers took."""
    lock = threading.Lock()

    def receive():
        begin = time.monotonic()
        endpoint = socket.create_connection(("10.98.0.1", PORT))
        room = bytearray(1 << 20)
        while endpoint.recv_into(room) > 0:
            pass
        with lock:
            print(time.monotonic() - begin, flush=True)

    threads = [threading.Thread(target=receive) for _ in range(flows)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def over_the_kernel(rates, queue, size, flows, discipline, congestion):
    """The sorted times of the transfers."""
    link = Link(rates, queue, discipline)
    try:
        inside = lambda side, *words: ["ip", "netns", "exec", link.names[side], sys.executable, __file__, *words]
        server = subprocess.Popen(inside(0, "--serve", congestion, str(size), str(flows)), stdout=subprocess.PIPE,
                                  text=True)
        if server.stdout.readline().strip() != "ready":
            server.wait()
            raise Absent(congestion)
        link.begin()
        client = subprocess.run(inside(1, "--fetch", str(flows)), capture_output=True, text=True, check=True)
        server.wait()
        return sorted(map(float, client.stdout.split()))
    finally:
        link.close()


def over_the_simulator(program, rates, queue, size, flows, discipline, congestion, segment):
    words = [program, rates, *map(str, (queue, size, flows)), congestion, str(segment), discipline]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return sorted(map(float, done.stdout.split()))


def main(program):
    worst = 0.0
    print("Mbit/s    queue    bytes      flows  queue      control  kernel mean/last s  1460 B: mean last   "
          "64 KiB: mean last")
    for case in CASES:
        for congestion in ("cubic", "reno"):
            try:
                runs = [over_the_kernel(*case, congestion) for _ in range(RUNS)]
            except NotAllowed as reason:
                print(f"SKIPPED: this machine does not allow shaped network namespaces ({reason})")
                return 0
            except Absent as absent:
                print(f"the kernel has no {absent}")
                continue
            kernel_mean = sum(map(sum, runs)) / sum(map(len, runs))
            kernel_last = sorted(run[-1] for run in runs)[RUNS // 2]
            line = "%-6s %7d %10d %5d   %-9s  %-6s  %8.3f %8.3f  " % (*case, congestion, kernel_mean, kernel_last)
            for segment in (1460, 65536):
                ours = over_the_simulator(program, *case, congestion, segment)
                mean = sum(ours) / len(ours) / kernel_mean - 1
                last = ours[-1] / kernel_last - 1
                worst = max(worst, abs(last))
                line += "   %+6.1f %% %+6.1f %%" % (100 * mean, 100 * last)
            print(line, flush=True)
    print("largest difference: %.1f %%" % (100 * worst))
    return 0 if worst <= TOLERANCE else 1


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        serve(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[1] == "--fetch":
        fetch(int(sys.argv[2]))
    else:
        sys.exit(main(sys.argv[1]))
