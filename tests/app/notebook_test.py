#!/usr/bin/env python3
"""Runs the notebook of the documentation on a small sweep. Exits with 77, which CTest calls skipped, without Jupyter,
pandas or matplotlib.

Environment: PEERBED_PROGRAM, the program.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[2]
SWEEP = ["sweep", "swarm-speedup", "--seeds", "1..5", "--param", "sources=1,2,4", "--set", "size=8MiB", "--set",
         "expect=[]", "-o", "speedup"]


def has_kernel():
    """Whether Jupyter runs notebooks with a Python that has what the notebook imports."""
    if shutil.which("jupyter-nbconvert") is None:
        return False
    interpreter = pathlib.Path(shutil.which("jupyter-nbconvert")).read_text(errors="replace").splitlines()[0][2:].split()
    check = "import ipykernel, matplotlib, nbconvert, numpy, pandas"
    return subprocess.run([*interpreter, "-c", check], capture_output=True, check=False).returncode == 0


def outputs_of(notebook):
    return "".join("".join(data) for cell in notebook["cells"] if cell["cell_type"] == "code"
                   for output in cell["outputs"] for data in output.get("data", {}).values())


def main():
    if not has_kernel():
        print("Skipped: Jupyter with pandas and matplotlib is not installed.")
        return 77
    command = next(line for cell in json.loads((ROOT / "docs/sweep.ipynb").read_text())["cells"]
                   for line in cell["source"] if line.startswith("peerbed sweep"))
    assert command.replace("'", "").split()[1:] == SWEEP, f"the notebook's command is not the tested one: {command}"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([os.environ["PEERBED_PROGRAM"], *SWEEP], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        environment = {**os.environ, "HOME": folder, "SWEEP": str(pathlib.Path(folder) / "speedup")}
        subprocess.run(["jupyter-nbconvert", "--to", "notebook", "--execute", str(ROOT / "docs/sweep.ipynb"),
                        "--output-dir", folder, "--output", "executed.ipynb"],
                       env=environment, check=True, timeout=150)
        executed = json.loads((pathlib.Path(folder) / "executed.ipynb").read_text())
    text = outputs_of(executed)
    for words in ("sources", "mean_high", "share"):
        assert words in text, f"no output has '{words}'"
    assert any("image/png" in output.get("data", {}) for cell in executed["cells"] if cell["cell_type"] == "code"
               for output in cell["outputs"]), "no figure was drawn"
    print("the notebook runs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
