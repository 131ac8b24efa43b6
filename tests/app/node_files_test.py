#!/usr/bin/env python3
"""Users' files belong to users: no peer writes to, truncates, replaces or removes a file that it did not create."""

import json
import os
import unittest

from node_process import NodeTest

SIZE = 3_000_000
PIECES = 3


class Files(NodeTest):
    def setUp(self):
        super().setUp()
        self.tracker = self.start("tracker", "--listen", "127.0.0.1:0")
        self.at = self.tracker.endpoint()
        self.content = os.urandom(SIZE)

    def peer(self, name, *words, **how):
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return self.start("peer", "--tracker", self.at, "--dir", folder, *words, **how)

    def give(self, name, file, content):
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        (folder / file).write_bytes(content)
        return folder / file

    def share(self, name, file, content, *words):
        """A peer that offers a file with this content."""
        self.give(name, file, content)
        peer = self.peer(name, *words)
        peer.type(f"ADD {file}")
        peer.wait_for(f"{file} is offered")
        return peer

    def fetch(self, name, *lines, words=()):
        """Runs a peer with these commands until it has waited and left. Returns its exit code and lines."""
        script = self.folder / f"{name}.script"
        script.write_text("".join(line + "\n" for line in lines))
        peer = self.peer(name, "--script", script, "--exit-at-end", *words)
        return peer.code(60), "\n".join(peer.lines)

    def restart(self, peer, name, *words):
        peer.kill()
        return self.peer(name, *words)


def edited(content):
    return content[:100] + b"EDIT" + content[104:]


def edit_in_place(path):
    with open(path, "r+b") as file:
        file.seek(100)
        file.write(b"EDIT")


def shrink(path):
    os.truncate(path, 1000)


def empty(path):
    os.truncate(path, 0)


def grow(path):
    with open(path, "ab") as file:
        file.write(b"more")


def replace(path):
    beside = path.with_name("beside")
    beside.write_bytes(b"another")
    beside.rename(path)


def delete(path):
    path.unlink()


def make_link(path):
    path.unlink()
    path.symlink_to("/etc/hostname")


def make_directory(path):
    path.unlink()
    path.mkdir()


def make_pipe(path):
    path.unlink()
    os.mkfifo(path)


CHANGES = (edit_in_place, shrink, empty, grow, replace, delete, make_link, make_directory, make_pipe)


def state_of(path):
    """The contents of a directory, for comparison."""
    if path.is_symlink():
        return ("link", os.readlink(path))
    if path.is_dir():
        return ("directory", sorted(os.listdir(path)))
    if path.is_fifo():
        return ("pipe",)
    return ("file", path.read_bytes(), path.stat().st_ino) if path.exists() else ("nothing",)


class Changes(Files):
    """Meanwhile another peer still has the old version."""

    def setUp(self):
        super().setUp()
        self.owner = self.share("owner", "doc", self.content)
        self.other = self.peer("other")
        self.other.type("DOWN doc")
        self.other.wait_for("doc is here")

    def check_dropped(self, peer, path, before):
        line = peer.wait_for("is offered no more")
        self.assertRegex(line, "^doc (has changed|is gone)")
        peer.type("LIST")
        peer.wait_for("No file is shared or fetched")
        peer.type("sleep 300ms")
        peer.type("status")
        peer.wait_for("uploaded_bytes")
        self.assertEqual(state_of(path), before)

    def check_change(self, name, change, while_running):
        peer = self.owner if name == "owner" else self.other
        path = self.folder / name / "doc"
        if not while_running:
            peer.kill()
        change(path)
        before = state_of(path)
        if not while_running:
            peer = self.peer(name)
        self.check_dropped(peer, path, before)
        return peer

    def check_it_is_offered_anew(self, peer, path):
        content = path.read_bytes()
        before = sum("doc is offered: " in line for line in peer.lines)
        peer.type("ADD doc")
        peer.wait_until(lambda lines: sum("doc is offered: " in line for line in lines) > before)
        code, text = self.fetch("fetcher", "GET", "wait", f"DOWN {self.root_of(peer)}")
        self.assertEqual(code, 0, text)
        self.assertTrue((self.folder / "fetcher" / "doc").read_bytes() == content)

    @staticmethod
    def root_of(peer):
        return [line for line in peer.lines if line.startswith("doc is offered: ")][-1].split(": ")[1]


