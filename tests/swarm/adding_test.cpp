#include "protocols/swarm/files/adding.h"

#include "tests/catch.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;

namespace {

using State = SharedFile::State;

struct Adder : Stage {
  Adder() { options.piece_size = smallest_piece; }
  void add(std::string_view name) {
    act([&](const Context& context) { begin_adding(context, files, name); });
  }
  Adding take(const ContentReady& ready) {
    return act([&](const Context& context) { return take_added(context, file(), ready); });
  }
  Adding import(std::uint64_t size) {
    const ContentKey key = file().key(Part::data);
    return take({.key = key, .bytes = {}, .found = true, .action = ContentAction::imported, .range = {key, 0, size}});
  }
  SharedFile& file() { return *files.numbered(1); }
  FileTable files;
};

}  // namespace

TEST_CASE("ADD imports a file, hashes its pieces and then its manifest, and offers it") {
  Adder stage;
  stage.add("film");
  REQUIRE(stage.of(EffectKind::import_content).size() == 1);
  REQUIRE(stage.import(5 * smallest_piece + 1) == Adding::under_way);
  auto hashed = stage.hashed();
  REQUIRE(hashed.size() == 4);
  CHECK(hashed[3].offset == 3 * smallest_piece);
  for (std::uint8_t piece = 0; piece < 6; ++piece) {
    CHECK(stage.of(EffectKind::write_content).empty());
    const ContentRange range = stage.file().piece_range(piece);
    REQUIRE(stage.take(hash_ready(range, root_of(piece))) == Adding::under_way);
  }
  const auto manifest = Manifest::decode(stage.written(stage.file().key(Part::manifest)));
  REQUIRE(manifest.has_value());
  CHECK(manifest->geometry == Geometry{5 * smallest_piece + 1, smallest_piece});
  CHECK(manifest->pieces[4] == root_of(4));
  REQUIRE(stage.hashed().size() == 1);
  CHECK(stage.hashed()[0].content == stage.file().key(Part::manifest));
  REQUIRE(stage.take(hash_ready(stage.hashed()[0], root_of(9))) == Adding::hashed);

  stage.act([&](const Context& context) {
    CHECK(double_of(context, stage.files, stage.file(), root_of(9)) == 0);
    offer_added(context, stage.files, stage.file(), root_of(9));
  });
  CHECK(stage.file().is_here());
  CHECK(stage.file().map.complete());
  CHECK(stage.files.rooted(root_of(9)) == &stage.file());
  CHECK(stage.traces(TraceEvent::file_added) == 1);
  CHECK_FALSE(stage.written(catalogue_key).empty());
}

TEST_CASE("an empty file has a manifest and no piece") {
  Adder stage;
  stage.add("nothing");
  REQUIRE(stage.import(0) == Adding::under_way);
  REQUIRE(stage.hashed().size() == 1);
  CHECK(stage.hashed()[0].content == stage.file().key(Part::manifest));
}

TEST_CASE("a file that may not be added is refused with a reason, and nothing is begun") {
  Adder stage;
  stage.options.maximum_files = 1;
  stage.add("a/b");
  CHECK(stage.files.empty());
  CHECK(stage.lines().size() == 1);
  stage.add("film");
  stage.add("film");
  CHECK(stage.lines() == std::vector<std::string>{"film is here already"});
  stage.add("song");
  CHECK(stage.files.size() == 1);
  REQUIRE(stage.lines().size() == 1);
  CHECK(stage.lines()[0].rfind("too-many", 0) == 0);
}

TEST_CASE("a file that cannot be read, hashed or noted is not added") {
  const auto fails_with = [](Adder& stage, const ContentReady& ready, std::string_view code) {
    CHECK(stage.take(ready) == Adding::failed);
    REQUIRE(stage.lines().size() == 1);
    CHECK(stage.lines()[0].rfind(code, 0) == 0);
  };
  for (int trouble = 0; trouble < 4; ++trouble) {
    Adder stage;
    stage.add("film");
    const ContentKey key = stage.file().key(Part::data);
    if (trouble == 0) fails_with(stage, {.key = key, .bytes = {}, .action = ContentAction::imported}, "not-read");
    if (trouble == 1)
      fails_with(
          stage,
          {.key = key, .bytes = {}, .found = true, .action = ContentAction::imported, .range = {key, 0, UINT64_MAX}},
          "too-large");
    if (trouble < 2) continue;
    REQUIRE(stage.import(smallest_piece) == Adding::under_way);
    if (trouble == 2) fails_with(stage, {.key = key, .bytes = {}, .action = ContentAction::hashed}, "not-read");
    if (trouble == 3)
      fails_with(stage, {.key = stage.file().key(Part::manifest), .bytes = {}, .action = ContentAction::written},
                 "disk-failed");
  }
}

TEST_CASE("of two files of one root that is here stays which is complete, under both names") {
  Stage stage;
  FileTable files;
  SharedFile& same = files.create(State::complete, "film");
  same.is_file = true;
  files.set_root(same, root_of(1));
  const FileNumber added = files.create(State::adding, "movie").number;
  const auto twin = [&] {
    return stage.act(
        [&](const Context& context) { return double_of(context, files, *files.numbered(added), root_of(1)); });
  };
  CHECK(twin() == added);
  CHECK(files.was_twin(added));
  CHECK(files.numbered(1)->has_name("movie"));
  files.numbered(1)->state = State::downloading;
  CHECK(twin() == 1);
}

TEST_CASE("an unfinished file of the root that is added gives way, and then a complete one is the same") {
  Stage stage;
  FileTable files;
  files.set_root(files.create(State::seeking, "old"), root_of(1));
  SharedFile& same = files.create(State::complete, "film");
  same.is_file = true;
  files.set_root(same, root_of(1));
  const FileNumber added = files.create(State::adding, "movie").number;
  const auto twin = [&] {
    return stage.act(
        [&](const Context& context) { return double_of(context, files, *files.numbered(added), root_of(1)); });
  };
  REQUIRE(twin() == 1);
  files.remove(1);
  CHECK(twin() == added);
}

TEST_CASE("a directory that is here is read anew, and nothing else") {
  SharedFile file;
  file.names.push_back("films");
  file.state = State::complete;
  file.is_file = file.is_tree = true;
  CHECK(is_read_anew(file));
  file.exporting = true;
  CHECK_FALSE(is_read_anew(file));
  file.exporting = false;
  file.is_tree = false;
  CHECK_FALSE(is_read_anew(file));
}
