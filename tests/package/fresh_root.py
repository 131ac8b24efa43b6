#!/usr/bin/env python3
"""The Debian package in a fresh system: installs it, tries it like a user, and removes it without a trace.

Usage: fresh_root.py peerbed_VERSION_ARCHITECTURE.deb [peerbed-dev_....deb]

Creates a minimal system of this machine's release with debootstrap, from apt's mirror. Needs root.
Exits with 77, skipped, without debootstrap, root or apt's lists.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

LIMIT = 900  # seconds per step

# What is run in the fresh system, by its own shell. The ports are those of the README.
TRIAL = r"""
set -eu
cd "$(mktemp -d)"
say() { echo "--- $*"; }

say 'the scenarios are found'
peerbed list | grep ring-steady
peerbed --version

say 'a scenario runs, and gives the same digest again'
peerbed run ring-steady --set nodes=50 --set duration=2min --set 'expect=[violations == 0]' --out kept | tail -1
peerbed replay kept --verify

say 'a peer fetches a file from another, by a tracker, on loopback'
mkdir shared mine
head -c 5000000 /dev/urandom >shared/film
peerbed node tracker >tracker.txt 2>&1 &
tracker=$!
printf 'ADD film\n' >add.txt
peerbed node peer --tracker 127.0.0.1:4000 --dir shared --script add.txt >shared.txt 2>&1 &
peer=$!
for i in 1 2 3 4 5 6 7 8 9 10; do
  printf 'GET\nDOWN film\n' | timeout 60 peerbed node peer --tracker 127.0.0.1:4000 --dir mine --exit-at-end && break
  sleep 1
done
cmp shared/film mine/film
kill $peer
wait $peer
kill $tracker
wait $tracker

say 'the manual is there'
MANPAGER=cat MANWIDTH=80 man peerbed | grep 'laboratory for peer'
MANPAGER=cat MANWIDTH=80 man peerbed-run | grep -e '--seed'
MANPAGER=cat MANWIDTH=80 man 5 peerbed-scenario | grep 'measure_from'

say 'bash completes'
bash -c '. /usr/share/bash-completion/completions/peerbed
  COMP_WORDS=(peerbed run ring-st); COMP_CWORD=2; _peerbed; echo "${COMPREPLY[@]}"' | grep ring-steady
"""

REMOVAL = r"""
set -eu
apt-get purge --yes --quiet peerbed >/tmp/apt.txt 2>&1 || { cat /tmp/apt.txt; exit 1; }
left=$(find / -xdev -iname '*peerbed*' -not -path '/proc/*' -not -path '/tmp/*' -not -path '/root/*' \
         -not -path '/var/cache/apt/*' -not -path '/var/cache/man/*')
[ -z "$left" ] || { echo "left behind:"; echo "$left"; exit 1; }
"""


def skip(why):
    print(f"Skipped: {why}.")
    sys.exit(77)


def run(*command, **options):
    subprocess.run([str(word) for word in command], check=True, timeout=LIMIT, **options)


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=LIMIT).stdout


def own_release():
    for line in pathlib.Path("/etc/os-release").read_text(encoding="utf-8").splitlines():
        if line.startswith("VERSION_CODENAME="):
            return line.partition("=")[2].strip('"')
    return ""


def own_mirror(release):
    """Apt's mirror for this release, however its sources are written."""
    listed = output_of("apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)",
                       "Created-By: Packages")
    for line in listed.splitlines():
        suite, component, address = line.split()
        if suite in (release, "stable") and component == "main":
            return address
    return ""


class FreshRoot:
    """A minimal Debian below a folder; programs in it see only their own processes and /proc."""

    def __init__(self, folder, release, mirror):
        self.path = folder / "root"
        log = folder / "debootstrap.txt"
        with open(log, "w", encoding="utf-8") as stream:
            try:
                run("debootstrap", "--variant=minbase", release, self.path, mirror, stdout=stream, stderr=stream)
            except subprocess.CalledProcessError:
                sys.exit(f"debootstrap failed:\n{log.read_text(encoding='utf-8')[-3000:]}")
        for name in ("etc/resolv.conf", "etc/hosts"):
            shutil.copy(f"/{name}", self.path / name)
        for setting in pathlib.Path("/etc/apt/apt.conf.d").glob("*proxy*"):
            shutil.copy(setting, self.path / "etc/apt/apt.conf.d")

    def shell(self, script):
        # The environment is that of the fresh system, except for the network proxy.
        ways = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8",
                       "DEBIAN_FRONTEND": "noninteractive", **ways}
        run("unshare", "--mount", "--pid", "--fork", "--kill-child", f"--mount-proc={self.path}/proc",
            "chroot", self.path, "/bin/sh", "-c", script, env=environment, stdin=subprocess.DEVNULL)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    packages = [pathlib.Path(word) for word in sys.argv[1:]]
    if os.geteuid() != 0:
        skip("a fresh system takes root")
    for program in ("debootstrap", "apt-get", "unshare"):
        if not shutil.which(program):
            skip(f"{program} is not installed")
    release = own_release()
    mirror = own_mirror(release)
    if not mirror:
        skip(f"apt knows no mirror of {release or 'this release'}; run apt-get update")

    with tempfile.TemporaryDirectory() as temporary:
        print(f"A fresh {release}, from this machine's mirror ...", flush=True)
        root = FreshRoot(pathlib.Path(temporary), release, mirror)
        for package in packages:
            shutil.copy(package, root.path / "tmp")
        names = " ".join(f"/tmp/{package.name}" for package in packages)
        print("Installing ...", flush=True)
        root.shell(f"apt-get install --yes --quiet --no-install-recommends man-db {names} >/tmp/apt.txt 2>&1 "
                   "|| { tail -n 40 /tmp/apt.txt; exit 1; }")
        root.shell(TRIAL)
        root.shell(REMOVAL)
    print("The package installs in a fresh system, runs there, and leaves nothing behind.")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"failed with exit code {error.returncode}: {' '.join(error.cmd[:3])} ...")