def add_change_tests():
    for change in CHANGES:
        for while_running in (False, True):
            for name in ("owner", "other"):
                def test(self, change=change, while_running=while_running, name=name):
                    peer = self.check_change(name, change, while_running)
                    if change in (edit_in_place, empty, replace):
                        self.check_it_is_offered_anew(peer, self.folder / name / "doc")
                when = "runs" if while_running else "is_stopped"
                whose = "added" if name == "owner" else "fetched"
                setattr(Changes, f"test_{change.__name__}_of_an_{whose}_file_while_its_peer_{when}", test)


add_change_tests()


class Touched(Files):
    def test_a_file_whose_dates_alone_changed_stays_offered(self):
        owner = self.share("owner", "doc", self.content)
        os.utime(self.folder / "owner" / "doc", (1, 1))
        owner.type("sleep 500ms")
        owner.type("LIST")
        owner.wait_for("doc: 3000000 bytes, complete")
        self.assertEqual(self.fetch("fetcher", "DOWN doc")[0], 0)

    def test_a_file_that_is_edited_and_added_in_one_breath_is_offered_as_it_is(self):
        for change in (edit_in_place, grow, replace):
            with self.subTest(change.__name__):
                name = change.__name__
                owner = self.share(name, "doc", self.content)
                change(self.folder / name / "doc")
                owner.type("ADD doc")
                owner.wait_until(lambda lines: sum("doc is offered: " in line for line in lines) == 2)
                owner.ask_to_leave()
                self.assertEqual(owner.code(), 0)

    def test_nobody_is_banned_when_a_file_changes_while_it_is_fetched(self):
        owner = self.share("owner", "doc", self.content, "--upload-limit", "2MB/s")
        fetcher = self.peer("fetcher", "--json")
        fetcher.type("DOWN doc")
        fetcher.wait_for("manifest.verified")
        edit_in_place(self.folder / "owner" / "doc")
        owner.wait_for("doc has changed and is offered no more")
        owner.type("ADD doc")
        owner.wait_until(lambda lines: sum("doc is offered" in line for line in lines) == 2)
        fetcher.type("CANCEL doc")
        fetcher.type("DOWN doc")
        fetcher.wait_for("doc is here")
        self.assertTrue((self.folder / "fetcher" / "doc").read_bytes() == edited(self.content))
        self.assertFalse(any("asked for it no more" in line for line in fetcher.lines))

    def test_another_file_of_the_same_content_is_offered_when_the_first_one_goes(self):
        owner = self.share("owner", "doc", self.content)
        self.give("owner", "copy", self.content)
        owner.type("ADD copy")
        owner.wait_for("copy is the same file as doc")
        delete(self.folder / "owner" / "doc")
        owner.wait_for("doc is gone")
        owner.wait_for("copy is offered")


class Conflicts(Files):
    def setUp(self):
        super().setUp()
        self.share("source", "notes.txt", self.content)
        self.mine = self.give("mine", "notes.txt", b"my own notes")

    def test_a_file_of_that_name_stays_and_the_download_gets_another_name(self):
        code, text = self.fetch("mine", "DOWN notes.txt", "wait", "LIST")
        self.assertEqual(code, 0, text)
        self.assertIn("notes.txt is here as notes (2).txt", text)
        self.assertIn("notes (2).txt: 3000000 bytes, complete", text)
        self.assertEqual(self.mine.read_bytes(), b"my own notes")
        self.assertTrue((self.folder / "mine" / "notes (2).txt").read_bytes() == self.content)
        # The next process knows its name, and the user's file can be offered beside it.
        code, text = self.fetch("mine", "ADD notes.txt", "wait", "LIST")
        self.assertEqual(code, 0, text)
        self.assertIn("notes (2).txt: 3000000 bytes, complete", text)
        self.assertIn("notes.txt: 12 bytes, complete", text)

    def test_a_refused_download_is_kept_and_is_here_once_the_name_is_free(self):
        code, text = self.fetch("mine", "DOWN notes.txt", words=("--on-conflict", "refuse"))
        self.assertEqual(code, 3, text)
        self.assertIn("a file of that name is there", text)
        self.assertEqual(self.mine.read_bytes(), b"my own notes")
        self.mine.unlink()
        code, text = self.fetch("mine", "DOWN notes.txt", words=("--on-conflict", "refuse"))
        self.assertEqual(code, 0, text)
        self.assertTrue(self.mine.read_bytes() == self.content)

    def test_a_file_is_replaced_when_its_owner_says_so(self):
        code, text = self.fetch("mine", "DOWN notes.txt", words=("--on-conflict", "replace"))
        self.assertEqual(code, 0, text)
        self.assertTrue(self.mine.read_bytes() == self.content)

    def test_a_name_that_is_taken_while_the_file_is_fetched_is_left_alone(self):
        self.mine.unlink()
        peer = self.peer("mine", "--download-limit", "2MB/s")
        peer.type("DOWN notes.txt")
        peer.type("sleep 300ms")
        peer.type("LIST")
        peer.wait_for("% fetched")
        self.mine.write_bytes(b"my own notes")
        peer.wait_for("notes.txt is here as notes (2).txt")
        self.assertEqual(self.mine.read_bytes(), b"my own notes")

    def test_an_unknown_rule_is_a_usage_error(self):
        peer = self.peer("mine", "--on-conflict", "ask")
        self.assertEqual(peer.code(), 2)


