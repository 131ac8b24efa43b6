#!/usr/bin/env python3
"""Uses the installed package as docs/writing-a-protocol.md describes: install, extract the page's files, build, run.

Usage: package_test.py BUILD_FOLDER COMPILER
"""

import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "writing-a-protocol.md"
FILE = re.compile(r"<!-- file: (\S+) -->\n```\w*\n(.*?)```\n", re.DOTALL)


def run(*command, expected=0):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if result.returncode != expected:
        sys.exit(f"{' '.join(map(str, command))}\nexited with {result.returncode}:\n{result.stdout}{result.stderr}")
    return result.stdout


def extract(page, folder):
    folder.mkdir()
    files = FILE.findall(page.read_text(encoding="utf-8"))
    for name, text in files:
        (folder / name).write_text(text, encoding="utf-8")
    return {name for name, _ in files}


def free_ports(count):
    """UDP loopback ports that were free a moment ago."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def spread_for_real(gossip):
    """The page's nodes over sockets: one is told a rumour, and another hears it."""
    ports = free_ports(2)
    members = [word for port in ports for word in ("--member", f"127.0.0.1:{port}")]
    nodes = [subprocess.Popen([gossip, "node", "gossip", "--listen", f"127.0.0.1:{port}", *members, "--json",
                               "--set", "period=50ms"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
             for port in ports]
    try:
        for node in nodes:
            assert "listening" in node.stdout.readline()
        nodes[0].stdin.write("hear\n")
        nodes[0].stdin.flush()
        heard = json.loads(nodes[1].stdout.readline())
        assert (heard["report"], heard["hops"] >= 1) == ("rumour.heard", True), heard
    finally:
        for node in nodes:
            node.terminate()
    assert [node.wait(10) for node in nodes] == [0, 0]


# A copy of the rumour that comes by a much shorter way counts as a round. If it comes after the last one, and before the
# timer has fired once more, the end is missed.
RIGHT = "    if (hops_) return;  // old news\n"
WRONG = "    if (hops_) {\n      if (hops + 2 < *hops_) ++rounds_told_;\n      return;\n    }\n"
SEARCHED = """duration: 3min
network: {latency: 20ms}
groups:
  members: {protocol: gossip, count: 5, options: {period: 100ms}}
workload:
  - {at: 1s, node: members.0, do: hear}
checks: {every: 30s}
search: {from: 500ms, calm: 170s, length: {from: 10ms, to: 2s}}
"""


def find_planted_fault(project):
    """The search needs nothing but the page's node and its check: a fault that ordinary runs do not show is found."""
    node = project / "gossip.h"
    assert RIGHT in node.read_text()
    (project / "searched.yaml").write_text(SEARCHED)
    gossip = project / "build" / "gossip"
    search = [gossip, "search", project / "searched.yaml", "--runs", "2000", "--jobs", "1"]
    run(*search)
    node.write_text(node.read_text().replace(RIGHT, WRONG))
    run("cmake", "--build", project / "build")
    run(gossip, "run", project / "searched.yaml")
    run(*search, "-o", project / "found", expected=1)
    finding = json.loads((project / "found" / "findings.jsonl").read_text().splitlines()[0])
    assert finding["property"] == "nobody tells for ever", finding
    run(gossip, "run", project / "found" / "findings" / "1.yaml", expected=1)
    run(gossip, "run", project / "found" / "findings" / "1.shrunk.yaml", expected=1)


def main():
    build, compiler = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        prefix, project = folder / "installed", folder / "gossip"
        run("cmake", "--install", build, "--prefix", prefix)
        found = extract(PAGE, project)
        assert found == {"gossip.h", "main.cpp", "CMakeLists.txt", "rumour.yaml"}, found

        run("cmake", "-S", project, "-B", project / "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}",
            f"-DCMAKE_CXX_COMPILER={compiler}")
        run("cmake", "--build", project / "build")

        gossip, scenario = project / "build" / "gossip", project / "rumour.yaml"
        run(gossip, "validate", scenario)
        once = json.loads(run(gossip, "run", scenario, "--json"))
        again = json.loads(run(gossip, "run", scenario, "--json"))
        other = json.loads(run(gossip, "run", scenario, "--json", "--seed", "7"))
        assert once["digest"] == again["digest"], "the same seed gives the same run"
        assert once["digest"] != other["digest"], "another seed gives another run"
        assert once["metrics"]["rumour.heard.count"] >= 130, once["metrics"]
        assert once["metrics"]["check.nobody tells for ever.share"] == 1, "the check of the page is run"
        (project / "bad.yaml").write_text(scenario.read_text().replace("do: hear", "do: haer"))
        run(gossip, "validate", project / "bad.yaml", expected=2)
        # An expectation that fails gives exit code 1.
        run(gossip, "run", scenario, "--set", "groups.members.options.rounds=0", expected=1)
        spread_for_real(gossip)
        # The program has its own name and protocol, and no built-in scenarios of other protocols.
        assert "gossip node gossip --listen" in run(gossip, "node", "gossip", "--help")
        assert run(gossip, "--version").startswith("gossip, with peerbed "), run(gossip, "--version")
        assert run(gossip, "list", "--names") == ""
        find_planted_fault(project)
        # The standard program is installed too, and finds its scenarios.
        assert "ring-steady" in run(prefix / "bin" / "peerbed", "list")
        for page in ("man/man1/peerbed-run.1", "man/man5/peerbed-scenario.5", "bash-completion/completions/peerbed",
                     "zsh/site-functions/_peerbed", "fish/vendor_completions.d/peerbed.fish"):
            assert (prefix / "share" / page).stat().st_size > 500, page
    print("The gossip of docs/writing-a-protocol.md builds against the installed package and spreads its rumour; with a "
          "fault planted in it, a search finds that.")


if __name__ == "__main__":
    main()
