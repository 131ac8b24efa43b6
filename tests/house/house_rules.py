#!/usr/bin/env python3
"""Checks the rules of the code base that a compiler does not check.

Usage: house_rules.py [RULE...] [--root FOLDER]

Each rule prints one line for each violation, as file:line: sentence. Exits with 1 if there are any.
"""

import argparse
import pathlib
import re
import sys

FOLDERS = ("protocols", "host", "sim", "adapter", "check", "analysis", "scenarios", "app", "tests")
INCLUDE = re.compile(r'\s*#\s*include\s+(["<])([^">]+)[">]')


def source_files(root, folders=FOLDERS):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".h", ".cpp"):
                yield path.relative_to(root), path.read_text(encoding="utf-8").splitlines()


def includes(lines):
    """Every include as (line number, quote, target)."""
    for number, line in enumerate(lines, start=1):
        match = INCLUDE.match(line)
        if match:
            yield number, match[1], match[2]


def code_lines(lines):
    """Every line as (number, code without its // comment)."""
    for number, line in enumerate(lines, start=1):
        yield number, line.split("//", 1)[0]


def layer(path):
    """The unit that a file belongs to: a protocol, or a top-level folder."""
    parts = pathlib.PurePath(path).parts
    return "/".join(parts[:2]) if parts[0] == "protocols" else parts[0]


def may_include(user, used):
    """Five layers and no cycle."""
    if user == used or user == "tests" or used == "protocols/environment":
        return True
    if (user, used) == ("protocols/coursework", "protocols/ring"):
        return True  # keys, contacts and trace events of rings
    if used == "host":
        return not user.startswith("protocols")
    if used in ("app", "tests"):
        return False
    if user == "app":
        return True
    return user == "scenarios" and used != "app"


def check_layering(root):
    for path, lines in source_files(root):
        user = layer(path)
        for number, quote, what in includes(lines):
            if quote == '"':
                if "/" not in what or what.startswith("."):
                    yield path, number, f'includes "{what}": write it relative to the root of the repository'
                elif what.split("/")[0] not in FOLDERS:
                    yield path, number, f'includes "{what}", which is none of ours: use angle brackets'
                elif not may_include(user, layer(what)):
                    yield path, number, f"{user} may not include {what}: it must not know {layer(what)}"
            elif user.startswith("protocols/") and not re.fullmatch(r"[a-z_0-9]+", what):
                yield path, number, f"{user} may not include <{what}>: protocols know the standard library alone"
            elif "boost/program_options" in what and user != "app":
                yield path, number, f"{user} may not include <{what}>: the command line belongs to app"


def check_headers(root):
    """`#pragma once`, then a comment that describes the header; a source file includes its own header first."""
    for path, lines in source_files(root):
        if path.suffix == ".h":
            if not lines or lines[0] != "#pragma once":
                yield path, 1, "a header begins with #pragma once"
            elif len(lines) < 2 or not lines[1].startswith("//"):
                yield path, 2, "after #pragma once, a comment says what this header is and what it promises"
        else:
            own = path.with_suffix(".h")
            listed = [what for _, _, what in includes(lines)]
            if (root / own).exists() and listed[:1] != [str(own)]:
                yield path, 1, f'a source file includes its own header first: "{own}"'


# Everything that would make a run depend on the machine, the library or the time; see docs/determinism.md.
UNREPEATABLE = (
    (r"#\s*include\s*<(random|ctime|thread|future|cmath)>", "<{}> has no place in a repeatable run"),
    (r"\bstd::(?:chrono::)?(system_clock|steady_clock|high_resolution_clock|random_device|mt19937\w*|this_thread|time)\b",
     "std::{} differs from run to run, or from library to library"),
    (r"\bstd::(log\w*|exp\w*|pow|sinh?|cosh?|tanh?|asin|acos|atan2?|cbrt|hypot|tgamma|lgamma|erfc?)\s*\(",
     "std::{} differs between C libraries: use sim/random/exact_math.h"),
    (r"(?<![\w:.])(s?rand|getenv|gettimeofday|clock_gettime)\s*\(", "{} looks at the machine"),
)
# Functions that are exact by IEEE 754 are in <cmath> too.
MAY_INCLUDE_CMATH = ("sim/",)
# The threads of a world, which change nothing but speed.
MAY_INCLUDE_THREAD = ("sim/engine/workers.cpp",)


