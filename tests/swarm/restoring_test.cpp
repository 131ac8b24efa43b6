#include "protocols/swarm/files/restoring.h"

#include "protocols/swarm/files/catalogue.h"
#include "tests/catch.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;

namespace {

using State = SharedFile::State;
using Step = Restoring::Step;

constexpr std::uint32_t pieces = 6;

// A file of six pieces, whose hashes are root_of(0) to root_of(5).
struct Restorer : Stage {
  explicit Restorer(bool is_file, bool was_whole) {
    SharedFile& fresh = files.create(State::complete, "film");
    files.set_root(fresh, root_of(99));
    fresh.is_file = is_file;
    if (!was_whole) {
      fresh.state = State::downloading;
      fresh.map = PieceMap(manifest.geometry, options.block_size);
      fresh.map.restore(1);
      fresh.map.restore(4);
    }
    act([&](const Context& context) { begin_restoring(context.environment, fresh, was_whole); });
  }
  SharedFile& file() { return *files.numbered(1); }
  Restoring take(const ContentReady& ready) {
    return act([&](const Context& context) { return take_stored(context, file(), ready); });
  }
  // Of the manifest, as it should be. What comes next is returned.
  Restoring take_manifest() {
    CHECK(take(hash_ready(file().manifest_range(), root_of(99))).step == Step::waits);
    CHECK(of(EffectKind::read_content).size() == 1);
    return take(read_ready(file().key(Part::manifest), manifest.encoded()));
  }
  Restoring take_piece(std::uint32_t piece, bool is_right = true) {
    ContentReady ready =
        hash_ready(file().piece_range(piece), root_of(is_right ? static_cast<std::uint8_t>(piece) : 77));
    const Root digest = root_of(is_right ? static_cast<std::uint8_t>(piece) : 77);
    ready.bytes = digest.value;
    ready.is_file = file().is_file;
    ready.file_size = manifest.geometry.size;
    return take(ready);
  }
  bool go_on() {
    return act([&](const Context& context) { return hash_on(context.environment, file()); });
  }
  Finding finish() {
    return act([&](const Context& context) { return conclude(context, file()); });
  }
  // The pieces that are asked for next.
  std::vector<std::uint32_t> asked() const {
    std::vector<std::uint32_t> found;
    for (const ContentRange& range : hashed())
      found.push_back(static_cast<std::uint32_t>(range.offset / smallest_piece));
    return found;
  }

  Manifest manifest{Geometry{(pieces - 1) * smallest_piece + 9, smallest_piece},
                    {root_of(0), root_of(1), root_of(2), root_of(3), root_of(4), root_of(5)}};
  FileTable files;
};

}  // namespace

TEST_CASE("a whole file is whole again when all of its pieces have been hashed, each of which may be told at once") {
  Restorer stage(true, true);
  CHECK(stage.file().state == State::restoring);
  REQUIRE(stage.take_manifest().step == Step::hashes);
  CHECK_FALSE(stage.go_on());
  CHECK(stage.asked() == std::vector<std::uint32_t>{0, 1, 2, 3});
  for (std::uint32_t piece = 0; piece < pieces; ++piece) {
    const Restoring restoring = stage.take_piece(piece);
    CHECK(restoring.verified == piece);
    REQUIRE(restoring.step == Step::hashes);
    CHECK(stage.go_on() == (piece == pieces - 1));
  }
  CHECK(stage.finish() == Finding::whole);
  CHECK(stage.file().is_here());
}

TEST_CASE("of a download only what was verified is hashed, and the rest is to be fetched") {
  Restorer stage(false, false);
  REQUIRE(stage.take_manifest().step == Step::hashes);
  CHECK_FALSE(stage.go_on());
  CHECK(stage.asked() == std::vector<std::uint32_t>{1, 4});
  stage.take_piece(1);
  CHECK_FALSE(stage.take_piece(4, false).verified);
  REQUIRE(stage.go_on());
  CHECK(stage.finish() == Finding::in_part);
  CHECK(stage.file().state == State::downloading);
  CHECK(stage.file().map.verified_count() == 1);
  CHECK(stage.traces(TraceEvent::download_resumed) == 1);
}

TEST_CASE("what an earlier process verified of a download is read from the disk first") {
  Restorer stage(false, false);
  stage.file().hashing = {};  // as after a start
  REQUIRE(stage.take_manifest().step == Step::waits);
  REQUIRE(stage.of(EffectKind::read_content).size() == 1);
  stage.file().map.restore(3);
  stage.act([&](const Context& context) { save_progress(context.environment, stage.file()); });
  const auto progress = stage.written(stage.file().key(Part::progress));
  REQUIRE(stage.take(read_ready(stage.file().key(Part::progress), progress)).step == Step::hashes);
  CHECK_FALSE(stage.go_on());
  CHECK(stage.asked() == std::vector<std::uint32_t>{3});
}

