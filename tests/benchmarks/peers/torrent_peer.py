#!/usr/bin/env python3
"""torrent_peer.py make FILE TORRENT, or seed|fetch TORRENT DIR PORT UPLOAD_BYTES_PER_S [SOURCE_PORT...]: libtorrent."""

import os
import sys
import time

import libtorrent


def make(path, torrent):
    storage = libtorrent.file_storage()
    libtorrent.add_files(storage, path)
    created = libtorrent.create_torrent(storage, piece_size=1 << 20, flags=libtorrent.create_torrent.v1_only)
    libtorrent.set_piece_hashes(created, os.path.dirname(path))
    with open(torrent, "wb") as file:
        file.write(libtorrent.bencode(created.generate()))


def transfer(seeds, torrent, folder, port, upload, sources):
    session = libtorrent.session({
        "listen_interfaces": f"127.0.0.1:{port}", "enable_dht": False, "enable_lsd": False, "enable_upnp": False,
        "enable_natpmp": False, "allow_multiple_connections_per_ip": True, "enable_incoming_utp": False,
        "enable_outgoing_utp": False, "tick_interval": 100, "alert_mask": 0})
    parameters = libtorrent.add_torrent_params()
    parameters.ti = libtorrent.torrent_info(torrent)
    parameters.save_path = folder
    parameters.upload_limit = upload or -1  # the session's limit does not apply on loopback
    parameters.flags &= ~(libtorrent.torrent_flags.auto_managed | libtorrent.torrent_flags.paused)
    if seeds:
        parameters.flags |= libtorrent.torrent_flags.seed_mode
    handle = session.add_torrent(parameters)
    print("ready", flush=True)
    for source in sources:
        handle.connect_peer(("127.0.0.1", source))
    while seeds or not handle.status().is_seeding:
        time.sleep(0.01)
    print("done", flush=True)
    handle.pause()  # the last blocks may still be on their way to disk
    handle.flush_cache()
    while handle.status().state != libtorrent.torrent_status.seeding:
        time.sleep(0.01)
    del session


if __name__ == "__main__":
    what, *words = sys.argv[1:]
    if what == "make":
        make(*words)
    else:
        torrent, folder, port, upload, *sources = words
        transfer(what == "seed", torrent, folder, int(port), int(upload), [int(source) for source in sources])
