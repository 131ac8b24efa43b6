"""What happens to shared files: users edit and delete them, they come as trees of 10,000, and a disk is full.

Each is a story, a generator that is resumed repeatedly. It waits for what must happen, and then starts over.
"""

import collections
import os
import shutil

from processes import FROZEN, Node
from small_disk import may_mount, mount, unmount
from swarm_load import REPORTED_BEFORE

OPTIONS = {"piece_size": "64KiB", "block_size": "16KiB", "upload_limit": "3MB/s"}
DOC_BYTES = 1_000_000
TREE_FILES = 10_000
BIG_BYTES = 8 * 1024 * 1024
ROOM = 4, 24      # MiB: of a full disk, and of one that has got space
PATIENCE = 150    # seconds for each step: the tracker may be away for 60, and a download gives up after 60
ASKED_AGAIN = 5
TICK = 0.1
REST = 2, 10      # seconds between two rounds of a story


class Broken(Exception):
    pass


def expect(holds, what):
    if not holds:
        raise Broken(what)


class Heard:
    """A line that a node must print: the last one since this was created."""

    def __init__(self, lines, text):
        self.lines, self.text, self.begun = lines, text, len(lines)

    def line(self):
        return next((line for line in reversed(self.lines[self.begun:]) if self.text in line), None)

    def __call__(self):
        return self.line() is not None


