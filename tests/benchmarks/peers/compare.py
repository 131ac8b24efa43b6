#!/usr/bin/env python3
"""compare.py PROGRAM: how fast a file comes from one source, and from k rate-limited ones, beside other programs.

Everything is in memory and over loopback, in rounds in which each contender takes its turn; prints medians. Every
fetched file is compared with the original by SHA-256, after the clock has stopped. The clock runs from the start of the
fetching process; for libtorrent, from when its Python has started. Programs that are not installed are left out.
"""

import argparse
import hashlib
import os
import pathlib
import shutil
import statistics
import sys
import tempfile

from contenders import contenders

GIGABYTE = 1e9


def words():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--mib", type=int, default=1024, help="of the file that comes from one source")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--curve-mib", type=int, default=512, help="of the file that comes from k sources; 0: none")
    parser.add_argument("--curve-limit", type=float, default=10, help="of each of them, in MB/s")
    parser.add_argument("--sources", type=lambda text: [int(k) for k in text.split(",")], default=[1, 2, 4, 8])
    return parser.parse_args()


def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def make_file(path, mebibytes):
    with open(path, "wb") as file:
        for _ in range(mebibytes):
            file.write(os.urandom(1 << 20))
    return digest_of(path)


def warm_memory(folder, size):
    """Allocates as much memory as a fetch will, and frees it: a virtual machine's host returns memory slowly, which
    would otherwise slow down the first contender."""
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(size >> 20):
            file.write(bytes(1 << 20))


def fetch(contender, original, digest, count=1, limit=0):
    warm_memory(original.parent, original.stat().st_size * 3 // 2)
    with tempfile.TemporaryDirectory(dir=original.parent) as folder:
        transfer = contender.fetch(original, pathlib.Path(folder), count, limit)
        if digest_of(pathlib.Path(folder) / "sink" / original.name) != digest:
            raise SystemExit(f"{contender.name} fetched a wrong file")
    return transfer


def median(transfers, what):
    return statistics.median(getattr(transfer, what) for transfer in transfers)


def compare_one_source(taking_part, original, digest, options):
    size = options.mib * (1 << 20) / GIGABYTE
    transfers = {contender.name: [] for contender in taking_part}
    for round_ in range(options.rounds):
        for contender in taking_part:
            transfers[contender.name].append(fetch(contender, original, digest))
            print(f"round {round_ + 1}: {contender.name} {transfers[contender.name][-1].seconds:.2f} s", file=sys.stderr)
    ours = median(transfers["peerbed"], "seconds")
    print(f"\n{options.mib} MiB from one source, medians of {options.rounds} rounds\n")
    print("| | GB/s | slowest to fastest | speed-up of Peerbed | CPU s/GB sending | receiving | both "
          "| peak memory, MB |\n|---|---|---|---|---|---|---|---|")
    for name, of_one in transfers.items():
        seconds = [transfer.seconds for transfer in of_one]
        sending, receiving = median(of_one, "sending") / size, median(of_one, "receiving") / size
        print(f"| {name} | {size / statistics.median(seconds):.2f} | {size / max(seconds):.2f} to {size / min(seconds):.2f} "
              f"| {statistics.median(seconds) / ours:.2f} | {sending:.2f} | {receiving:.2f} | {sending + receiving:.2f} "
              f"| {median(of_one, 'memory') / 1e6:.0f} |", flush=True)


def compare_curve(taking_part, original, digest, options):
    limit = int(options.curve_limit * 1e6)
    size = options.curve_mib * (1 << 20)
    print(f"\n{options.curve_mib} MiB from k sources of {options.curve_limit:g} MB/s each: seconds, share of the ideal\n")
    print("| k | ideal |" + "".join(f" {contender.name} |" for contender in taking_part))
    print("|---|---|" + "---|" * len(taking_part))
    for count in options.sources:
        ideal = size / (count * limit)
        cells = []
        for contender in taking_part:
            seconds = fetch(contender, original, digest, count, limit).seconds
            cells.append(f" {seconds:.2f}, {ideal / seconds:.1%} |")
        print(f"| {count} | {ideal:.2f} |" + "".join(cells), flush=True)


def main():
    options = words()
    everybody = contenders(options.program)
    for contender in everybody:
        if contender.missing():
            print(f"skipped: {contender.name}, because {contender.missing()}")
    taking_part = [contender for contender in everybody if not contender.missing()]
    place = pathlib.Path(tempfile.mkdtemp(prefix="peerbed-compare-", dir="/dev/shm"))
    try:
        compare_one_source(taking_part, place / "file", make_file(place / "file", options.mib), options)
        if options.curve_mib > 0:
            limited = [contender for contender in taking_part if contender.most_sources > 1]
            compare_curve(limited, place / "limited", make_file(place / "limited", options.curve_mib), options)
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