class Exports(Files):
    def test_a_file_of_no_bytes_is_offered_fetched_and_survives_its_process(self):
        self.share("source", "empty", b"")
        code, text = self.fetch("mine", "DOWN empty")
        self.assertEqual(code, 0, text)
        self.assertEqual((self.folder / "mine" / "empty").read_bytes(), b"")
        self.assertIn("empty: 0 bytes, complete", self.fetch("mine", "wait", "LIST")[1])
        (self.folder / "mine" / "empty").unlink()
        self.assertIn("empty is gone", self.fetch("mine", "wait", "LIST")[1])
        self.assertEqual(self.fetch("mine", "DOWN empty")[0], 0)
        self.assertTrue((self.folder / "mine" / "empty").exists())

    def test_an_export_that_fails_ends_with_3_and_can_be_tried_again(self):
        self.share("source", "film", self.content)
        peer = self.peer("mine", "--download-limit", "3MB/s")
        peer.type("DOWN film")
        peer.type("sleep 200ms")
        peer.type("LIST")
        peer.wait_for("film: ")
        hidden = self.folder / "mine" / ".peerbed"
        (hidden / "0000000000000004.out").mkdir()  # blocks the export
        peer.wait_for("film could not be written as a file")
        peer.type("LIST")
        peer.wait_for("complete, but not written as a file")
        (hidden / "0000000000000004.out").rmdir()
        peer.type("DOWN film")
        peer.wait_until(lambda lines: (self.folder / "mine" / "film").exists())
        self.assertTrue((self.folder / "mine" / "film").read_bytes() == self.content)


class Names(Files):
    def test_down_by_root_gives_the_file_its_name(self):
        source = self.share("source", "film.mkv", self.content)
        root = source.wait_for("film.mkv is offered").split(": ")[1]
        code, text = self.fetch("mine", f"DOWN {root}")
        self.assertEqual(code, 0, text)
        self.assertEqual(sorted(os.listdir(self.folder / "mine")), [".peerbed", "film.mkv"])

    def test_of_two_files_of_one_name_a_person_says_which(self):
        self.share("one", "notes", b"one")
        self.share("two", "notes", b"two and more")
        code, text = self.fetch("mine", "DOWN notes")
        self.assertEqual(code, 3, text)
        self.assertIn("2 files have this name", text)
        peer = self.peer("mine")
        peer.type("GET")
        line = peer.wait_for("12 bytes at 1 peer")
        self.assertIn("notes #", line)
        peer.type("DOWN " + line.split(":")[0])
        peer.wait_for("notes is here")
        self.assertEqual((self.folder / "mine" / "notes").read_bytes(), b"two and more")

    def test_names_with_blanks_at_their_ends_and_of_255_bytes(self):
        for number, name in enumerate((" blanks ", 'quo"te\\', '"', "x" * 251 + ".txt", "ä" * 127)):
            self.give("source", name, str(number).encode())
        source = self.peer("source")
        for typed in ('" blanks "', 'quo"te\\', r'"\""', "x" * 251 + ".txt", "ä" * 127):
            source.type("ADD " + typed)
        source.wait_until(lambda lines: sum("is offered" in line for line in lines) == 5)
        code, text = self.fetch("mine", 'DOWN " blanks "', 'DOWN quo"te\\', r'DOWN "\""', "DOWN " + "x" * 251 + ".txt",
                                "DOWN " + "ä" * 127)
        self.assertEqual(code, 0, text)
        self.assertEqual((self.folder / "mine" / " blanks ").read_bytes(), b"0")
        self.assertEqual((self.folder / "mine" / ("ä" * 127)).read_bytes(), b"4")
        source.type("ADD " + "y" * 256)
        source.wait_for("255")

    def test_a_pattern_adds_all_files_that_it_fits(self):
        for name in ("a.mkv", "b.mkv", "c.txt", ".d.mkv"):
            self.give("source", name, name.encode())
        source = self.peer("source")
        source.type("ADD *.mkv")
        source.wait_until(lambda lines: sum("is offered" in line for line in lines) == 2)
        source.type("ADD *.avi")
        source.wait_for("*.avi could not be added: it is not there")

    def test_many_small_files_are_all_offered(self):
        for i in range(2000):
            self.give("source", f"f{i}", str(i).encode())
        script = self.folder / "add"
        script.write_text("".join(f"ADD f{i}\n" for i in range(2000)))
        source = self.peer("source", "--script", script)
        source.wait_until(lambda lines: sum("is offered" in line for line in lines) == 2000, 60)
        source = self.restart(source, "source")
        fetcher = self.peer("fetcher", "--json")
        for attempt in range(20):
            fetcher.type("GET")
            fetcher.type("wait")
            fetcher.type(f"sleep {300 + attempt}ms")
        fetcher.wait_until(lambda lines: len({json.loads(line).get("file") for line in list(lines)
                                              if '"file.offered"' in line}) == 2000, 60)


