"""A small tmpfs in place of a directory, to be full. It takes the right to mount one, as root has."""

import subprocess
import tempfile


def mount(place, mebibytes, more=""):
    """Returns whether it is there; with more="remount," it gets another size."""
    command = ["mount", "-t", "tmpfs", "-o", f"{more}size={mebibytes}m", "peerbed-test", str(place)]
    return subprocess.run(command, capture_output=True).returncode == 0


def may_write(place, may):
    """Makes it read-only, or lets it be written to again."""
    return subprocess.run(["mount", "-o", f"remount,{'rw' if may else 'ro'}", str(place)], capture_output=True).returncode == 0


def unmount(place):
    return subprocess.run(["umount", str(place)], capture_output=True).returncode == 0


def may_mount():
    with tempfile.TemporaryDirectory() as place:
        return mount(place, 1) and unmount(place)
