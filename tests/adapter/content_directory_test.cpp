#include "adapter/content_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

#include "adapter/file_hash.h"
#include "tests/adapter/journal.h"
#include "tests/catch.h"

namespace peerbed::adapter {

namespace {

Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

std::string content_of(const ContentDirectory& directory, ContentKey key) {
  const FileDescriptor file = directory.open(key);
  if (!file) return "none";
  std::string text(100, '\0');
  text.resize(static_cast<std::size_t>(::pread(file.number(), text.data(), text.size(), 0)));
  return text;
}

}  // namespace

TEST_CASE("content is found again by the next process and what was not complete is forgotten") {
  TemporaryDirectory root;
  const ContentKey key{0xABC};
  {
    ContentDirectory directory({.directory = root.path()});
    CHECK(directory.stored().empty());
    CHECK(directory.write(key, bytes_of("one")));
    CHECK(directory.write(key, bytes_of("another")));
    CHECK(directory.write({7}, bytes_of("")));
    CHECK_THROWS_AS(ContentDirectory({.directory = root.path()}), std::system_error);  // one process at a time
  }
  std::ofstream(root.path() / ".peerbed" / "0000000000000def.new") << "half";
  std::ofstream(root.path() / ".peerbed" / "notes") << "of somebody else";
  ContentDirectory directory({.directory = root.path()});
  CHECK(directory.stored() == std::vector<ContentKey>{{7}, key});
  CHECK(content_of(directory, key) == "another");
  CHECK_FALSE(std::filesystem::exists(root.path() / ".peerbed" / "0000000000000def.new"));
  directory.erase(key);
  CHECK(content_of(directory, key) == "none");
}

TEST_CASE("an imported file is content by reference and is never written to") {
  TemporaryDirectory root;
  ContentDirectory directory({.directory = root.path()});
  std::ofstream(root.path() / "file") << "text";
  CHECK(directory.import_file({1}, "file") == 4);
  CHECK(content_of(directory, {1}) == "text");
  CHECK(std::filesystem::is_symlink(root.path() / ".peerbed" / "0000000000000001"));
  const FileDescriptor writable = directory.open_for_writing({1});
  CHECK(::pwrite(writable.number(), "XX", 2, 0) == 2);
  CHECK(text_of(root.path() / "file") == "text");
  CHECK(content_of(directory, {1}) == "XX");
}

TEST_CASE("an exported file appears whole under its name and replaces what was there") {
  TemporaryDirectory root;
  ContentDirectory directory({.directory = root.path()});
  std::ofstream(root.path() / "file") << "of old";
  directory.write({1}, bytes_of("new"));
  CHECK(directory.export_file({1}, "file"));
  CHECK(text_of(root.path() / "file") == "new");
  CHECK(content_of(directory, {1}) == "new");
  CHECK(directory.stored() == std::vector<ContentKey>{{1}});
  CHECK(directory.export_file({1}, "file"));
  CHECK(directory.export_file({1}, "copy"));
  CHECK(text_of(root.path() / "copy") == "new");
  CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(root.path() / "copy")));
  directory.erase({1});
  CHECK(text_of(root.path() / "file") == "new");
  CHECK_FALSE(directory.export_file({2}, "absent"));
}

TEST_CASE("nothing outside of the directory is reached by names or links") {
  TemporaryDirectory outside;
  std::ofstream(outside.path() / "secret") << "secret";
  const std::filesystem::path root = outside.path() / "root";
  ContentDirectory directory({.directory = root});
  directory.write({1}, bytes_of("mine"));
  for (const char* name : {"../up", "/tmp/up", "..", ".", "", ".hidden", "a/b"}) {
    CHECK_FALSE(directory.import_file({2}, name));
    CHECK_FALSE(directory.export_file({1}, name));
  }
  std::filesystem::create_symlink(outside.path() / "secret", root / "link");
  CHECK_FALSE(directory.import_file({2}, "link"));
  ::mkfifo((root / "pipe").c_str(), 0600);
  CHECK_FALSE(directory.import_file({2}, "pipe"));
  std::filesystem::create_directory(root / "folder");
  CHECK_FALSE(directory.import_file({2}, "folder"));
  // A link in the place of content leads nowhere either, unless it is one of our own.
  std::filesystem::create_symlink(outside.path() / "secret", root / ".peerbed" / "0000000000000003");
  CHECK(content_of(directory, {3}) == "none");
  std::filesystem::create_symlink("../../secret", root / ".peerbed" / "0000000000000004");
  CHECK(content_of(directory, {4}) == "none");
  // The final name may be a link: it is replaced, not followed.
  CHECK(directory.export_file({1}, "link"));
  CHECK(text_of(outside.path() / "secret") == "secret");
  CHECK(text_of(root / "link") == "mine");
}

TEST_CASE("content that is to be seen has the name that it is given") {
  TemporaryDirectory root;
  ContentOptions options{.directory = root.path()};
  options.visible.name_of = [](ContentKey key) {
    return key.value < 10 ? "value" + std::to_string(key.value) : std::string();
  };
  options.visible.key_of = [](std::string_view name) {
    return name == "value3" ? std::optional(ContentKey{3}) : std::nullopt;
  };
  ContentDirectory directory(options);
  CHECK(directory.write({3}, bytes_of("three")));
  CHECK(directory.write({11}, bytes_of("hidden")));
  CHECK(text_of(root.path() / "value3") == "three");
  CHECK(directory.stored() == std::vector<ContentKey>{{3}, {11}});
}

TEST_CASE("a part of a file is hashed where it lies") {
  TemporaryDirectory root;
  ContentDirectory directory({.directory = root.path()});
  directory.write({1}, bytes_of("xabcx"));
  const FileDescriptor file = directory.open({1});
  const auto hash = hash_range(file.number(), 1, 3);  // FIPS 180-4, "abc"
  REQUIRE(hash);
  CHECK((*hash)[0] == std::byte{0xBA});
  CHECK((*hash)[1] == std::byte{0x78});
  CHECK((*hash)[31] == std::byte{0xAD});
  CHECK(hash_range(file.number(), 5, 0));
  CHECK_FALSE(hash_range(file.number(), 3, 3));
}

TEST_CASE("a node without a directory keeps nothing") {
  ContentDirectory directory(ContentOptions{});
  CHECK_FALSE(directory.write({1}, bytes_of("x")));
  CHECK_FALSE(directory.open({1}));
  CHECK_FALSE(directory.open_for_writing({1}));
  CHECK(directory.stored().empty());
}

}  // namespace peerbed::adapter
