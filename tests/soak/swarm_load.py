"""A tracker and peers under load: files are added and fetched while peers are killed and come back, some without their
disk, others are frozen for a while, and the tracker is down for a minute."""

import collections
import hashlib
import os
import shutil

from processes import FROZEN, Node

FILES = 30  # plus an empty one
FILE_BYTES = 6 * 1024 * 1024
PIECE_BYTES = 64 * 1024
OPTIONS = {"piece_size": "64KiB", "block_size": "16KiB", "upload_limit": "3MB/s"}
DOWNLOADS_AT_ONCE = 2
NEVER_KILLED = 3
KILL_PERIOD = 3.0  # seconds, on average
WIPED = 0.3        # of those that are killed
DOWN = 0.5, 8      # seconds
FREEZES = 0.1      # of those that would be killed
TRACKER_DOWN = 60  # but at most half of the run
TOLD = 20          # seconds of silence that every peer reports
ASKED_AGAIN = 5   # a restarted peer may have forgotten what it had only just been told to fetch
# A piece reported just before the kill may not have been recorded: the report comes first.
REPORTED_BEFORE = 0.02


class Peer:
    """What one peer has reported to have."""

    def __init__(self, node, own):
        self.node = node
        self.own = own
        self.begin_anew()

    def begin_anew(self):
        self.complete = set()
        self.fetching = {}  # name: when it was last requested
        self.verified = {}  # (file, piece): when it was verified, in nanoseconds since 1970