class Mishaps:
    def __init__(self, loop, draws, program, folder, tracker, base_port, words_for_all=()):
        self.loop, self.draws = loop, draws
        self.counts = collections.Counter()
        self.breaches = []
        self.is_loaded = True
        self.lines = collections.defaultdict(list)
        self.verified = collections.defaultdict(dict)  # node: {(file, piece): when, in nanoseconds since 1970}
        self.may_mount = may_mount()
        settings = [word for name, value in OPTIONS.items() for word in ("--set", f"{name}={value}")]
        self.nodes = []
        for i, name in enumerate(("owner", "reader", "collector", "cramped")):
            words = [program, "node", "peer", *settings, *words_for_all, "--tracker", tracker, "--dir", ".",
                     "--listen", f"127.0.0.1:{base_port + i}"]
            self.nodes.append(Node(loop, name, words, folder / name, self.heard))
        self.owner, self.reader, self.collector, self.cramped = self.nodes

    def start(self):
        self.make_tree(self.owner.folder / "tree")
        (self.owner.folder / "big").write_bytes(self.draws.randbytes(BIG_BYTES))
        if self.may_mount:
            expect(mount(self.cramped.folder, ROOM[0]), "a small disk could not be mounted")
        for node in self.nodes:
            node.start()

    def load(self):
        stories = [self.change_shares, self.fetch_trees, *([self.fill_disks] if self.may_mount else [])]
        self.stories = {story.__name__: self.again_and_again(story) for story in stories}
        self.loop.every(lambda: TICK, self.go_on)

    def begin_final_check(self):
        self.is_loaded = False

    def is_checked(self):
        return not self.stories

    def end_final_check(self):
        if self.stories:
            self.breaches.append("came to no end: " + ", ".join(self.stories))

    def close(self):
        """Call when its nodes have ended."""
        if os.path.ismount(self.cramped.folder):
            unmount(self.cramped.folder)

    def losses(self):
        return self.counts["losses"]

    # ---- stories

    def go_on(self):
        for name, story in list(self.stories.items()):
            try:
                next(story)
            except StopIteration:
                del self.stories[name]
            except Broken as broken:
                self.breaches.append(f"{name}: {broken}")
                del self.stories[name]

    def again_and_again(self, story):
        while self.is_loaded:
            yield from story()
            rested = self.loop.now() + self.draws.uniform(*REST)
            yield from self.until("", lambda: self.loop.now() > rested or not self.is_loaded)

    def change_shares(self):
        """A file is changed while another peer has the old version; it stays as its user left it, and is offered."""
        path = self.owner.folder / "doc"
        path.write_bytes(self.draws.randbytes(DOC_BYTES))
        yield from self.fetch(self.reader, path, (yield from self.offer(path)))
        is_deleted, is_down = (self.draws.random() < 0.5 for _ in range(2))
        told = self.hears(self.owner, "doc is gone" if is_deleted else "doc has changed")
        if is_down:
            self.owner.kill()
        if is_deleted:
            path.unlink()
        else:
            self.edit(path)
        left = self.content_of(path)
        if is_down:
            self.owner.start()
        yield from self.until("the owner says that doc is another or gone", told)
        yield from self.rest(1)
        self.compare(path, left, "was changed by its user, and then by the owner's node")
        if is_deleted:
            path.write_bytes(left := self.draws.randbytes(DOC_BYTES))
        root = yield from self.offer(path)
        yield from self.remove(self.reader, self.reader.folder / "doc")
        yield from self.fetch(self.reader, path, root)
        self.compare(path, left, "is not what its user made of it")
        for node in self.owner, self.reader:
            yield from self.remove(node, node.folder / "doc")
        self.counts["deleted" if is_deleted else "edited"] += 1
        self.counts["changed while down"] += is_down

    def fetch_trees(self):
        """The downloading peer is killed, or frozen, in the middle."""
        root = yield from self.offer(self.owner.folder / "tree")
        begun = self.hears(self.collector, "manifest.verified")
        self.collector.type(f"DOWN {root}")
        yield from self.until("a tree is begun", begun, lambda: self.collector.type(f"DOWN {root}"))
        yield from self.rest(self.draws.uniform(0, 3))
        if self.draws.random() < 0.3:
            self.collector.freeze(FROZEN)
            yield from self.until("it wakes", self.collector.is_awake)
        else:
            self.kill(self.collector)
            self.collector.start()
        there = self.collector.folder / "tree"
        yield from self.until("a tree is fetched", there.exists, lambda: self.collector.type(f"DOWN {root}"))
        yield from self.compare_trees(there)
        yield from self.remove(self.collector, there)
        self.counts["trees"] += 1

    def fill_disks(self):
        """What was verified before the disk was full is not fetched again when there is space."""
        root = yield from self.offer(self.owner.folder / "big")
        there = self.cramped.folder / "big"
        full = self.hears(self.cramped, "DOWN big failed: the disk does not take it")
        self.cramped.type(f"DOWN {root}")
        yield from self.until("a full disk is told", full, lambda: self.cramped.type(f"DOWN {root}"))
        expect(not there.exists(), "a file is there that the disk did not take")
        self.resize(ROOM[1])
        yield from self.fetch(self.cramped, self.owner.folder / "big", root)
        yield from self.remove(self.cramped, there)
        self.resize(ROOM[0])
        self.counts["full disks"] += 1

    # ---- building blocks of stories

    def until(self, what, holds, again=lambda: None):
        begun = asked = self.loop.now()
        while not holds():
            now = self.loop.now()
            expect(now < begun + PATIENCE, f"did not come within {PATIENCE} s: {what}")
            if now > asked + ASKED_AGAIN:
                asked = now
                again()
            yield

    def rest(self, seconds):
        rested = self.loop.now() + seconds
        yield from self.until("", lambda: self.loop.now() > rested)

    def offer(self, path):
        """Returns the root of the owner's file with this name."""
        offered = self.hears(self.owner, f"{path.name} is offered: ")
        listed = self.hears(self.owner, f"{path.name}: ")
        self.owner.type(f"ADD {path.name}")

        def ask():
            self.owner.type(f"ADD {path.name}")
            self.owner.type("LIST")

        def is_offered():
            return offered() or (listed() and " bytes, complete, " in listed.line())
        yield from self.until(f"{path.name} is offered", is_offered, ask)
        return (offered.line() or listed.line()).split(" ")[-1]

    def fetch(self, node, path, root):
        here = self.hears(node, f"{path.name} is here")
        node.type(f"DOWN {root}")
        yield from self.until(f"{node.name} has {path.name}", here, lambda: node.type(f"DOWN {root}"))
        self.compare(node.folder / path.name, path.read_bytes(), "is not what was offered")

    def remove(self, node, path):
        """Its node stops offering it, then its user deletes it, and its verified pieces no longer count."""
        removed = self.hears(node, f"{path.name} is offered no more;")
        node.type(f"REMOVE {path.name}")
        yield from self.until(f"{node.name} removes {path.name}", removed, lambda: node.type(f"REMOVE {path.name}"))
        expect(path.exists(), f"{path.name} was to stay when its node removed it")
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
        self.verified[node].clear()

    def kill(self, node):
        late = self.loop.wall_ns() - REPORTED_BEFORE * 1e9
        node.kill()
        self.verified[node] = {piece: when for piece, when in self.verified[node].items() if when < late}

    def resize(self, mebibytes):
        expect(mount(self.cramped.folder, mebibytes, "remount,"), "a small disk could not be made another size")

    def hears(self, node, text):
        return Heard(self.lines[node], text)

    def make_tree(self, place):
        self.tree = {f"cd {i % 100}/track {i}": self.draws.randbytes(self.draws.randrange(600)) for i in range(TREE_FILES)}
        for name, content in self.tree.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(content)

    def edit(self, path):
        with open(path, "r+b") as file:
            file.seek(self.draws.randrange(DOC_BYTES - 4))
            file.write(self.draws.randbytes(4))

    @staticmethod
    def content_of(path):
        return path.read_bytes() if path.exists() else None

    def compare(self, path, content, what):
        if self.content_of(path) != content:
            self.counts["losses"] += 1
            raise Broken(f"{path} {what}")

    def compare_trees(self, there):
        count = sum(len(files) for _, _, files in os.walk(there))
        expect(count == len(self.tree), f"the tree came with {count} files")
        for i, (name, content) in enumerate(self.tree.items()):
            self.compare(there / name, content, "is not what was offered")
            if i % 500 == 0:
                yield

    # ---- events from nodes

    def heard(self, node, event):
        if event["event"] == "line":
            self.lines[node].append(event["line"])
        elif event["event"] == "error":
            self.lines[node].append(event["error"])
        elif event["event"] == "report" and event["report"] == "manifest.verified":
            self.lines[node].append("manifest.verified")
        elif event["event"] == "report" and event["report"] == "piece.verified":
            piece = event["file"], event["piece"]
            if piece in self.verified[node]:
                self.breaches.append(f"{node.name} fetched piece {piece} again, though it had verified it")
            self.verified[node][piece] = event["unix_ns"]
            self.counts["pieces"] += 1
