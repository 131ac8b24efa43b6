#!/usr/bin/env python3
"""Tests the guarantees of docs/adapter.md for files, while peers are killed by SIGKILL at random moments.

Each guarantee is tested alone: a peer is repeatedly started on one directory, and killed after a random delay. After
each kill the directory is examined. Exits with 1 if a guarantee was broken.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PIECE = 64 * 1024
PIECES = 24
LONGEST_LIFE = 0.6  # seconds
PATIENCE = 30


class Breach(Exception):
    pass


def expect(holds, what):
    if not holds:
        raise Breach(what)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Swarm:
    """A tracker, and a source that has everything and is never killed."""

    def __init__(self, program, folder, draws):
        self.program, self.folder, self.draws = program, folder, draws
        self.at = f"127.0.0.1:{free_port()}"
        self.content = draws.randbytes(PIECE * PIECES - 1234)
        source = folder / "source"
        (source / "album" / "deep").mkdir(parents=True)
        (source / "film.bin").write_bytes(self.content)
        (source / "empty").write_bytes(b"")
        self.album = {}
        for i in range(40):
            name = f"deep/track {i}" if i % 2 else f"track {i}"
            self.album[name] = draws.randbytes(i * 900)
            (source / "album" / name).write_bytes(self.album[name])
        (folder / "add").write_text("ADD film.bin\nADD empty\nADD album\n")
        self.others = [self.spawn("node", "tracker", "--listen", self.at)]
        time.sleep(0.3)
        self.source = self.peer("source", folder / "add", "--upload-limit", "6MB/s")
        self.others.append(self.source)
        time.sleep(1)

    def spawn(self, *words, **how):
        how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **how}
        return subprocess.Popen([self.program, *map(str, words)], **how)

    def peer(self, name, script, *words, **how):
        return self.spawn("node", "peer", "--tracker", self.at, "--dir", self.folder / name, "--script", script, "--set",
                          f"piece_size={PIECE // 1024}KiB", "--set", "block_size=16KiB", *words, **how)

    def end(self):
        for other in self.others:
            other.kill()
            other.wait()


class Promise:
    """A peer with its own directory, which is killed."""

    name = ""
    script = ""

    def __init__(self, swarm):
        self.swarm, self.draws = swarm, swarm.draws
        self.folder = swarm.folder / type(self).__name__
        self.folder.mkdir()
        self.script_file = swarm.folder / f"{type(self).__name__}.script"
        self.script_file.write_text(self.script)
        self.kills = self.checks = 0
        self.begin()

    def begin(self):
        """Before the first life, and when everything is done and another round begins."""

    def live(self, script=None, until=None):
        """Starts a peer; kills it after a random delay, or when until(its lines) holds. Returns what it printed."""
        out = self.swarm.folder / "out"
        with open(out, "w") as sink:
            peer = self.swarm.peer(type(self).__name__, script or self.script_file, "--json", stdout=sink, stderr=sink)
            end = time.monotonic() + (PATIENCE if until else self.draws.uniform(0, LONGEST_LIFE))
            while time.monotonic() < end and peer.poll() is None:
                self.while_it_lives()
                if until and until(out.read_text(errors="replace")):
                    break
                time.sleep(min(0.02, max(0, end - time.monotonic())))
            expect(peer.poll() is None, "the peer ended by itself: " + out.read_text(errors="replace")[-500:])
            peer.send_signal(signal.SIGKILL)
            peer.wait()
        self.kills += 1
        text = out.read_text(errors="replace")
        expect(until is None or until(text), "it did not come: " + text[-1500:])
        return text

    def while_it_lives(self):
        pass

    @staticmethod
    def event_in(line):
        """The event of a line; the last line may be cut short."""
        try:
            return json.loads(line)
        except ValueError:
            return {}

    def visible(self):
        return sorted(path for path in self.folder.iterdir() if path.name != ".peerbed")

    def round(self):
        raise NotImplementedError


class EditedFilesStay(Promise):
    """A file that the user added is never written to, truncated, replaced or removed, whatever the user does to it."""

    name = "an added file that its user changes, stopped or running, is his"
    script = "ADD doc\n"

    def begin(self):
        (self.folder / "doc").write_bytes(self.draws.randbytes(self.draws.randrange(1, 400_000)))
        self.edited = None

    def round(self):
        self.live()
        before = self.change() if self.draws.random() < 0.5 else self.state()
        self.pending = self.draws.random() < 0.5
        self.expected = before
        self.live(script=os.devnull)
        expect(self.state() == self.expected, "the user's file is not what he made of it")
        self.checks += 1
        if not (self.folder / "doc").is_file():
            self.remove()
            self.begin()

    def while_it_lives(self):
        if getattr(self, "pending", False) and self.draws.random() < 0.2:
            self.pending = False
            self.expected = self.change()

    def state(self):
        path = self.folder / "doc"
        if path.is_symlink():
            return "link", os.readlink(path)
        if path.is_dir():
            return "directory", sorted(os.listdir(path))
        return ("file", path.read_bytes(), path.stat().st_ino) if path.exists() else ("nothing",)

    def remove(self):
        path = self.folder / "doc"
        if path.is_symlink() or path.is_file():
            path.unlink()
        elif path.is_dir():
            path.rmdir()

    def change(self):
        path = self.folder / "doc"
        if not path.is_file() or path.is_symlink():
            return self.state()
        which = self.draws.randrange(7)
        if which == 0:
            with open(path, "r+b") as file:
                file.seek(self.draws.randrange(max(1, path.stat().st_size)))
                file.write(b"EDIT")
        elif which == 1:
            os.truncate(path, path.stat().st_size // 2)
        elif which == 2:
            with open(path, "ab") as file:
                file.write(b"more")
        elif which == 3:
            (self.folder / "beside").write_bytes(b"another")
            (self.folder / "beside").rename(path)
        else:
            path.unlink()
            if which == 5:
                path.symlink_to("/etc/hostname")
            elif which == 6:
                path.mkdir()
        return self.state()


class DownloadsOverwriteNothing(Promise):
    """A download never overwrites a file that it did not create, and appears complete or not at all, and once."""

    name = "a download leaves a file of its name alone, and appears whole, once"
    script = "DOWN film.bin\n"

    def begin(self):
        self.mine = self.draws.random() < 0.7
        if self.mine:
            (self.folder / "film.bin").write_bytes(b"my own film")

    def round(self):
        self.live()
        self.look()
        if not self.mine and self.draws.random() < 0.3 and not (self.folder / "film.bin").exists():
            self.mine = True
            (self.folder / "film.bin").write_bytes(b"my own film")
        if len(self.visible()) > (1 if self.mine else 0):
            self.live(until=lambda text: '"link.closed"' in text or '"listening"' in text)  # and again once it is here
            self.look()
            shutil.rmtree(self.folder)
            self.folder.mkdir()
            self.begin()

    def look(self):
        copies = 0
        for path in self.visible():
            content = path.read_bytes()
            if path.name == "film.bin" and self.mine:
                expect(content == b"my own film", "the user's file was replaced")
            else:
                expect(content == self.swarm.content, f"{path.name} is seen and not whole")
                copies += 1
        expect(copies <= 1, f"the download appeared {copies} times")
        expect(not self.mine or (self.folder / "film.bin").exists(), "the user's file is gone")
        self.checks += 1


class VerifiedIsNotFetchedAgain(Promise):
    """Verified pieces are never fetched again, and what is on disk is hashed before it is trusted."""

    name = "a verified piece is never fetched again"
    script = "DOWN film.bin\n"

    def begin(self):
        self.verified = set()

    def round(self):
        known = len(self.verified)
        for line in self.live().splitlines():
            event = self.event_in(line)
            if event.get("report") == "piece.verified":
                expect(event["piece"] not in self.verified, f"piece {event['piece']} was fetched again")
                self.verified.add(event["piece"])
            if event.get("report") == "download.resumed":
                expect(event["pieces"] >= known, f"of {known} verified pieces {event['pieces']} were kept")
        self.checks += 1
        path = self.folder / "film.bin"
        if path.exists():
            expect(path.read_bytes() == self.swarm.content, "the file is not whole")
            shutil.rmtree(self.folder)
            self.folder.mkdir()
            self.begin()


class ChangesAreNoticed(Promise):
    """A changed or missing file is no longer offered, and ADD offers it as it is."""

    name = "a changed file is noticed by the next process, and offered again by ADD"
    script = "ADD doc\n"

    def begin(self):
        self.path = self.folder / "doc"
        self.path.write_bytes(self.draws.randbytes(200_000))
        self.live(until=lambda text: "doc is offered" in text)

    def round(self):
        self.live(script=os.devnull)
        with open(self.path, "r+b") as file:
            file.seek(self.draws.randrange(200_000 - 4))
            file.write(self.draws.randbytes(4))
        before = self.path.read_bytes()
        self.live(script=os.devnull)
        text = self.live(until=lambda text: "doc is offered:" in text)
        expect(self.path.read_bytes() == before, "the user's file is not what he made of it")
        roots = [line for line in text.splitlines() if "doc is offered:" in line]
        expect(len(roots) == 1, "it was not offered once")
        self.checks += 1


class EmptyFilesArrive(Promise):
    """An empty file exists or not, and does in the end; a user's file with the same name stays."""

    name = "a file of no bytes arrives, and overwrites nothing"
    script = "DOWN empty\n"

    def begin(self):
        self.mine = self.draws.random() < 0.5
        if self.mine:
            (self.folder / "empty").write_bytes(b"mine")

    def round(self):
        self.live()
        here = [path for path in self.visible() if path.name != "empty" or not self.mine]
        expect(len(here) <= 1 and all(path.stat().st_size == 0 for path in here), "it is not empty, or here twice")
        expect(not self.mine or (self.folder / "empty").read_bytes() == b"mine", "the user's file is gone")
        self.checks += 1
        if here:
            shutil.rmtree(self.folder)
            self.folder.mkdir()
            self.begin()


