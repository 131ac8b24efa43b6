#!/usr/bin/env python3
"""Plants faults in a copy of the ring and says how the exhaustive check finds each of them.

Usage: measure.py BUILD [PATCH...]

BUILD is a folder for the copy and its build, which is kept so that the next time is quicker. Each patch of this folder
(or those named) is applied to the copy, `explore_ring 4 5` is built and run, and the patch is taken back. Exits with 1
if a fault is not found, or if something is found without one.
"""

import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]


def run(*words, **options):
    return subprocess.run([str(word) for word in words], check=True, text=True, capture_output=True, **options).stdout


def copy_tree(target):
    """The files under version control, as they are now."""
    for name in run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT).splitlines():
        source, copy = ROOT / name, target / name
        if not source.is_file():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        if not copy.exists() or copy.read_bytes() != source.read_bytes():
            shutil.copyfile(source, copy)


def explore(source, build):
    run("cmake", "--build", build, "--target", "explore_ring", "-j1")
    return run(build / "explore_ring", 4, 5).splitlines()


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    patches = [pathlib.Path(name).resolve() for name in sys.argv[2:]] or sorted(HERE.glob("*.patch"))
    source, build = folder / "source", folder / "build"
    copy_tree(source)
    run("cmake", "-S", source, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DPEERBED_BUILD_TESTS=ON",
        "-DPEERBED_PRECOMPILE=OFF", *(["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []))
    code = 0
    for patch in [None, *patches]:
        if patch:
            run("patch", "-p1", "-i", patch, cwd=source)
        lines = explore(source, build)
        if patch:
            run("patch", "-R", "-p1", "-i", patch, cwd=source)
        found = any(": proved;" not in line for line in lines)
        print(patch.stem if patch else "no fault")
        for line in lines:
            print("  " + line, flush=True)
        if found != bool(patch):
            print("  " + ("not found" if patch else "found, although there is none"))
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
