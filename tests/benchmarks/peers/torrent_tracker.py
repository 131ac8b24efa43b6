#!/usr/bin/env python3
"""torrent_tracker.py FILE TORRENT PORT SOURCE_PORT...: creates the torrent; a tracker that returns the sources."""

import hashlib
import http.server
import pathlib
import sys

PIECE_SIZE = 1 << 20


def bencode(value):
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    return b"d" + b"".join(bencode(key) + bencode(value[key]) for key in sorted(value)) + b"e"


def pieces_of(path):
    with open(path, "rb") as file:
        return b"".join(hashlib.sha1(piece).digest() for piece in iter(lambda: file.read(PIECE_SIZE), b""))


def make(path, torrent, port):
    info = {b"name": path.name.encode(), b"length": path.stat().st_size, b"piece length": PIECE_SIZE,
            b"pieces": pieces_of(path)}
    torrent.write_bytes(bencode({b"announce": b"http://127.0.0.1:%d/announce" % port, b"info": info}))


def serve(port, sources):
    peers = b"".join(bytes([127, 0, 0, 1]) + source.to_bytes(2, "big") for source in sources)
    answer = bencode({b"interval": 1800, b"peers": peers})

    class Tracker(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Tracker)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    file, torrent, port, *sources = sys.argv[1:]
    make(pathlib.Path(file), pathlib.Path(torrent), int(port))
    serve(int(port), [int(source) for source in sources])
