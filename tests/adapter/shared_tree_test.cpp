// Directories as one content: what is part of it, and what a listing from an untrusted peer may do.

#include "adapter/files/shared_tree.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <functional>

#include "adapter/files/content_directory.h"
#include "tests/adapter/journal.h"
#include "tests/catch.h"

namespace peerbed::adapter {

namespace {

FileDescriptor open_directory(const std::filesystem::path& path) {
  return FileDescriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

struct ListedFile {
  std::string path;
  std::uint64_t size = 0;
};

// A listing as an attacker might write it.
std::string listing_of(const std::vector<ListedFile>& files) {
  std::vector<std::byte> bytes(1 << 20);
  Writer writer(bytes);
  std::uint64_t size = 20;
  for (const ListedFile& file : files) size += 10 + file.path.size();
  writer.integers(std::uint64_t{0x5D54726565000001}, size, static_cast<std::uint32_t>(files.size()));
  for (const ListedFile& file : files) {
    writer.sized_bytes(std::as_bytes(std::span(file.path)));
    writer.integer(file.size);
  }
  const Bytes written = writer.written();
  return {reinterpret_cast<const char*>(written.data()), written.size()};
}

// Whether a tree can be built from content with these bytes; all of it stays inside the directory.
bool is_made(const std::string& content) {
  TemporaryDirectory outside;
  write_file(outside.path() / "content", content);
  std::filesystem::create_directory(outside.path() / "tree");
  const FileDescriptor directory = open_directory(outside.path() / "tree");
  const FileDescriptor file(::open((outside.path() / "content").c_str(), O_RDONLY | O_CLOEXEC));
  std::string problem;
  const bool made = SharedTree::make(directory.number(), file.number(), problem);
  CHECK(made == problem.empty());
  const auto entries = std::filesystem::directory_iterator(outside.path());
  CHECK(std::distance(begin(entries), end(entries)) == 2);
  return made;
}

}  // namespace

TEST_CASE("a directory becomes content with its names and bytes, and can be rebuilt from it") {
  TemporaryDirectory root;
  const std::string large(300'000, 'x');
  const std::filesystem::path album = root.path() / "album";
  write_file(album / "one.txt", "one");
  write_file(album / "empty", "");
  write_file(album / "cd 1" / "large", large);
  write_file(album / "cd 1" / "deep" / "er" / " blanks ", "b");
  std::filesystem::create_directories(album / "nothing" / "in it");
  write_file(album / ".hidden", "h");
  write_file(root.path() / "secret", "secret");
  std::filesystem::create_symlink("../secret", album / "link");
  std::filesystem::create_directory_symlink("..", album / "up");
  ::mkfifo((album / "pipe").c_str(), 0600);

  ContentDirectory source({.directory = root.path()});
  const auto imported = source.import_file({1}, "album");
  REQUIRE(imported.done);
  CHECK(imported.remark.starts_with("5 files, without 4 entries"));
  std::vector<std::byte> bytes(imported.size);
  REQUIRE(imported.reference.tree->read(0, bytes));

  TemporaryDirectory other;
  ContentDirectory target({.directory = other.path()});
  target.write({7}, bytes);
  std::filesystem::create_directory(other.path() / "album");
  const auto exported = target.export_file({7}, "album", true);
  REQUIRE(exported.done);
  CHECK(exported.name == "album (2)");
  const std::filesystem::path copy = other.path() / "album (2)";
  CHECK(text_of(copy / "one.txt") == "one");
  CHECK((text_of(copy / "cd 1" / "large") == large));
  CHECK(text_of(copy / "cd 1" / "deep" / "er" / " blanks ") == "b");
  CHECK(std::filesystem::is_empty(copy / "empty"));
  CHECK(std::filesystem::is_directory(copy / "nothing" / "in it"));
  for (const char* name : {".hidden", "link", "up", "pipe"})
    CHECK_FALSE(std::filesystem::exists(std::filesystem::symlink_status(copy / name)));
  // It is still content, with the same bytes.
  std::vector<std::byte> again(exported.size);
  REQUIRE(exported.reference.tree->read(0, again));
  CHECK((again == bytes));
  CHECK(target.import_file({8}, "album (2)").size == imported.size);
}

TEST_CASE("a file of a tree that is changed, gone or a link is noticed") {
  using Path = std::filesystem::path;
  const auto change = GENERATE(
      as<std::function<void(const Path&)>>{},                               //
      [](const Path& file) { std::ofstream(file) << "TWO"; },               //
      [](const Path& file) { std::filesystem::remove(file); },              //
      [](const Path& file) { std::ofstream(file, std::ios::app) << 'm'; },  //
      [](const Path& file) {
        std::filesystem::remove(file);
        std::filesystem::create_symlink("one", file);
      });
  TemporaryDirectory root;
  write_file(root.path() / "a" / "one", "two");
  write_file(root.path() / "a" / "two", "two");
  std::size_t left_out = 0;
  std::string problem;
  const auto tree = SharedTree::scan(open_directory(root.path()), left_out, problem);
  REQUIRE(tree != nullptr);
  CHECK(tree->is_unchanged());
  ::usleep(20'000);  // lets the file system's clock tick
  change(root.path() / "a" / "two");
  CHECK_FALSE(tree->is_unchanged());
  CHECK(tree->is_unchanged("a/one"));
  CHECK_FALSE(tree->is_unchanged("a/two"));
  std::vector<std::byte> bytes(tree->size());
  CHECK_FALSE(tree->read(0, bytes));
}

TEST_CASE("a listing is refused unless it is sound and leads only below its directory") {
  CHECK(is_made(listing_of({{"a", 1}, {"b/c", 2}}) + "abb"));
  CHECK(is_made(listing_of({})));
  for (const char* path :
       {"../up", "/tmp/up", "a/../../up", "..", ".", "", "/", "a//b", "a/./b", ".hidden", "a/.hidden", "a\nb", "\xFF"})
    CHECK_FALSE(is_made(listing_of({{path, 1}}) + "x"));
  CHECK_FALSE(is_made(listing_of({{"a", 1}, {"a", 1}}) + "xx"));      // duplicate
  CHECK_FALSE(is_made(listing_of({{"b", 1}, {"a", 1}}) + "xx"));      // out of order
  CHECK_FALSE(is_made(listing_of({{"a", 1}, {"a/b", 1}}) + "xx"));    // a file and a directory
  CHECK_FALSE(is_made(listing_of({{"a", 5}}) + "x"));                 // missing bytes
  CHECK_FALSE(is_made(listing_of({{"a", 1}}) + "xx"));                // bytes of no file
  CHECK_FALSE(is_made(listing_of({{"a", UINT64_MAX - 100}}) + "x"));  // overflow
  CHECK_FALSE(is_made(listing_of({{"a/", 1}}) + "x"));                // a directory with bytes
  std::string deep;
  for (int i = 0; i < 70; ++i) deep += "d/";
  CHECK_FALSE(is_made(listing_of({{deep + "f", 1}}) + "x"));
  std::string lying = listing_of({{"a", 1}});
  lying[16] = '\x7F';  // two billion files
  CHECK_FALSE(is_made(lying + "x"));
  CHECK_FALSE(is_made("no listing"));
}

}  // namespace peerbed::adapter
