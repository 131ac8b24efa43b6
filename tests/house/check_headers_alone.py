#!/usr/bin/env python3
"""Does every header compile alone, and without a warning? Usage: check_headers_alone.py COMPILER [FLAG...]"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]
FOLDERS = ("protocols", "sim", "adapter", "analysis", "scenarios", "app")


def complaint(header):
    """What the compiler says of a translation unit that is this header and nothing else; empty when it is content."""
    command = [*sys.argv[1:], "-fsyntax-only", "-I", str(ROOT), "-include", header, "-x", "c++", os.devnull]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stderr if result.returncode else ""


def main():
    headers = [str(path.relative_to(ROOT)) for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.h"))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = list(pool.map(complaint, headers))
    for header, text in zip(headers, complaints):
        if text:
            print(f"{header} does not compile alone:\n{text}")
    print(f"{sum(not text for text in complaints)} of {len(headers)} headers compile alone.")
    return 1 if any(complaints) or not headers else 0


if __name__ == "__main__":
    sys.exit(main())