TEST_CASE("a paused download stays paused") {
  Restorer stage(false, false);
  stage.file().paused = true;
  stage.take_manifest();
  stage.go_on();
  stage.take_piece(1);
  stage.take_piece(4);
  REQUIRE(stage.go_on());
  CHECK(stage.finish() == Finding::in_part);
  CHECK(stage.traces(TraceEvent::download_resumed) == 0);
  CHECK(stage.lines() == std::vector<std::string>{"film is paused: 2 of 6 pieces are here"});
}

TEST_CASE("the first wrong piece of a file of people's says that it is another now") {
  Restorer stage(true, true);
  stage.take_manifest();
  stage.go_on();
  CHECK_FALSE(stage.take_piece(0, false).verified);
  CHECK_FALSE(stage.go_on());
  CHECK(stage.asked().empty());
  for (const std::uint32_t piece : {1U, 2U, 3U}) stage.take_piece(piece);
  REQUIRE(stage.go_on());
  CHECK(stage.finish() == Finding::spoilt);
  CHECK_FALSE(stage.file().is_gone);
}

TEST_CASE("a file that has grown is another, and one without a size is gone") {
  for (const bool is_gone : {false, true}) {
    Restorer stage(true, true);
    stage.take_manifest();
    stage.go_on();
    const Root digest = root_of(0);
    ContentReady ready = hash_ready(stage.file().piece_range(0), digest);
    ready.bytes = digest.value;
    ready.is_file = true;
    ready.found = !is_gone;
    if (!is_gone) ready.file_size = stage.manifest.geometry.size + 1;
    CHECK_FALSE(stage.take(ready).verified);
    CHECK(stage.file().is_spoilt);
    CHECK(stage.file().is_gone == is_gone);
  }
}

TEST_CASE("an empty file is asked for as if it had a piece") {
  Restorer stage(true, true);
  stage.manifest = Manifest{Geometry{0, smallest_piece}, {}};
  REQUIRE(stage.take_manifest().step == Step::hashes);
  CHECK_FALSE(stage.go_on());
  REQUIRE(stage.hashed().size() == 1);
  CHECK(stage.hashed()[0].size == 0);
  CHECK(stage.take_piece(0).step == Step::hashes);
  REQUIRE(stage.go_on());
  CHECK(stage.finish() == Finding::whole);
}

TEST_CASE("without its manifest a download begins again, and a file is forgotten") {
  for (const bool is_file : {false, true}) {
    Restorer stage(is_file, true);
    const Step step = stage.take(hash_ready(stage.file().manifest_range(), root_of(3))).step;
    CHECK(step == (is_file ? Step::lost : Step::begins_again));
    CHECK(stage.lines().size() == (is_file ? 1 : 0));
    if (!is_file) CHECK(stage.file().state == State::seeking);
  }
}

TEST_CASE("hashes that were asked for before a file changed again do not count") {
  Restorer stage(true, true);
  stage.take_manifest();
  stage.go_on();
  stage.act([&](const Context& context) { begin_restoring(context.environment, stage.file(), true); });
  CHECK(stage.take_piece(0).step == Step::waits);
  CHECK_FALSE(stage.file().is_spoilt);
}

TEST_CASE("what a change of a file means depends on what it was about to be") {
  Restorer stage(true, true);
  const auto change = [&](bool is_there) {
    return stage.act([&](const Context& context) { return take_change(context.environment, stage.file(), is_there); });
  };
  CHECK(change(true) == Change::nothing);
  CHECK(stage.file().changed);  // it is hashed once more afterwards
  stage.take_manifest();
  CHECK(stage.finish() == Finding::changed_again);
  CHECK(change(false) == Change::dropped);
  stage.file().state = State::complete;
  CHECK(change(true) == Change::restored);
  stage.file().state = State::adding;
  CHECK(change(false) == Change::add_failed);
  CHECK(stage.lines().size() == 1);
  stage.file().is_file = false;
  CHECK(change(false) == Change::nothing);
}

TEST_CASE("a file that is offered no more leaves its other names, and its own where it was to be added again") {
  Restorer stage(true, true);
  stage.files.add_name(stage.file(), "movie");
  const auto drop = [&](bool is_there) {
    return stage.act([&](const Context& context) { return drop_changed(context, stage.file(), is_there); });
  };
  CHECK(drop(true) == std::vector<std::string>{"movie"});
  CHECK(stage.lines()[0].find("ADD film") != std::string::npos);
  CHECK(stage.traces(TraceEvent::file_dropped) == 1);
  stage.file().add_again = true;
  CHECK(drop(true) == std::vector<std::string>{"movie", "film"});
  CHECK(stage.lines()[0].find("ADD film") == std::string::npos);
  CHECK(drop(false) == std::vector<std::string>{"movie"});
}