class Holdings(Files):
    def test_a_download_is_paused_resumed_and_given_up_and_a_share_is_removed(self):
        source = self.share("source", "film", self.content * 4)
        peer = self.peer("mine", "--download-limit", "3MB/s")
        peer.type("DOWN film")
        peer.type("sleep 1200ms")
        peer.type("PAUSE film")
        peer.wait_for("film is paused at")
        peer = self.restart(peer, "mine", "--download-limit", "30MB/s", "--json")
        peer.wait_for("film is paused:")
        peer.type("sleep 300ms")
        peer.type("LIST")
        self.assertNotIn("paused at 0%", peer.wait_for("paused at"))
        peer.type("RESUME film")
        peer.wait_for("film is here")
        verified = [json.loads(line)["piece"] for line in peer.lines if '"piece.verified"' in line]
        self.assertLess(len(verified), 12)
        peer.type("REMOVE film")
        peer.wait_for("film is offered no more; the file stays")
        self.assertTrue((self.folder / "mine" / "film").exists())
        source.type("CANCEL film")
        source.wait_for("film is complete; REMOVE stops sharing it")
        peer.type("CANCEL nothing")
        peer.wait_for("nothing is neither shared nor fetched")

    def test_a_download_that_is_given_up_leaves_nothing(self):
        self.share("source", "film", self.content * 4)
        peer = self.peer("mine", "--download-limit", "3MB/s")
        peer.type("DOWN film")
        peer.type("sleep 1s")
        peer.type("CANCEL film")
        peer.wait_for("film is given up")
        peer.type("LIST")
        peer.wait_for("No file is shared or fetched")
        hidden = self.folder / "mine" / ".peerbed"
        self.assertLess(sum(path.stat().st_size for path in hidden.iterdir()), 1000)


class Trees(Files):
    def tree(self, folder):
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def make_album(self, files=300):
        album = self.folder / "source" / "album"
        for i in range(files):
            (album / f"cd {i % 7}").mkdir(parents=True, exist_ok=True)
            (album / f"cd {i % 7}" / f"track {i}").write_bytes(os.urandom(i * 37))
        (album / "big").write_bytes(self.content)
        (album / "empty").write_bytes(b"")
        (album / "link").symlink_to("/etc/passwd")
        return album

    def test_a_directory_is_offered_fetched_served_on_and_watched(self):
        album = self.make_album()
        source = self.peer("source")
        source.type("ADD album")
        source.wait_for("without 1 entry")
        source.wait_for("album is offered")
        code, text = self.fetch("mine", "DOWN album")
        self.assertEqual(code, 0, text)
        wanted = {name: content for name, content in self.tree(album).items() if name != "link"}
        self.assertTrue(self.tree(self.folder / "mine" / "album") == wanted)
        source.kill()
        middle = self.peer("mine")
        middle.type("wait")
        self.assertEqual(self.fetch("third", "DOWN album")[0], 0)
        self.assertTrue(self.tree(self.folder / "third" / "album") == wanted)
        edit_in_place(self.folder / "mine" / "album" / "big")
        middle.wait_for("album has changed and is offered no more")
        grow(album / "cd 1" / "track 1")
        source = self.peer("source")
        source.wait_for("album has changed and is offered no more")
        source.type("ADD album")
        source.wait_for("album is offered")

    def test_a_directory_of_that_name_stays(self):
        self.make_album(5)
        source = self.peer("source")
        source.type("ADD album")
        source.wait_for("album is offered")
        self.give("mine", "album", b"mine")
        code, text = self.fetch("mine", "DOWN album")
        self.assertEqual(code, 0, text)
        self.assertEqual((self.folder / "mine" / "album").read_bytes(), b"mine")
        self.assertTrue((self.folder / "mine" / "album (2)" / "big").exists())


if __name__ == "__main__":
    unittest.main()
