#!/usr/bin/env python3
"""Manual pages and completion as installed: pages render without warnings, and shells complete."""

import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time
import unittest

PROGRAM = pathlib.Path(os.environ["PEERBED_PROGRAM"]).absolute()
SCHEMA = pathlib.Path(__file__).parents[2] / "scenarios" / "schema.json"
PATIENCE = 20  # seconds

COMPLETE_IN_BASH = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
_peerbed
printf '%s\\n' "${COMPREPLY[@]}"
"""


def output_of(*command, **options):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=PATIENCE,
                            check=False, **options)
    return result.returncode, result.stdout, result.stderr


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is not installed")


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.share = pathlib.Path(cls.temporary.name) / "share"
        code, _, errors = output_of(PROGRAM, "write-pages", cls.share, SCHEMA)
        assert code == 0, errors
        cls.place = pathlib.Path(cls.temporary.name) / "place"  # the working directory
        (cls.place / "folder").mkdir(parents=True)
        (cls.place / "my.yaml").touch()
        (cls.place / "my.txt").touch()
        cls.environment = {**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"}

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def pages(self):
        return sorted((self.share / "man").glob("man?/*"))


class ManualPages(Pages):
    def test_every_command_has_a_page(self):
        _, listed, _ = output_of(PROGRAM, "--help")
        commands = re.findall(r"^  (\w+)  +\w", listed, re.MULTILINE)
        self.assertGreater(len(commands), 8)
        names = {page.name for page in self.pages()}
        wanted = {f"peerbed-{command}.1" for command in commands} | {"peerbed.1", "peerbed-scenario.5"}
        self.assertLessEqual(wanted, names)
        self.assertIn("peerbed-node-peer.1", names)
        for page in self.pages():
            for name, section in re.findall(r"\\fB(peerbed[-\\a-z]*)\\fR\((\d)\)", page.read_text()):
                self.assertIn(f"{name.replace(chr(92), '')}.{section}", names, f"{page.name} refers to it")

    def test_a_page_has_every_option_and_the_examples(self):
        page = (self.share / "man" / "man1" / "peerbed-run.1").read_text()
        _, help_text, _ = output_of(PROGRAM, "run", "--help")
        options = re.findall(r"^  --([a-z-]+)", help_text, re.MULTILINE)
        self.assertGreater(len(options), 8)
        for option in options:
            self.assertIn("\\-\\-" + option.replace("-", "\\-"), page)
        examples = re.findall(r"^  (peerbed .*)$", help_text, re.MULTILINE)
        self.assertGreaterEqual(len(examples), 2)
        for example in examples:
            self.assertIn(example.replace("-", "\\-"), page)

    def test_the_page_of_scenarios_has_the_schema_s_keys(self):
        page = (self.share / "man" / "man5" / "peerbed-scenario.5").read_text()
        for key in ("duration", "groups", "latency.cities.access", "rolling_restart", "successor_list_length"):
            self.assertIn(f"\\fB{key}\\fR", page)
        self.assertIn("Length of the run in virtual time.", page)
        self.assertNotIn("\\fR\n\n", page, "a key without a description in the schema")

    @needs("groff")
    def test_pages_render_without_a_warning(self):
        for page in self.pages():
            code, text, errors = output_of("groff", "-man", "-Tutf8", "-ww", "-rLL=78n", page)
            self.assertEqual((code, errors), (0, ""), page.name)
            plain = re.sub(r"\x1b\[[0-9;]*m|.\x08", "", text)
            for title in ("NAME", "DESCRIPTION", "SEE ALSO"):
                self.assertIn(f"\n{title}\n", plain, page.name)


class Completion(Pages):
    """A shell's completions after these words, the last of which is incomplete."""

    def bash(self, *words):
        code, out, errors = output_of("bash", "-c", COMPLETE_IN_BASH, "bash",
                                      self.share / "bash-completion" / "completions" / "peerbed", *words,
                                      cwd=self.place, env=self.environment)
        self.assertEqual((code, errors), (0, ""))
        return set(out.split())

    def fish(self, *words):
        line = " ".join(words)
        script = self.share / "fish" / "vendor_completions.d" / "peerbed.fish"
        code, out, errors = output_of("fish", "--no-config", "-c", f"source {script}; complete -C '{line}'",
                                      cwd=self.place, env={**self.environment, "HOME": self.temporary.name})
        self.assertEqual((code, errors), (0, ""))
        return {line.split("\t")[0] for line in out.splitlines()}

    def check_all(self, complete):
        self.assertLessEqual({"run", "replay"}, complete("peerbed", "r"))
        self.assertNotIn("list", complete("peerbed", "r"))
        self.assertEqual(complete("peerbed", "node", ""), {"tracker", "peer", "ring", "coursework", "kademlia", "swim"} | complete("peerbed", "node", "-"))
        self.assertIn("ring-steady", complete("peerbed", "run", "ring-st"))
        files = complete("peerbed", "run", "my")
        self.assertIn("my.yaml", files)
        self.assertNotIn("my.txt", files)
        self.assertEqual(complete("peerbed", "run", "--qu"), {"--queue"})
        self.assertEqual(complete("peerbed", "run", "--queue", ""), {"wheel", "heap"})
        self.assertIn("--verify", complete("peerbed", "replay", "--"))
        self.assertNotIn("--verify", complete("peerbed", "run", "--"))
        folders = complete("peerbed", "run", "ring-steady", "--out", "")
        self.assertEqual({folder.rstrip("/") for folder in folders}, {"folder"})
        self.assertEqual({folder.rstrip("/") for folder in complete("peerbed", "sweep", "-o", "f")}, {"folder"})
        self.assertIn("--tracker", complete("peerbed", "node", "peer", "--tr"))
        self.assertNotIn("--tracker", complete("peerbed", "node", "ring", "--"))
        self.assertEqual(complete("peerbed", "node", "ring", "j"), {"join"})

    @needs("bash")
    def test_bash_completes(self):
        self.check_all(self.bash)
        # Bash splits --queue=he into these words.
        self.assertEqual(self.bash("peerbed", "run", "--queue", "=", "he"), {"heap"})
        self.assertEqual(self.bash("peerbed", "run", "--queue", "="), {"wheel", "heap"})

    @needs("fish")
    def test_fish_completes(self):
        self.check_all(self.fish)

    @needs("zsh")
    def test_zsh_completes(self):
        """Zsh completes only at a prompt, so it gets one."""
        folder = self.share / "zsh" / "site-functions"
        with Prompt(["zsh", "-f", "-i"], self.place, self.environment) as zsh:
            zsh.type(f"PS1='ready> '; fpath=({folder} $fpath); autoload -U compinit; compinit -u -D; "
                     "zstyle ':completion:*' verbose no; LISTMAX=1000; setopt no_beep list_rows_first\n")
            zsh.wait_for("ready> ")
            for typed, wanted in (("peerbed repl", "peerbed replay "), ("peerbed run ring-st", "ring-steady "),
                                  ("peerbed run my", "my.yaml "), ("peerbed run --que", "--queue="),
                                  ("peerbed run --queue he", "heap "), ("peerbed run ring-steady --out fo", "folder/"),
                                  ("peerbed node trac", "tracker "), ("peerbed node peer --trac", "--tracker="),
                                  ("peerbed node ring jo", "join ")):
                zsh.type(typed + "\t")
                zsh.wait_for(wanted)
                zsh.type("\x15")  # clears the line


class Prompt:
    """A shell on its own terminal."""

    def __init__(self, command, folder, environment):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, {**environment, "TERM": "dumb", "HOME": str(folder)})
        self.seen = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.terminal)
        os.waitpid(self.process, 0)

    def type(self, text):
        self.seen = ""
        os.write(self.terminal, text.encode())

    def wait_for(self, text):
        until = time.monotonic() + PATIENCE
        while text not in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r|.\x08", "", self.seen):
            ready, _, _ = select.select([self.terminal], [], [], max(0, until - time.monotonic()))
            if not ready:
                raise AssertionError(f"{text!r} did not come; there is {self.seen!r}")
            self.seen += os.read(self.terminal, 65536).decode(errors="replace")


if __name__ == "__main__":
    unittest.main()
