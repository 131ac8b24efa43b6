"""A small tmpfs in place of a directory, to be filled. Mounting it takes root's rights."""

import subprocess
import tempfile


def mount(place, mebibytes, more=""):
    """Returns whether it worked; with more="remount," it gets another size."""
    command = ["mount", "-t", "tmpfs", "-o", f"{more}size={mebibytes}m", "peerbed-test", str(place)]
    return subprocess.run(command, capture_output=True).returncode == 0


def may_write(place, may):
    """Makes it read-only, or writable again."""
    return subprocess.run(["mount", "-o", f"remount,{'rw' if may else 'ro'}", str(place)], capture_output=True).returncode == 0


def unmount(place):
    return subprocess.run(["umount", str(place)], capture_output=True).returncode == 0


def may_mount():
    with tempfile.TemporaryDirectory() as place:
        return mount(place, 1) and unmount(place)