def check_determinism(root):
    for path, lines in source_files(root, ("protocols", "host", "sim")):
        for number, code in code_lines(lines):
            for pattern, sentence in UNREPEATABLE:
                match = re.search(pattern, code)
                allowed = {"cmath": MAY_INCLUDE_CMATH, "thread": MAY_INCLUDE_THREAD}.get(match[1], ()) if match else ()
                if match and not str(path).startswith(allowed):
                    yield path, number, sentence.format(match[1])


LONGEST_FILE = 500  # lines: what one can read in one sitting


def check_size(root):
    for path, lines in source_files(root):
        if len(lines) > LONGEST_FILE:
            yield path, len(lines), f"a file has at most {LONGEST_FILE} lines: split it by concern"


NAMESPACE = re.compile(r"namespace ([\w:]+) \{")
# A member that is defined outside its class: "Time Node::deadline(".
DEFINITION = re.compile(
    r"^(?!using |namespace |static_assert)[\w:<>,&*\[\] ]*?((?:[A-Z]\w*(?:<[\w, .]*>)?::)+)~?[A-Za-z]\w*\(")
# CMake builds one of each pair.
ALTERNATIVES = ({"app/sweep/ranks_mpi.cpp", "app/sweep/ranks_alone.cpp"},
                {"app/node/node_prompt.cpp", "app/node/node_prompt_absent.cpp"})


def check_one_source(root):
    """A class is implemented in one source file: one that needs two is several classes."""
    sources = {}
    for path, lines in source_files(root, FOLDERS[:-1]):
        if path.suffix != ".cpp":
            continue
        namespace = ""
        for number, code in code_lines(lines):
            opened = NAMESPACE.match(code)
            if opened:
                namespace = opened[1]
            defined = DEFINITION.match(code)
            if defined and not code.rstrip().endswith(";"):
                name = namespace + "::" + re.sub(r"<.*?>", "", defined[1]).removesuffix("::")
                first = sources.setdefault(name, path)
                if first != path and {str(first), str(path)} not in ALTERNATIVES:
                    yield path, number, f"{name} is implemented here and in {first}: a class has one source file"


TEST_NAME = re.compile(r'TEST_CASE\("((?:[^"\\]|\\.)*)"')


def check_test_names(root):
    """CMake cannot pass on a test's name with a semicolon or a square bracket, and CTest then calls half of it."""
    for path, lines in source_files(root, ("tests",)):
        for number, line in enumerate(lines, 1):
            name = TEST_NAME.search(line)
            if name and any(mark in name.group(1) for mark in ";[]"):
                yield path, number, f"'{name.group(1)}' holds ';', '[' or ']'; name the test without"


# Spelt so that this file does not match itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")


def check_unfinished(root):
    texts = [path for pattern in ("*.md", "docs/*.md", "scenarios/*.yaml") for path in sorted(root.glob(pattern))]
    files = [*source_files(root), *((path.relative_to(root), path.read_text().splitlines()) for path in texts)]
    for path, lines in files:
        for number, line in enumerate(lines, start=1):
            match = UNFINISHED.search(line)
            if match:
                yield path, number, f"{match[1]}: finish it, or write it into the tracker"


RULES = {
    "layering": check_layering,
    "headers": check_headers,
    "determinism": check_determinism,
    "size": check_size,
    "one_source": check_one_source,
    "test_names": check_test_names,
    "unfinished": check_unfinished,
}


def main():
    parser = argparse.ArgumentParser(description="Checks the rules of the house.")
    parser.add_argument("rules", nargs="*", metavar="RULE", help=", ".join(RULES))
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).parents[2])
    arguments = parser.parse_args()
    unknown = set(arguments.rules) - set(RULES)
    if unknown:
        parser.error(f"no such rule: {', '.join(sorted(unknown))}; there are {', '.join(RULES)}")

    broken = 0
    for rule in arguments.rules or RULES:
        for path, number, sentence in RULES[rule](arguments.root):
            print(f"{path}:{number}: {sentence}")
            broken += 1
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
