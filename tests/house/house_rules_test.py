#!/usr/bin/env python3
"""Checks that each house rule fails on a small tree that violates it, and passes on one that does not."""

import pathlib
import tempfile
import unittest

import house_rules


class HouseRules(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def sentences(self, rule):
        return [f"{path}:{number}: {text}" for path, number, text in house_rules.RULES[rule](self.root)]

    def assert_breaks(self, rule, path, text, expected):
        self.write(path, text)
        found = self.sentences(rule)
        self.assertEqual(len(found), 1, found)
        self.assertIn(expected, found[0])

    def test_the_simulator_knows_no_protocol(self):
        self.assert_breaks("layering", "sim/a.h", '\n#include "protocols/ring/node.h"\n',
                           "sim/a.h:2: sim may not include protocols/ring/node.h")

    def test_twins_do_not_know_each_other(self):
        self.assert_breaks("layering", "adapter/a.h", '#include "sim/engine/world.h"\n', "adapter may not include sim/engine/world.h")

    def test_the_checker_knows_neither_twin_nor_a_protocol(self):
        self.write("check/b.h", '#include "host/dispatch_effects.h"\n#include "protocols/environment/node.h"\n')
        for what in ("sim/engine/world.h", "adapter/host.h", "scenarios/plan/scenario.h"):
            self.assert_breaks("layering", "check/a.h", f'#include "{what}"\n', f"check may not include {what}")
        self.assert_breaks("layering", "check/a.h", '#include "protocols/ring/node.h"\n',
                           "check may not include protocols/ring/node.h")

    def test_protocols_do_not_know_each_other(self):
        self.assert_breaks("layering", "protocols/swarm/a.h", '#include "protocols/ring/node.h"\n',
                           "protocols/swarm may not include protocols/ring/node.h")

    def test_the_coursework_borrows_from_the_ring_and_not_the_other_way_round(self):
        self.write("protocols/coursework/a.cpp", '#include "protocols/ring/base/contact.h"\n')
        self.assert_breaks("layering", "protocols/ring/a.h", '#include "protocols/coursework/node.h"\n',
                           "protocols/ring may not include protocols/coursework/node.h")

    def test_nobody_includes_the_program(self):
        self.assert_breaks("layering", "scenarios/a.cpp", '#include "app/run.h"\n', "may not include app/run.h")

    def test_protocols_know_the_standard_library_alone(self):
        self.assert_breaks("layering", "protocols/ring/a.h", "#include <vector>\n#include <boost/any.hpp>\n",
                           "a.h:2: protocols/ring may not include <boost/any.hpp>")

    def test_includes_are_relative_to_the_root(self):
        self.assert_breaks("layering", "sim/a.cpp", '#include "a.h"\n', "relative to the root")

    def test_scenarios_and_tests_may_look_down(self):
        self.write("scenarios/a.cpp", '#include "protocols/ring/node.h"\n#include "sim/engine/world.h"\n')
        self.write("tests/sim/a.cpp", '#include "app/run.h"\n#include "tests/catch.h"\n')
        self.assertEqual(self.sentences("layering"), [])

    def test_a_header_says_what_it_is(self):
        self.assert_breaks("headers", "sim/a.h", "#pragma once\n\nint a;\n", "a comment says what this header is")

    def test_a_source_file_includes_its_own_header_first(self):
        self.write("sim/a.h", "#pragma once\n// A.\n")
        self.assert_breaks("headers", "sim/a.cpp", '#include <vector>\n#include "sim/a.h"\n', "its own header first")

    def test_a_run_reads_no_clock(self):
        self.assert_breaks("determinism", "sim/a.cpp", "auto t = std::chrono::steady_clock::now();\n", "steady_clock")

    def test_a_run_calls_no_libm(self):
        self.assert_breaks("determinism", "sim/a.cpp", "double x = std::log(2.0);\n", "sim/random/exact_math.h")

    def test_a_run_draws_from_no_library(self):
        self.assert_breaks("determinism", "protocols/ring/a.cpp", "#include <random>\n", "<random>")

    def test_a_comment_may_name_what_code_may_not(self):
        self.write("sim/a.cpp", "// Unlike std::log(x), ours is exact.\nauto root = std::sqrt(2.0);\n")
        self.assertEqual(self.sentences("determinism"), [])

    def test_ctest_can_call_each_test_by_its_name(self):
        self.write("tests/b_test.cpp", 'TEST_CASE("a is told from b, and c", "[.nightly]") {')
        self.assert_breaks("test_names", "tests/a_test.cpp", '\nTEST_CASE("one holds; another does not") {\n',
                           "a_test.cpp:2: 'one holds; another does not' holds ';'")

    def test_nothing_is_left_unfinished(self):
        self.assert_breaks("unfinished", "docs/a.md", "Text.\n\nTO" "DO: more\n", "a.md:3: TO" "DO: finish it")

    def test_a_class_has_one_source_file(self):
        self.write("sim/a.cpp", "namespace peerbed::sim {\nWorld::World() {}\nint World::size() {\n}\n")
        self.write("adapter/a.cpp", "namespace peerbed::adapter {\nint World::size() {\n}\nauto x = World::make();\n")
        self.assert_breaks("one_source", "sim/b.cpp", "namespace peerbed::sim {\nTime World::now() const {\n}\n",
                           "sim/b.cpp:2: peerbed::sim::World is implemented here and in sim/a.cpp")

    def test_a_file_can_be_read_in_one_sitting(self):
        self.assert_breaks("size", "sim/a.cpp", "int a;\n" * 501, "at most 500 lines")


if __name__ == "__main__":
    unittest.main()
