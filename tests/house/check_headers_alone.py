#!/usr/bin/env python3
"""Checks that headers compile alone, without warnings. Usage: check_headers_alone.py rest|all COMPILER [FLAG...]

The build shows that a header compiles if its own source file includes it first. With `rest` only the other headers are
compiled here; with `all` every one, so that warnings are found too.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]
FOLDERS = ("protocols", "host", "sim", "adapter", "check", "analysis", "scenarios", "app")
INCLUDE = re.compile(r'^#include ["<]([^">]*)', re.MULTILINE)


def is_shown_by_build(header):
    source = (ROOT / header).with_suffix(".cpp")
    return source.exists() and INCLUDE.search(source.read_text()).group(1) == header


def complaint(header):
    """The compiler's output for a translation unit that contains only this header; empty if there is none."""
    command = [*sys.argv[2:], "-fsyntax-only", "-I", str(ROOT), "-include", header, "-x", "c++", os.devnull]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stderr if result.returncode else ""


def main():
    headers = [str(path.relative_to(ROOT)) for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.h"))]
    alone = [header for header in headers if sys.argv[1] == "all" or not is_shown_by_build(header)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = list(pool.map(complaint, alone))
    for header, text in zip(alone, complaints):
        if text:
            print(f"{header} does not compile alone:\n{text}")
    print(f"{sum(not text for text in complaints)} of {len(alone)} headers compile alone; "
          f"of {len(headers) - len(alone)} more the build shows it.")
    return 1 if any(complaints) or not alone else 0


if __name__ == "__main__":
    sys.exit(main())
