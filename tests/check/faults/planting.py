#!/usr/bin/env python3
"""Builds programs with planted faults, in a copy of the tree.

Usage: planting.py BUILD TARGET [PATCH...]

Each patch of this folder (or those named) is applied to the copy, the target is built, and the patch is taken back. The
programs are kept as BUILD/programs/TARGET/PATCH, and the one without a fault as BUILD/programs/TARGET/none. BUILD also
holds the copy and its build, so that the next time is quicker. Where mounts are allowed and the tree has a release
build, the copy begins with that one instead of building everything anew.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
RELEASE = pathlib.Path("build") / "release"


def run(*words, **options):
    return subprocess.run([str(word) for word in words], check=True, text=True, capture_output=True, **options).stdout


def all_patches():
    return sorted(HERE.glob("*.patch"), key=lambda patch: (len(patch.stem.split("-")[0]), patch.stem))


def known_home():
    """The folder that the tree's release build was configured for, if it can be used for the copy."""
    cache = ROOT / RELEASE / "CMakeCache.txt"
    if not cache.is_file() or not (ROOT / RELEASE / "build.ninja").is_file():
        return None
    can_mount = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0
    lines = cache.read_text().splitlines()
    homes = [line.split("=", 1)[1] for line in lines if line.startswith("CMAKE_HOME_DIRECTORY")]
    return pathlib.Path(homes[0]) if can_mount and homes and pathlib.Path(homes[0]).is_dir() else None


class Planting:
    """The copy of the tree and its build."""

    def __init__(self, folder):
        self.folder = folder.resolve()
        self.source = self.folder / "source"
        self.home = known_home()
        is_new = not (self.source / RELEASE).is_dir()
        self.copy_tree(shutil.copy2 if is_new else shutil.copyfile)
        if is_new and self.home:
            (self.source / "build").mkdir(exist_ok=True)
            run("cp", "-a", ROOT / RELEASE, self.source / RELEASE)
        elif is_new:
            launcher = ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
            self.inside("cmake", "-S", ".", "-B", RELEASE, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                        "-DPEERBED_BUILD_TESTS=ON", "-DPEERBED_PRECOMPILE=OFF", *launcher)

    def copy_tree(self, copy):
        """The files under version control, as they are now."""
        for name in run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT).splitlines():
            source, target = ROOT / name, self.source / name
            if not source.is_file():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists() or target.read_bytes() != source.read_bytes():
                copy(source, target)

    def inside(self, *words):
        """Runs a command in the copy, which takes the place of the tree that its build knows."""
        if not self.home:
            return run(*words, cwd=self.source)
        return run("unshare", "--mount", "sh", "-c", 'mount --bind "$0" "$1" && cd "$1" && shift && exec "$@"',
                   self.source, self.home, *words)

    def program(self, target, patch=None):
        """Builds the target with the fault, or without any."""
        if patch:
            run("patch", "-p1", "-i", patch.resolve(), cwd=self.source)
        try:
            self.inside("cmake", "--build", RELEASE, "--target", target, "--parallel", "2")
            built = [path for path in (self.source / RELEASE).rglob(target) if path.is_file()]
            kept = self.folder / "programs" / target / (patch.stem if patch else "none")
            kept.parent.mkdir(parents=True, exist_ok=True)
            return pathlib.Path(shutil.copy(built[0], kept))
        finally:
            if patch:
                run("patch", "-R", "-p1", "-i", patch.resolve(), cwd=self.source)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("target")
    parser.add_argument("patches", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    planting = Planting(options.build)
    for patch in [None, *(options.patches or all_patches())]:
        print(planting.program(options.target, patch), flush=True)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error}\n{error.stdout[-2000:]}{error.stderr[-2000:]}")
