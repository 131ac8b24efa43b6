#include "protocols/swarm/files/holdings.h"

#include "tests/catch.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;

namespace {

using State = SharedFile::State;

struct Holder : Stage {
  SharedFile& add(const std::string& name, std::uint8_t root, State state, bool is_file) {
    SharedFile& file = files.create(state, name);
    files.set_root(file, root_of(root));
    file.is_file = is_file;
    return file;
  }
  template <class Act>
  auto on_files(Act&& command) {
    return act([&](const Context& context) { return command(context.environment, files); });
  }
  FileNumber remove(std::string_view what) {
    return on_files([=](Environment& environment, FileTable& table) { return remove_share(environment, table, what); });
  }
  FileNumber cancel(std::string_view what) {
    return on_files(
        [=](Environment& environment, FileTable& table) { return cancel_download(environment, table, what); });
  }
  SharedFile* pause(std::string_view what) {
    return on_files(
        [=](Environment& environment, FileTable& table) { return pause_download(environment, table, what); });
  }
  // The code of the only line.
  bool is_refused(std::string_view code) const {
    const auto said = lines();
    return said.size() == 1 && said[0].rfind(code, 0) == 0;
  }
  FileTable files;
};

}  // namespace

TEST_CASE("a file is wanted by its name in the directory, by the one that others know, or by its root") {
  Holder stage;
  SharedFile& film = stage.add("film", 1, State::complete, true);
  stage.files.set_file_name(film, "film (1)");
  for (const std::string& what : {std::string("film (1)"), std::string("film"), to_string(root_of(1))})
    CHECK(stage.remove(what) == film.number);
  CHECK(stage.remove("song") == 0);
  CHECK(stage.is_refused("not-found"));
  CHECK(stage.remove("") == 0);
  CHECK(stage.is_refused("usage"));
}

TEST_CASE("REMOVE takes what is here, and CANCEL what is not") {
  Holder stage;
  stage.add("here", 1, State::complete, true);
  stage.add("coming", 2, State::downloading, false);
  stage.add("written", 3, State::complete, false).exporting = true;
  stage.add("added", 0, State::adding, true);
  CHECK(stage.remove("here") == 1);
  CHECK(stage.cancel("here") == 0);
  CHECK(stage.is_refused("usage"));
  CHECK(stage.remove("coming") == 0);
  CHECK(stage.is_refused("usage"));
  CHECK(stage.cancel("coming") == 2);
  CHECK(stage.remove("written") == 0);
  CHECK(stage.is_refused("busy"));
  CHECK(stage.cancel("written") == 0);
  CHECK(stage.is_refused("busy"));
  CHECK(stage.remove("added") == 4);
  CHECK(stage.cancel("added") == 4);
}

TEST_CASE("PAUSE takes a download, also one that is being restored, and nothing else") {
  Holder stage;
  stage.add("here", 1, State::complete, true);
  stage.add("coming", 2, State::downloading, false).download.emplace();
  stage.add("restored", 3, State::restoring, false);
  stage.add("whole", 4, State::restoring, false).was_whole = true;
  REQUIRE(stage.pause("coming") != nullptr);
  CHECK(stage.files.numbered(2)->paused);
  CHECK_FALSE(stage.files.numbered(2)->download);
  CHECK(stage.pause("coming") == nullptr);
  CHECK(stage.is_refused("usage"));
  CHECK(stage.pause("restored") != nullptr);
  for (const char* other : {"here", "whole"}) {
    CHECK(stage.pause(other) == nullptr);
    CHECK(stage.is_refused("usage"));
  }
}

TEST_CASE("LIST shows each file with what is done with it") {
  Holder stage;
  LinkTable links;
  const auto list = [&] {
    stage.act([&](const Context& context) { list_files(context.environment, stage.files, links); });
    return stage.lines();
  };
  CHECK(list() == std::vector<std::string>{"No file is shared or fetched"});
  stage.add("here", 1, State::complete, true);
  SharedFile& coming = stage.add("coming", 2, State::downloading, false);
  coming.map = PieceMap(Geometry{4 * smallest_piece, smallest_piece}, smallest_piece);
  coming.map.restore(2);
  stage.files.create(State::adding, "added");
  const auto lines = list();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "here: complete, " + to_string(root_of(1)));
  CHECK(lines[1] == "coming: 65536 bytes, failed at 25%; RESUME goes on, " + to_string(root_of(2)));
  CHECK(lines[2] == "added: being added");
}
