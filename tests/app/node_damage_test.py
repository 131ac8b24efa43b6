#!/usr/bin/env python3
"""Changes to a peer's files behind its back: to those that it shares, and to its own in .peerbed."""

import mmap
import os
import shutil
import time
import unittest

from node_files_test import Files, edit_in_place


def keep_dates(path, change):
    """Changes a file and restores its timestamps."""
    before = path.stat()
    change(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def edit_by_mapping(path):
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        mapped[100:104] = b"EDIT"


class Edits(Files):
    """The kernel reports no writes through another name or a mapping."""

    def setUp(self):
        super().setUp()
        self.owner = self.share("owner", "doc", self.content)
        self.path = self.folder / "owner" / "doc"

    def check(self, change, path=None):
        keep_dates(path or self.path, change)
        self.owner.wait_for("doc has changed and is offered no more", 5)
        self.assertIn("Nobody offers a file", self.fetch("other", "GET")[1])

    def test_an_edit_with_the_time_set_back_is_noticed(self):
        self.check(edit_in_place)

    def test_an_edit_by_a_hard_link_is_noticed_though_nobody_fetches(self):
        link = self.folder / "link"
        os.link(self.path, link)
        time.sleep(1)
        self.check(edit_in_place, link)

    def test_an_edit_by_a_hard_link_is_noticed_at_list(self):
        link = self.folder / "link"
        os.link(self.path, link)
        time.sleep(1)
        keep_dates(link, edit_in_place)
        self.owner.type("LIST")
        self.owner.wait_for("doc has changed and is offered no more", 0.4)

    def test_an_edit_by_a_hard_link_in_a_directory_is_noticed(self):
        album = self.folder / "owner" / "album"
        album.mkdir()
        for i in range(600):
            (album / f"track {i}").write_bytes(b"a" * 200)
        self.owner.type("ADD album")
        self.owner.wait_for("album is offered")
        os.link(album / "track 5", self.folder / "link")
        time.sleep(3)
        keep_dates(self.folder / "link", edit_in_place)
        self.owner.wait_for("album has changed and is offered no more", 8)

    def test_a_hard_link_alone_changes_nothing(self):
        os.link(self.path, self.folder / "link")
        time.sleep(1.5)
        self.owner.type("LIST")
        self.owner.wait_for("doc: 3000000 bytes, complete")
        self.assertEqual(self.fetch("other", "DOWN doc")[0], 0)


class OnDisk(Files):
    """A file system that records writes through a mapping, unlike /dev/shm."""

    PLACE = None

    def test_an_edit_by_a_mapping_is_noticed(self):
        owner = self.share("owner", "doc", self.content)
        keep_dates(self.folder / "owner" / "doc", edit_by_mapping)
        owner.wait_for("doc has changed and is offered no more", 5)


class Hidden(Files):
    """.peerbed is damaged, or parts of it are missing."""

    def begin(self, *words):
        """A peer with half of a film, and its hidden directory."""
        self.share(f"source {len(self.nodes)}", "film", self.content * 4)
        peer = self.peer("mine", "--download-limit", "4MB/s", *words)
        peer.type("DOWN film")
        peer.type("sleep 1200ms")
        peer.type("PAUSE film")
        peer.wait_for("film is paused at")
        return peer, self.folder / "mine" / ".peerbed"

    def check_it_is_whole(self):
        self.assertTrue((self.folder / "mine" / "film").read_bytes() == self.content * 4)

    def test_a_damaged_list_is_told_once_and_nothing_is_left_over(self):
        for damage in (lambda path: os.truncate(path, 1), lambda path: os.truncate(path, path.stat().st_size - 3),
                       lambda path: path.write_bytes(b"\xff" * 100), lambda path: path.unlink()):
            peer, hidden = self.begin()
            peer.kill()
            damage(hidden / "0000000000000003")
            peer = self.peer("mine")
            line = peer.wait_for("The list of files in .peerbed")
            self.assertRegex(line, "is damaged|is gone")
            peer.type("LIST")
            peer.wait_for("No file is shared or fetched")
            self.assertEqual([path.name for path in hidden.iterdir() if path.name != "0000000000000003"], [])
            peer = self.restart(peer, "mine")
            peer.type("DOWN film")
            peer.wait_for("film is here")
            self.check_it_is_whole()
            self.assertFalse(any("damaged" in line for line in peer.lines))
            for node in self.nodes[1:]:
                node.kill()
            shutil.rmtree(self.folder / "mine")

    def test_parts_that_are_deleted_while_the_node_runs_are_fetched_again(self):
        for parts in (("4",), ("5",), ("6",), ("4", "5", "6"), None):
            peer, hidden = self.begin()
            if parts is None:
                shutil.rmtree(hidden)
            for part in parts or ():
                (hidden / f"000000000000000{part}").unlink()
            peer.type("RESUME film")
            peer.wait_until(lambda lines: any(" is here" in line or " failed" in line for line in lines))
            if any(" failed" in line for line in peer.lines):
                peer.type("DOWN film")
            peer.wait_for("film is here")
            self.check_it_is_whole()
            for node in self.nodes[1:]:
                node.kill()
            shutil.rmtree(self.folder / "mine")

    def test_parts_that_are_deleted_during_a_download_are_fetched_again(self):
        self.share("source", "film", self.content * 4)
        peer = self.peer("mine", "--download-limit", "4MB/s")
        peer.type("DOWN film")
        time.sleep(1.2)
        (self.folder / "mine" / ".peerbed" / "0000000000000004").unlink()
        peer.wait_for("DOWN film failed")
        peer.type("DOWN film")
        peer.wait_for("film is here")
        self.check_it_is_whole()

    def test_a_download_goes_on_beside_a_backup_of_hard_links_which_stays_as_it_is(self):
        peer, hidden = self.begin()
        peer.kill()
        backup = self.folder / "backup"
        shutil.copytree(hidden, backup, copy_function=os.link)
        before = {path.name: path.read_bytes() for path in backup.iterdir()}
        peer = self.peer("mine", "--json")
        peer.wait_for("film is paused:")
        peer.type("RESUME film")
        peer.wait_for("film is here")
        self.check_it_is_whole()
        self.assertLess(sum('"piece.verified"' in line for line in peer.lines), 12)
        self.assertTrue(before == {path.name: path.read_bytes() for path in backup.iterdir()})

    def test_what_was_changed_during_a_pause_is_fetched_again(self):
        peer, hidden = self.begin()
        edit_in_place(hidden / "0000000000000004")
        peer.type("RESUME film")
        peer.wait_for("film is here")
        self.check_it_is_whole()


class Directories(Files):
    def test_remove_of_a_directory_speaks_of_its_files(self):
        album = self.folder / "owner" / "album"
        album.mkdir(parents=True)
        (album / "track").write_bytes(b"music")
        owner = self.peer("owner")
        owner.type("ADD album")
        owner.wait_for("album is offered")
        owner.type("REMOVE album")
        owner.wait_for("album is offered no more; the directory's files stay")
        self.assertTrue((album / "track").exists())


if __name__ == "__main__":
    unittest.main()
