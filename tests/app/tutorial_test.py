#!/usr/bin/env python3
"""Follows docs/tutorial.md: writes its files, runs its commands, and compares their output with the page.

Usage: tutorial_test.py [--show]

In the page, a block of sh is one or several command lines; a block without a language after it is their output, where
`...` stands for anything. `<!-- exits with N -->` before a block says so, and `<!-- not run -->` skips it. With
--show, prints what each block printed.
"""

import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile

PROGRAM = pathlib.Path(os.environ["PEERBED_PROGRAM"]).absolute()
PAGE = pathlib.Path(__file__).parents[2] / "docs" / "tutorial.md"
BLOCK = re.compile(r"(?:<!-- ([^\n]*) -->\n)?```(\w*)\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
TRACKER = "127.0.0.1:4000"
LIMIT = 100  # seconds per block


def free_address():
    with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        stream.bind(("127.0.0.1", 0))
        datagrams.bind(stream.getsockname())
        return f"127.0.0.1:{stream.getsockname()[1]}"


def matches(shown, printed):
    pattern = "".join(".*" if part == "..." else re.escape(part) for part in re.split(r"(\.\.\.)", shown.strip()))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


def run(script, folder, tracker):
    environment = {**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"}
    with open(folder / "errors.txt", "w+", encoding="utf-8") as errors:
        result = subprocess.run(["bash", "-c", script.replace(TRACKER, tracker)], cwd=folder, env=environment,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True,
                                timeout=LIMIT, check=False)
        errors.seek(0)
        return result.returncode, result.stdout.replace(tracker, TRACKER), errors.read()


def main():
    show = "--show" in sys.argv
    tracker = free_address()
    ran = compared = 0
    printed = None
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for remark, language, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
            if remark.startswith("file: "):
                (folder / remark[len("file: "):]).write_text(text.replace(TRACKER, tracker), encoding="utf-8")
            elif language == "sh" and remark != "not run":
                expected = int(remark.rpartition(" ")[2]) if remark.startswith("exits with ") else 0
                code, printed, errors = run(text, folder, tracker)
                ran += 1
                if show:
                    print(f"$ {text}{printed}")
                if code != expected:
                    sys.exit(f"{text}exited with {code} rather than {expected}:\n{printed}{errors}")
            elif language == "":
                compared += 1
                if not matches(text, printed):
                    sys.exit(f"The page shows\n{text}\nand there came\n{printed}")
    if ran < 10 or compared < 6:
        sys.exit(f"{ran} blocks were run and {compared} compared, fewer than the page has")
    print(f"{ran} blocks of commands work as docs/tutorial.md says, and {compared} outputs are as it shows.")


if __name__ == "__main__":
    main()