class SwarmLoad:
    def __init__(self, loop, draws, program, folder, base_port, count, words_for_all=()):
        self.loop, self.draws = loop, draws
        self.counts = collections.Counter()
        self.breaches = []
        self.is_loaded = True
        self.originals = folder / "originals"
        self.originals.mkdir(parents=True)
        self.names = [*(f"file{i}" for i in range(FILES)), "empty"]
        self.digests = {}
        self.at = f"127.0.0.1:{base_port}"
        self.tracker_down = 0
        self.told = collections.defaultdict(set)  # "no-answer", "answers": the peers that said so
        self.tracker = Node(loop, "tracker", [program, "node", "tracker", "--listen", self.at, *words_for_all],
                            folder / "tracker", lambda node, event: None)
        settings = [word for name, value in OPTIONS.items() for word in ("--set", f"{name}={value}")]
        settings += words_for_all
        self.peers = {}
        for i in range(count):
            words = [program, "node", "peer", *settings, "--tracker", self.at, "--dir", ".",
                     "--listen", f"127.0.0.1:{base_port + 1 + i}"]
            node = Node(loop, f"peer{i}", words, folder / f"peer{i}", self.heard)
            self.peers[node] = Peer(node, [name for place, name in enumerate(self.names) if place % count == i])
        self.nodes = list(self.peers)

    def start(self):
        for name in self.names:
            content = b"" if name == "empty" else self.draws.randbytes(FILE_BYTES)
            (self.originals / name).write_bytes(content)
            self.digests[name] = hashlib.sha256(content).digest()
        self.tracker.start()
        for node in self.nodes:
            self.offer_own(self.peers[node])

    def load(self, seconds):
        self.loop.every(lambda: 0.25, self.fetch_more)
        self.loop.every(lambda: self.draws.expovariate(1 / KILL_PERIOD), lambda: self.is_loaded and self.kill_one())
        self.tracker_down = min(TRACKER_DOWN, seconds / 2)
        self.loop.after(seconds / 2, self.kill_tracker)

    def begin_final_check(self):
        """All peers survive, and fetch what they lack; see is_checked()."""
        self.is_loaded = False

    def is_checked(self):
        return all(peer.node.is_awake() and len(peer.complete) == len(self.names) for peer in self.peers.values())

    def end_final_check(self):
        for peer in self.peers.values():
            for name in sorted(set(self.names) - peer.complete):
                self.lose(f"{peer.node.name} never got {name}")
            for name in sorted(peer.complete & set(self.names)):
                self.compare(peer, name)
        if self.tracker_down < TOLD:
            return
        for node in self.nodes[:NEVER_KILLED]:
            for code in "no-answer", "answers":
                if node not in self.told[code]:
                    self.breaches.append(f"{node.name} did not say {code} of a tracker that was away for a while")

    def losses(self):
        return self.counts["losses"]

    # ---- disturbances

    def offer_own(self, peer):
        """A peer with an empty disk: its own files are put back, under its own names for the same bytes."""
        peer.begin_anew()
        for name in peer.own:
            os.link(self.originals / name, peer.node.folder / name)
        peer.node.start()
        for name in peer.own:
            peer.node.type(f"ADD {name}")

    def fetch_more(self):
        for peer in self.peers.values():
            if not peer.node.is_awake():
                continue
            for name, asked in peer.fetching.items():
                if self.loop.now() - asked > ASKED_AGAIN:
                    self.fetch(peer, name)
            lacking = sorted(set(self.names) - peer.complete - peer.fetching.keys() - set(peer.own))
            if lacking and len(peer.fetching) < DOWNLOADS_AT_ONCE:
                self.fetch(peer, self.draws.choice(lacking))
            elif self.is_loaded and not lacking and not peer.fetching and peer.node not in self.nodes[:NEVER_KILLED]:
                self.kill(peer.node, wiped=True)

    def fetch(self, peer, name):
        peer.fetching[name] = self.loop.now()
        peer.node.type(f"DOWN {name}")

    def kill_one(self):
        alive = [node for node in self.nodes[NEVER_KILLED:] if node.is_awake()]
        if not alive:
            return
        node = self.draws.choice(alive)
        if self.draws.random() < FREEZES:
            node.freeze(FROZEN)
        else:
            self.kill(node, wiped=self.draws.random() < WIPED)

    def kill(self, node, wiped):
        peer = self.peers[node]
        killed = self.loop.wall_ns()
        node.kill()
        self.loop.after(self.draws.uniform(*DOWN), lambda: self.come_back(peer, wiped))
        if wiped:
            self.counts["wiped"] += 1
            shutil.rmtree(node.folder)
            node.folder.mkdir()
            return
        late = killed - REPORTED_BEFORE * 1e9
        peer.verified = {piece: when for piece, when in peer.verified.items() if when < late}
        if peer.fetching:
            self.counts["interrupted"] += 1

    def come_back(self, peer, wiped):
        if wiped:
            return self.offer_own(peer)
        peer.node.start()
        for name in set(peer.own) - peer.complete:
            peer.node.type(f"ADD {name}")

    def kill_tracker(self):
        self.tracker.kill()
        self.loop.after(self.tracker_down, self.tracker.start)

    # ---- events

    def heard(self, node, event):
        peer = self.peers[node]
        if event["event"] == "line":
            self.heard_line(peer, event["line"])
        elif event["event"] == "report":
            self.heard_report(peer, event)
        elif event["event"] == "error":
            self.heard_error(peer, event["code"], event["error"])
        elif event["event"] == "answers":
            self.told["answers"].add(node)

    def heard_line(self, peer, line):
        name = line.split(" ")[0].rstrip(":")
        if " is offered no more" in line or " is damaged" in line or " is here as " in line:
            self.breaches.append(f"{peer.node.name}: {line}")
        elif " is here" in line or " is offered: " in line:
            peer.fetching.pop(name, None)
            peer.complete.add(name)
            if " bytes in " in line:
                self.compare(peer, name)

    def heard_error(self, peer, code, sentence):
        if code == "download-failed":
            peer.fetching.pop(sentence.split(" ")[1], None)
            self.counts["failed downloads"] += 1
        elif code == "no-answer":
            self.told[code].add(peer.node)
        else:
            self.breaches.append(f"{peer.node.name}: {code}: {sentence}")

    def heard_report(self, peer, event):
        kind = event["report"]
        if kind == "piece.verified":
            piece = event["file"], event["piece"]
            if piece in peer.verified:
                self.breaches.append(f"{peer.node.name} fetched piece {piece} again, though it had verified it")
            peer.verified[piece] = event["unix_ns"]
            self.counts["pieces"] += 1
        elif kind == "download.resumed":
            known = sum(file == event["file"] for file, _ in peer.verified)
            self.counts["resumed"] += 1
            self.counts["resumed pieces"] += event["pieces"]
            if event["pieces"] < known:
                self.breaches.append(f"{peer.node.name} had verified {known} pieces, and resumed with {event['pieces']}")
        elif kind == "download.done":
            self.counts["downloads"] += 1
        elif kind == "piece.rejected":
            self.counts["rejected"] += 1

    def compare(self, peer, name):
        with open(peer.node.folder / name, "rb") as file:
            if hashlib.file_digest(file, "sha256").digest() != self.digests[name]:
                self.lose(f"{peer.node.name} has a wrong {name}")

    def lose(self, breach):
        self.counts["losses"] += 1
        self.breaches.append(breach)
