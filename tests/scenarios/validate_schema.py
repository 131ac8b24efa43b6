"""Validates every built-in scenario against the JSON Schema. Exits with 77 if the tools for it are not installed."""

import json
import pathlib
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

folder = pathlib.Path(sys.argv[1])
schema = json.loads((folder / "schema.json").read_text())
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)

bad = 0
files = sorted(folder.glob("*.yaml"))
for file in files:
    for error in validator.iter_errors(yaml.safe_load(file.read_text())):
        print(f"{file}: {'.'.join(map(str, error.absolute_path))}: {error.message}")
        bad += 1

# The schema must also reject something.
for wrong in ({"duration": "10s"}, {"duration": 10, "groups": {"a": {"protocol": "ring", "count": 1}}},
              {"duration": "10s", "groups": {"a": {"protocol": "ring", "count": -1}}},
              {"duration": "10s", "groups": {"a": {"protocol": "ring", "count": 1}}, "duratoin": 1}):
    if validator.is_valid(wrong):
        print(f"accepted, though it is wrong: {wrong}")
        bad += 1

print(f"{len(files)} scenarios, {bad} faults")
sys.exit(1 if bad or not files else 0)
