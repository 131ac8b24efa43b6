#include "adapter/files/safe_name.h"

#include <string>

#include "tests/catch.h"

using namespace std::literals;
using peerbed::adapter::is_safe_name;

TEST_CASE("ordinary names may become files") {
  for (const std::string_view name : {"a"sv, "notes.txt"sv, "2067.pdf"sv, "with space"sv, "-dash"sv, "caf\xC3\xA9"sv,
                                      "\xE6\x96\x87\xE4\xBB\xB6"sv, "\xF0\x9F\x8C\x90.bin"sv, "a..b"sv})
    CHECK(is_safe_name(name));
  CHECK(is_safe_name(std::string(255, 'x')));
}

TEST_CASE("names that leave the directory or hide in it are refused") {
  for (const std::string_view name :
       {""sv, "."sv, ".."sv, "/etc/passwd"sv, "a/b"sv, "../a"sv, "a/"sv, ".bashrc"sv, ".peerbed"sv, "a\0b"sv, "\0"sv})
    CHECK_FALSE(is_safe_name(name));
  CHECK_FALSE(is_safe_name(std::string(256, 'x')));
}

TEST_CASE("names that could upset a terminal are refused") {
  for (const std::string_view name : {"a\nb"sv, "\x1B[2J"sv, "a\x7F"sv,
                                      "a\xC2\x9B"
                                      "31m"sv,
                                      "a\xE2\x80\xAE"
                                      "fdp.exe"sv,
                                      "a\xE2\x81\xA6"sv, "a\xE2\x80\xA8"sv})
    CHECK_FALSE(is_safe_name(name));
}

TEST_CASE("bytes that are not UTF-8 are not a name") {
  for (const std::string_view name : {"\xFF"sv, "a\x80"sv, "\xC3"sv, "\xC0\xAF"sv, "\xE0\x80\xAF"sv, "\xED\xA0\x80"sv,
                                      "\xF4\x90\x80\x80"sv, "\xF0\x9F\x8C"sv})
    CHECK_FALSE(is_safe_name(name));
}
