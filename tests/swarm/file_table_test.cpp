#include "protocols/swarm/files/file_table.h"

#include "tests/catch.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;

TEST_CASE("a number is given once, even that of a file that is gone or that an earlier process had") {
  FileTable files;
  CHECK(files.create(SharedFile::State::adding, "film").number == 1);
  files.remove(1);
  CHECK(files.create(SharedFile::State::adding, "film").number == 2);
  files.pass_over(9);
  files.pass_over(4);
  files.pass_over(UINT32_MAX);  // of damage
  CHECK(files.create(SharedFile::State::adding, "song").number == 10);
}

TEST_CASE("files are found by what they are called now") {
  FileTable files;
  SharedFile& film = files.create(SharedFile::State::complete, "film");
  files.set_root(film, root_of(1));
  CHECK(files.rooted(root_of(1)) == &film);
  CHECK(files.rooted(Root{}) == nullptr);
  files.add_name(film, "movie");
  files.set_file_name(film, "film (1)");
  for (const char* name : {"film", "movie", "film (1)"}) CHECK(files.named(name) == &film);
  CHECK(files.in_directory("film (1)") == nullptr);
  film.is_file = true;
  CHECK(files.in_directory("film (1)") == &film);
  CHECK(files.in_directory("film") == nullptr);
  files.remove(film.number);
  for (const char* name : {"film", "movie", "film (1)"}) CHECK(files.named(name) == nullptr);
  CHECK(files.rooted(root_of(1)) == nullptr);
}

TEST_CASE("that a file turned out to be another is known after it is gone") {
  FileTable files;
  const FileNumber number = files.create(SharedFile::State::adding, "film").number;
  files.note_twin(number);
  files.remove(number);
  CHECK(files.was_twin(number));
  CHECK_FALSE(files.was_twin(number + 1));
}
