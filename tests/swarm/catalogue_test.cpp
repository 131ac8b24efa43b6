#include "protocols/swarm/files/catalogue.h"

#include <algorithm>
#include <array>

#include "tests/catch.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;

namespace {

using State = SharedFile::State;

// A process that finds on the disk what is stored.
struct NextProcess : Stage {
  void ask(std::vector<ContentKey> stored) {
    act([&](const Context& context) { catalogue.ask(context.environment, files, stored); });
  }
  bool take(ContentKey page, Bytes bytes) {
    return act([&](const Context& context) { return catalogue.take(context, files, read_ready(page, bytes)); });
  }
  std::vector<ContentKey> erased() const {
    std::vector<ContentKey> keys;
    for (const Effect& effect : of(EffectKind::erase_content)) keys.push_back(ContentKey{effect.argument});
    return keys;
  }
  FileTable files;
  Catalogue catalogue;
};

std::vector<std::byte> page_of(const FileTable& files) {
  Stage stage;
  stage.act([&](const Context& context) { save_catalogue(context.environment, files, 1); });
  return stage.written(catalogue_key);
}

// A file of the shared directory, a download that is paused, and one that has no root yet.
FileTable some_files() {
  FileTable files;
  SharedFile& film = files.create(State::complete, "film");
  film.is_file = true;
  film.manifest_size = 77;
  files.set_root(film, root_of(1));
  files.set_file_name(film, "film (1)");
  SharedFile& song = files.create(State::downloading, "song");
  song.paused = true;
  files.set_root(song, root_of(2));
  files.create(State::adding, "tune");
  return files;
}

}  // namespace

TEST_CASE("the next process finds the files that were noted, and begins to verify them") {
  NextProcess next;
  next.ask({catalogue_key, key_of_part(1, Part::manifest), key_of_part(2, Part::data), key_of_part(7, Part::data)});
  CHECK_FALSE(next.catalogue.is_read());
  CHECK(next.of(EffectKind::read_content).size() == 1);
  REQUIRE(next.take(catalogue_key, page_of(some_files())));
  CHECK(next.catalogue.is_read());
  REQUIRE(next.files.size() == 2);
  const SharedFile& film = next.files[0];
  CHECK(film.number == 1);
  CHECK(film.state == State::restoring);
  CHECK(film.root == root_of(1));
  CHECK(film.name() == "film");
  CHECK(film.local_name() == "film (1)");
  CHECK(film.is_file);
  CHECK(film.was_whole);
  CHECK(film.manifest_size == 77);
  const SharedFile& song = next.files[1];
  CHECK(song.paused);
  CHECK_FALSE(song.is_file);
  CHECK_FALSE(song.was_whole);
  const auto hashed = next.hashed();
  REQUIRE(hashed.size() == 2);
  CHECK(hashed[0].content == key_of_part(1, Part::manifest));
  CHECK(next.erased() == std::vector{key_of_part(7, Part::data)});  // nothing tells of it
  CHECK(next.files.create(State::adding, "new").number == 8);
}

TEST_CASE("a page that is damaged is written anew, and what it told of is erased") {
  for (const std::size_t place : {0, 30}) {
    std::vector<std::byte> page = page_of(some_files());
    page.resize(page.size() - 1);
    page[place] ^= std::byte{0xFF};
    NextProcess next;
    next.ask({catalogue_key, key_of_part(2, Part::data)});
    REQUIRE(next.take(catalogue_key, page));
    CHECK_FALSE(next.written(catalogue_key).empty());
    REQUIRE(next.lines().size() == 1);
    CHECK(next.lines()[0].find("is damaged") != std::string::npos);
    CHECK(next.erased() == std::vector{key_of_part(2, Part::data)});
  }
}

TEST_CASE("where there is no catalogue it is read at once, and a person hears of files that nothing tells of") {
  NextProcess empty;
  empty.ask({});
  CHECK(empty.catalogue.is_read());
  CHECK(empty.effects.all().empty());
  NextProcess lost;
  lost.ask({key_of_part(3, Part::manifest), key_of_part(3, Part::data)});
  CHECK(lost.catalogue.is_read());
  CHECK(lost.lines().size() == 1);
  CHECK(lost.erased().size() == 2);
}

TEST_CASE("all pages are waited for, and a failure to write one is told") {
  NextProcess next;
  const ContentKey second = key_of_part(1, Part::catalogue);
  next.ask({catalogue_key, second});
  CHECK_FALSE(next.take(catalogue_key, page_of(some_files())));
  CHECK_FALSE(next.catalogue.is_read());
  CHECK(next.act([&](const Context& context) {
    return !next.catalogue.take(context, next.files, {.key = second, .bytes = {}, .action = ContentAction::written});
  }));
  CHECK(next.lines().size() == 1);
  CHECK(next.take(second, page_of(FileTable())));
}

TEST_CASE("a change costs the page of its file alone") {
  FileTable files;
  for (int i = 0; i < 600; ++i) files.set_root(files.create(State::seeking, "film"), root_of(1));
  Stage stage;
  stage.act([&](const Context& context) { save_catalogue(context.environment, files, 300); });
  REQUIRE(stage.of(EffectKind::write_content).size() == 1);
  NextProcess next;
  next.ask({key_of_part(1, Part::catalogue)});
  REQUIRE(next.take(key_of_part(1, Part::catalogue), stage.written(key_of_part(1, Part::catalogue))));
  CHECK(next.files.size() == 256);
  CHECK(next.files[0].number == 256);
}

TEST_CASE("a file is noted as gone before what is stored of it is erased") {
  FileTable files = some_files();
  NextProcess stage;
  stage.act([&](const Context& context) { forget_file(context.environment, files, 1); });
  CHECK(files.size() == 2);
  const auto& all = stage.effects.all();
  REQUIRE(all.size() == 4);
  CHECK(all[0].kind == EffectKind::write_content);
  CHECK(stage.erased() ==
        std::vector{key_of_part(1, Part::data), key_of_part(1, Part::manifest), key_of_part(1, Part::progress)});
}
