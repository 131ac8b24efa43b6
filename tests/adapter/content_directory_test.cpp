#include "adapter/files/content_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

#include "adapter/files/file_hash.h"
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

TEST_CASE("the next process finds complete content and discards incomplete content") {
  TemporaryDirectory root;
  const ContentKey key{0xABC};
  {
    ContentDirectory directory({.directory = root.path()});
    CHECK(directory.stored().empty());
    CHECK(directory.write(key, bytes_of("one")));
    CHECK(directory.write(key, bytes_of("another")));
    CHECK(directory.write({7}, bytes_of("")));
    CHECK_THROWS_AS(ContentDirectory({.directory = root.path()}), std::system_error);  // only one process at a time
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
  const auto imported = directory.import_file({1}, "file");
  CHECK(imported.done);
  CHECK(imported.size == 4);
  CHECK(content_of(directory, {1}) == "text");
  CHECK(std::filesystem::is_symlink(root.path() / ".peerbed" / "0000000000000001"));
  CHECK_FALSE(directory.open_for_writing({1}));
  CHECK(text_of(root.path() / "file") == "text");
  CHECK(directory.write({1}, bytes_of("of its own")));
  CHECK(text_of(root.path() / "file") == "text");
  CHECK(directory.import_file({2}, "file").done);
  directory.erase({2});
  CHECK(text_of(root.path() / "file") == "text");
}

TEST_CASE("an exported file appears complete under its name and is never written to") {
  TemporaryDirectory root;
  ContentDirectory directory({.directory = root.path()});
  directory.write({1}, bytes_of("new"));
  const auto exported = directory.export_file({1}, "file");
  CHECK(exported.done);
  CHECK(exported.name == "file");
  CHECK(text_of(root.path() / "file") == "new");
  CHECK(content_of(directory, {1}) == "new");
  CHECK(directory.stored() == std::vector<ContentKey>{{1}});
  CHECK_FALSE(directory.open_for_writing({1}));
  CHECK(directory.export_file({1}, "another").name == "file");  // it already has its name
  CHECK_FALSE(std::filesystem::exists(root.path() / "another"));
  directory.erase({1});
  CHECK(text_of(root.path() / "file") == "new");
  CHECK_FALSE(directory.export_file({2}, "absent").done);
}

TEST_CASE("an export whose name is taken, by anything, gets another name") {
  TemporaryDirectory root;
  ContentDirectory directory({.directory = root.path()});
  std::ofstream(root.path() / "a.txt") << "mine";
  std::ofstream(root.path() / "a (2).txt") << "mine too";
  ::mkfifo((root.path() / "pipe").c_str(), 0600);
  std::filesystem::create_directory(root.path() / "folder");
  std::filesystem::create_symlink("nowhere", root.path() / "link");
  const std::pair<const char*, const char*> names[] = {
      {"a.txt", "a (3).txt"}, {"pipe", "pipe (2)"}, {"folder", "folder (2)"}, {"link", "link (2)"}};
  std::uint64_t key = 0;
  for (const auto& [wanted, given] : names) {
    directory.write({++key}, bytes_of("new"));
    CHECK(directory.export_file({key}, wanted).name == given);
    CHECK(text_of(root.path() / given) == "new");
  }
  CHECK(text_of(root.path() / "a.txt") == "mine");
  CHECK(text_of(root.path() / "a (2).txt") == "mine too");
  CHECK(std::filesystem::is_fifo(root.path() / "pipe"));
  CHECK(std::filesystem::is_symlink(std::filesystem::symlink_status(root.path() / "link")));
}

TEST_CASE("an export is refused or replaces what is there if its owner says so") {
  TemporaryDirectory root;
  std::ofstream(root.path() / "file") << "mine";
  std::filesystem::create_directory(root.path() / "folder");
  {
    ContentDirectory directory({.directory = root.path(), .on_conflict = OnConflict::refuse});
    directory.write({1}, bytes_of("new"));
    const auto refused = directory.export_file({1}, "file");
    CHECK_FALSE(refused.done);
    CHECK(refused.name.starts_with("a file of that name is there"));
    CHECK(text_of(root.path() / "file") == "mine");
    CHECK(content_of(directory, {1}) == "new");  // and may be retried
  }
  ContentDirectory directory({.directory = root.path(), .on_conflict = OnConflict::replace});
  CHECK_FALSE(directory.export_file({1}, "folder").done);
  CHECK(directory.export_file({1}, "file").name == "file");
  CHECK(text_of(root.path() / "file") == "new");
}

TEST_CASE("a name of 255 bytes is accepted and makes room for its number") {
  TemporaryDirectory root;
  ContentDirectory directory({.directory = root.path()});
  std::string name = "x";
  for (int i = 0; i < 125; ++i) name += "\xC3\xA4";  // two bytes each
  name += ".txt";
  REQUIRE(name.size() == 255);
  for (const std::uint64_t key : {1, 2}) {
    directory.write({key}, bytes_of(key == 1 ? "one" : "two"));
    CHECK(directory.export_file({key}, name).done);
  }
  CHECK(text_of(root.path() / name) == "one");
  const std::string second = directory.referenced_name({2}).value();
  CHECK(second.size() <= 255);
  CHECK(second.ends_with(" (2).txt"));
  CHECK(text_of(root.path() / second) == "two");
}

TEST_CASE("the next process finishes or undoes an export that a kill interrupted at any step") {
  TemporaryDirectory root;
  const std::filesystem::path hidden = root.path() / ".peerbed";
  { ContentDirectory directory({.directory = root.path()}); }
  const auto key_file = [&](int key) { return hidden / ("000000000000000" + std::to_string(key)); };
  const auto intention = [&](int key) { return hidden / ("000000000000000" + std::to_string(key) + ".out"); };
  // Before it was moved.
  std::ofstream(key_file(1)) << "one";
  std::filesystem::create_symlink("../one", intention(1));
  // After it was moved.
  std::ofstream(root.path() / "two") << "two";
  std::filesystem::create_symlink("../two", intention(2));
  // If it is linked rather than moved, one file has both names.
  std::ofstream(key_file(3)) << "three";
  std::filesystem::create_hard_link(key_file(3), root.path() / "three");
  std::filesystem::create_symlink("../three", intention(3));
  // Before it was moved; the name is taken by another file now.
  std::ofstream(key_file(4)) << "four";
  std::ofstream(root.path() / "mine") << "mine";
  std::filesystem::create_symlink("../mine", intention(4));
  ContentDirectory directory({.directory = root.path()});
  for (const int key : {1, 2, 3, 4}) CHECK_FALSE(std::filesystem::is_symlink(intention(key)));
  CHECK_FALSE(directory.referenced_name({1}));
  CHECK(directory.referenced_name({2}) == "two");
  CHECK(directory.referenced_name({3}) == "three");
  CHECK_FALSE(directory.referenced_name({4}));
  CHECK(content_of(directory, {4}) == "four");
  CHECK(directory.open_for_writing({1}));
  CHECK_FALSE(directory.open_for_writing({3}));
  CHECK(text_of(root.path() / "mine") == "mine");
}

TEST_CASE("a hidden file that has another name is not written to, and content becomes a copy of it") {
  TemporaryDirectory root;
  ContentDirectory directory({.directory = root.path()});
  constexpr off_t far = 4'000'000;
  const std::filesystem::path own = root.path() / ".peerbed" / "0000000000000001";
  {
    const FileDescriptor file = directory.open_for_writing({1});
    CHECK(::pwrite(file.number(), "text", 4, 0) == 4);
    CHECK(::pwrite(file.number(), "end", 3, far) == 3);  // beyond a hole
  }
  std::filesystem::create_hard_link(own, root.path() / "backup");
  const FileDescriptor file = directory.open_for_writing({1});
  REQUIRE(file);
  CHECK(::pwrite(file.number(), "T", 1, 0) == 1);
  CHECK(text_of(root.path() / "backup").starts_with("text"));
  CHECK(content_of(directory, {1}).starts_with("Text"));
  CHECK(text_of(own).substr(far) == "end");
  CHECK(std::filesystem::hard_link_count(own) == 1);
}

TEST_CASE("a write to an exported file at the moment that it appears counts as a change") {
  using namespace std::chrono_literals;
  TemporaryDirectory root;
  ContentDirectory directory({.directory = root.path()});
  constexpr std::uint64_t files = 300;
  for (std::uint64_t key = 1; key <= files; ++key) directory.write({key}, bytes_of("text"));
  std::this_thread::sleep_for(50ms);  // lets the file system's clock tick
  bool is_written = true;
  std::thread editor([&] {
    for (std::uint64_t key = 1; key <= files; ++key) {
      FileDescriptor file;
      while (!file) file = FileDescriptor(::open((root.path() / std::to_string(key)).c_str(), O_WRONLY));
      is_written = is_written && ::pwrite(file.number(), "edit", 4, 0) == 4;
    }
  });
  std::vector<std::optional<FileIdentity>> known;
  for (std::uint64_t key = 1; key <= files; ++key)
    known.push_back(directory.export_file({key}, std::to_string(key)).identity);
  editor.join();
  CHECK(is_written);
  for (std::uint64_t key = 1; key <= files; ++key) CHECK(directory.identity(std::to_string(key)) != known[key - 1]);
}

TEST_CASE("a hidden directory that somebody removed is created again and still used by only one process") {
  TemporaryDirectory root;
  ContentDirectory directory({.directory = root.path()});
  directory.write({1}, bytes_of("text"));
  std::filesystem::remove_all(root.path() / ".peerbed");
  CHECK(content_of(directory, {1}) == "none");
  CHECK(directory.write({1}, bytes_of("more")));
  CHECK(content_of(directory, {1}) == "more");
  CHECK_THROWS_AS(ContentDirectory({.directory = root.path()}), std::system_error);
}

TEST_CASE("names and links reach nothing outside the directory") {
  TemporaryDirectory outside;
  std::ofstream(outside.path() / "secret") << "secret";
  const std::filesystem::path root = outside.path() / "root";
  ContentDirectory directory({.directory = root});
  directory.write({1}, bytes_of("mine"));
  for (const char* name : {"../up", "/tmp/up", "..", ".", "", ".hidden", "a/b"}) {
    CHECK_FALSE(directory.import_file({2}, name).done);
    CHECK_FALSE(directory.export_file({1}, name).done);
  }
  std::filesystem::create_symlink(outside.path() / "secret", root / "link");
  CHECK(directory.import_file({2}, "link").remark == "it is a link");
  ::mkfifo((root / "pipe").c_str(), 0600);
  CHECK(directory.import_file({2}, "pipe").remark == "it is neither a file nor a directory");
  CHECK(directory.import_file({2}, "absent").remark == "it is not there");
  // A link in place of content leads nowhere either, unless the class made it.
  std::filesystem::create_symlink(outside.path() / "secret", root / ".peerbed" / "0000000000000003");
  CHECK(content_of(directory, {3}) == "none");
  std::filesystem::create_symlink("../../secret", root / ".peerbed" / "0000000000000004");
  CHECK(content_of(directory, {4}) == "none");
  // The final name may be a link, which is not followed.
  CHECK(directory.export_file({1}, "link").name == "link (2)");
  CHECK(text_of(outside.path() / "secret") == "secret");
  CHECK(text_of(root / "link (2)") == "mine");
}

TEST_CASE("visible content has the name that it is given") {
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

TEST_CASE("part of a file is hashed in place") {
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