class TreesAppearWhole(Promise):
    """A directory appears complete or not at all, and never replaces another."""

    name = "a directory appears whole, once, and overwrites nothing"
    script = "DOWN album\n"

    def begin(self):
        self.mine = self.draws.random() < 0.5
        if self.mine:
            (self.folder / "album").mkdir()
            (self.folder / "album" / "mine").write_bytes(b"mine")

    def round(self):
        self.live()
        here = [path for path in self.visible() if path.name != "album" or not self.mine]
        expect(len(here) <= 1, "it appeared twice")
        for path in here:
            files = {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}
            expect(files == self.swarm.album, "it is seen and not whole")
        if self.mine:
            expect(sorted(os.listdir(self.folder / "album")) == ["mine"], "the user's directory was changed")
        self.checks += 1
        if here:
            shutil.rmtree(self.folder)
            self.folder.mkdir()
            self.begin()


PROMISES = (EditedFilesStay, DownloadsOverwriteNothing, VerifiedIsNotFetchedAgain, ChangesAreNoticed, EmptyFilesArrive,
            TreesAppearWhole)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("--kills", type=int, default=200, help="for each promise, at least")
    parser.add_argument("--seed", type=int, default=None, help="of what is drawn; the processes' own time is not")
    options = parser.parse_args()
    seed = random.randrange(1 << 32) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = pathlib.Path(tempfile.mkdtemp(prefix="peerbed-kills-", dir=memory))
    swarm = Swarm(options.program, folder, random.Random(seed))
    breaches = 0
    try:
        for kind in PROMISES:
            promise = None
            try:
                promise = kind(swarm)
                while promise.kills < options.kills:
                    promise.round()
                outcome = "kept"
            except Breach as breach:
                breaches += 1
                outcome = f"BROKEN: {breach}"
            counts = f"{promise.kills} kills, {promise.checks} checks" if promise else "at the beginning"
            print(f"{kind.name}: {counts}: {outcome}", flush=True)
    finally:
        swarm.end()
        shutil.rmtree(folder)
    sys.exit(1 if breaches else 0)


if __name__ == "__main__":
    main()
