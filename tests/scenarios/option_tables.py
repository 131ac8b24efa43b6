#!/usr/bin/env python3
"""Checks that the docs, the schema and the program agree about the options of protocols.

Usage: option_tables.py PROGRAM

Compares the tables of docs/ring.md, docs/coursework.md, docs/kademlia.md, docs/swim.md and docs/swarm.md with scenarios/schema.json:
names in order, defaults and ranges. Then tries the limits of numeric ranges: the program must refuse values just outside, and name the range.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[2]
DEFINITIONS = json.loads((ROOT / "scenarios" / "schema.json").read_text(encoding="utf-8"))["definitions"]


def table_of(page):
    """The rows of the page's option table: name to (default, range)."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    table = text[text.index("| option | default | range | meaning |"):].split("\n\n", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    return {row[0].strip("`"): (row[1].strip("`"), row[2]) for row in rows}


def range_of(definition):
    form = definition.get("anyOf", [definition])[0]
    if "enum" in form:
        return ", ".join(f"`{word}`" for word in form["enum"])
    if form.get("type") == "boolean":
        return "true or false"
    if form.get("type") == "array":
        return "list"
    if form.get("type") == "integer" and "maximum" in form:
        return f"{form['minimum']:,} to {form['maximum']:,}"
    if form.get("type") == "integer":
        return "identifier"
    return form["$ref"].rsplit("/", 1)[1]


def default_of(definition):
    default = definition.get("default", "")
    return str(default).lower() if isinstance(default, bool) else str(default)


def complaints_about_page(page, options):
    told = table_of(page)
    if list(told) != list(options):
        yield f"docs/{page} has the options {set(told) ^ set(options) or 'in another order'}, unlike schema.json"
    for name, definition in options.items():
        expected = (default_of(definition), range_of(definition))
        if name in told and told[name] != expected:
            yield f"docs/{page}: {name} is {told[name]}, and {expected} in schema.json"


def refusal(program, folder, protocol, name, value):
    """The program's error for an option's value; empty if it accepts it."""
    scenario = folder / "option.yaml"
    scenario.write_text(f"duration: 1s\ngroups:\n  n:\n    protocol: {protocol}\n    count: 40\n    options: {{{name}: {value}}}\n")
    return subprocess.run([program, "validate", scenario], capture_output=True, text=True, check=False).stderr


def complaints_about_program(program, folder, protocol, options):
    for name, definition in options.items():
        form = definition.get("anyOf", [definition])[0]
        if "maximum" not in form:
            continue
        for value in (form["minimum"] - 1, form["maximum"] + 1):
            said = refusal(program, folder, protocol, name, value)
            if f"from {form['minimum']} to {form['maximum']}," not in said:
                yield f"{name}: {value} is beyond the range in schema.json, and the program says: {said.strip() or 'nothing'}"


def main():
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for protocol in ("ring", "coursework", "kademlia", "swim", "swarm"):
            options = DEFINITIONS[f"{protocol}_options"]["properties"]
            found += complaints_about_page(f"{protocol}.md", options)
            found += complaints_about_program(sys.argv[1], pathlib.Path(folder), protocol, options)
    print("\n".join(found) or "pages, schema and program agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
