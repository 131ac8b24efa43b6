"""The contenders: each sets up its sources and fetches one file from them."""

import pathlib
import shutil
import subprocess
import sys

from processes import Process, wait_for_port

HERE = pathlib.Path(__file__).resolve().parent
PORT = 21_000


class Transfer:
    """Seconds from the start of the fetch to the complete file, and what both sides used meanwhile."""

    def __init__(self, seconds, sending, receiving, memory):
        self.seconds = seconds
        self.sending = sending
        self.receiving = receiving
        self.memory = memory


class Contender:
    """Fetches `original`; `limit` is a source's rate in bytes per second, 0 for unlimited."""

    name = ""
    most_sources = 8

    def missing(self):
        """Why it cannot take part, or an empty string."""
        return ""

    def fetch(self, original, folder, count=1, limit=0):
        """Returns a Transfer; the file is then folder/sink/NAME."""
        (folder / "sink").mkdir(parents=True)
        senders = self.start_sources(original, folder, count, limit)
        try:
            before = sum(sender.processor_seconds() for sender in senders)
            receiver = self.start_receiver(original, folder, count)
            try:
                seconds = self.wait(receiver) - self.clock_starts(receiver)
                sending = sum(sender.processor_seconds() for sender in senders) - before
                return Transfer(seconds, sending, receiver.processor_seconds(),
                                max(receiver.memory, *(sender.memory for sender in senders)))
            finally:
                receiver.end()
        finally:
            for sender in senders:
                sender.end()

    def clock_starts(self, receiver):
        return receiver.begun

    def wait(self, receiver):
        return receiver.wait_for_end()


class Peerbed(Contender):
    def __init__(self, program):
        self.name = "peerbed"
        self.program = program

    def start_sources(self, original, folder, count, limit):
        words = [self.program, "node", "tracker", "--listen", f"127.0.0.1:{PORT}"]
        senders = [Process(*words, folder=folder)]
        senders[0].type("status")
        senders[0].wait_for("peers: ")
        places = [folder / f"source{i}" for i in range(count)]
        for place in places:  # before any of them is offered: a peer notices a new link as a change
            place.mkdir()
            (place / original.name).hardlink_to(original)
        for place in places:
            more = ["--upload-limit", f"{limit / 1e6:g}MB/s"] if limit else []
            senders.append(Process(self.program, "node", "peer", "--tracker", f"127.0.0.1:{PORT}", "--dir", place, *more,
                                   folder=place))
            senders[-1].type(f"ADD {original.name}")
        for sender in senders[1:]:
            sender.wait_for("is offered")
        return senders

    def start_receiver(self, original, folder, count):
        receiver = Process(self.program, "node", "peer", "--tracker", f"127.0.0.1:{PORT}", "--dir", folder / "sink",
                           folder=folder)
        receiver.type(f"DOWN {original.name}")
        return receiver

    def wait(self, receiver):
        return receiver.wait_for("is here")


NGINX = """
daemon off; master_process off; error_log stderr; pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
http {{
  access_log off; sendfile on; tcp_nopush on;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


class Http(Contender):
    most_sources = 1

    def __init__(self, name, words):
        self.name = name
        self.words = words

    def missing(self):
        return " and ".join(f"{tool} is not installed" for tool in ("nginx", self.words[0]) if not find(tool))

    def start_sources(self, original, folder, count, limit):
        configuration = folder / "nginx.conf"
        configuration.write_text(NGINX.format(folder=folder, port=PORT, root=original.parent))
        sender = Process(find("nginx"), "-c", configuration, folder=folder)
        wait_for_port(PORT)
        return [sender]

    def start_receiver(self, original, folder, count):
        return Process(*self.words, f"http://127.0.0.1:{PORT}/{original.name}", folder=folder / "sink")


def find(tool):
    return shutil.which(tool, path="/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin")


class Libtorrent(Contender):
    """Through its Python binding, whose interpreter starts before the clock does."""

    name = "libtorrent"

    def __init__(self):
        self.python = next((python for python in ("/usr/bin/python3", sys.executable) if has_libtorrent(python)), None)

    def missing(self):
        return "" if self.python else "python3-libtorrent is not installed"

    def start_sources(self, original, folder, count, limit):
        torrent = original.with_suffix(".torrent")
        if not torrent.exists():
            subprocess.run([self.python, HERE / "torrent_peer.py", "make", original, torrent], check=True)
        senders = []
        for i in range(count):
            place = folder / f"source{i}"
            place.mkdir()
            (place / original.name).hardlink_to(original)
            senders.append(Process(self.python, HERE / "torrent_peer.py", "seed", torrent, place, PORT + 1 + i, limit,
                                   folder=place))
        for sender in senders:
            sender.wait_for("ready")
        return senders

    def start_receiver(self, original, folder, count):
        return Process(self.python, HERE / "torrent_peer.py", "fetch", original.with_suffix(".torrent"), folder / "sink",
                       PORT, 0, *(PORT + 1 + i for i in range(count)), folder=folder)

    def clock_starts(self, receiver):
        return receiver.wait_for("ready")

    def wait(self, receiver):
        done = receiver.wait_for("done")
        receiver.wait_for_end()
        return done


def has_libtorrent(python):
    return subprocess.run([python, "-c", "import libtorrent"], capture_output=True).returncode == 0


class Aria2Torrent(Contender):
    """aria2 with BitTorrent. It finds sources only through a tracker, which is the first of its sources."""

    name = "aria2 with BitTorrent"
    words = ["aria2c", "--show-console-readout=false", "--file-allocation=none", "--enable-dht=false",
             "--bt-enable-lpd=false"]

    def missing(self):
        return "" if find("aria2c") else "aria2c is not installed"

    def start_sources(self, original, folder, count, limit):
        torrent = folder / "file.torrent"
        ports = [PORT + 1 + i for i in range(count)]
        senders = [Process(sys.executable, HERE / "torrent_tracker.py", original, torrent, PORT, *ports, folder=folder)]
        senders[0].wait_for("ready")
        for port in ports:
            place = folder / f"source{port}"
            place.mkdir()
            (place / original.name).hardlink_to(original)
            senders.append(Process(*self.words, "--bt-seed-unverified=true", "--seed-ratio=0.0", "--seed-time=600",
                                   f"--listen-port={port}", f"--max-upload-limit={limit}", torrent, folder=place))
        for port in ports:
            wait_for_port(port)
        return senders

    def start_receiver(self, original, folder, count):
        return Process(*self.words, "--seed-time=0", f"--listen-port={PORT + 1 + count}", folder / "file.torrent",
                       folder=folder / "sink")

    def wait(self, receiver):
        done = receiver.wait_for("Download complete")  # then it says goodbye to the tracker, which takes seconds
        receiver.wait_for_end()
        return done


def contenders(program):
    return [
        Peerbed(program),
        Http("curl from nginx", ["curl", "--silent", "--remote-name"]),
        Http("aria2 from nginx", ["aria2c", "--quiet", "--file-allocation=none"]),
        Http("aria2 from nginx, 4 at once", ["aria2c", "--quiet", "--file-allocation=none", "--split=4",
                                             "--max-connection-per-server=4", "--min-split-size=1M"]),
        Libtorrent(),
        Aria2Torrent(),
    ]
