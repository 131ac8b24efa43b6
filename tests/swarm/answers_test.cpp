#include "protocols/swarm/files/offers.h"

#include <string>

#include "tests/catch.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;

namespace {

SharedFile file_of(FileNumber number, std::uint8_t root, std::string name,
                   SharedFile::State state = SharedFile::State::complete) {
  SharedFile file;
  file.number = number;
  file.state = state;
  file.root = root_of(root);
  file.names.push_back(std::move(name));
  return file;
}

}  // namespace

TEST_CASE("a file is offered once its root is known, and not while nothing of it is sure") {
  FileTable files;
  files.add(file_of(1, 1, "whole"));
  files.add(file_of(2, 0, "being added", SharedFile::State::adding));
  files.add(file_of(3, 3, "being sought", SharedFile::State::seeking));
  files.add(file_of(4, 4, "being restored", SharedFile::State::restoring));
  SharedFile& verified = files.add(file_of(5, 5, "being verified", SharedFile::State::restoring));
  verified.hashes.resize(1);
  const Offers answer = answer_to(OffersQuery{.id = 7, .first = 0}, files);
  CHECK(answer.id == 7);
  CHECK(answer.total == 3);
  REQUIRE(answer.files.size() == 3);
  CHECK(text_of(answer.files[0].name) == "whole");
  CHECK(answer.files[0].complete);
  CHECK(text_of(answer.files[1].name) == "being sought");
  CHECK_FALSE(answer.files[1].complete);
  CHECK(text_of(answer.files[2].name) == "being verified");
}

TEST_CASE("pages of offers fit a datagram, follow each other, and end with the last file") {
  FileTable files;
  for (std::uint8_t i = 1; i <= 100; ++i) files.add(file_of(i, i, std::string(2U * i, 'n')));
  std::uint32_t first = 0;
  std::size_t pages = 0;
  for (; first < 100; ++pages) {
    const Offers page = answer_to(OffersQuery{.id = 1, .first = first}, files);
    REQUIRE_FALSE(page.files.empty());
    CHECK(page.first == first);
    CHECK(page.total == 100);
    for (const OfferedFile& file : page.files.all()) CHECK(file.root == root_of(static_cast<std::uint8_t>(++first)));
    std::array<std::byte, maximum_datagram_size> buffer{};
    Writer writer(buffer);
    page.encode(writer);
    CHECK(writer.ok());
  }
  CHECK(pages > 1);
  CHECK(answer_to(OffersQuery{.id = 1, .first = 100}, files).files.empty());
}

TEST_CASE("each file of a wanted name has its own answer, and a root has one") {
  FileTable files;
  files.add(file_of(1, 1, "film"));
  files.add(file_of(2, 2, "song"));
  files.add(file_of(3, 3, "film"));
  const auto by_name = answers_to(Find{.id = 5, .root = {}, .name = view_of("film")}, files);
  REQUIRE(by_name.size() == 2);
  CHECK(by_name[0].id == 5);
  CHECK(by_name[0].file.root == root_of(1));
  CHECK(by_name[1].file.root == root_of(3));
  const auto by_root = answers_to(Find{.id = 6, .root = root_of(2), .name = view_of("film")}, files);
  REQUIRE(by_root.size() == 1);
  CHECK(text_of(by_root[0].file.name) == "song");
  for (const auto& find : {Find{.id = 7, .root = root_of(9), .name = {}}, Find{.id = 7, .root = {}, .name = {}}}) {
    const auto none = answers_to(find, files);
    REQUIRE(none.size() == 1);
    CHECK(none[0].id == 7);
    CHECK(none[0].file.root.is_zero());
  }
}

TEST_CASE("of many files of one name no more are told than an asker keeps") {
  FileTable files;
  for (std::uint8_t i = 1; i <= maximum_candidates + 3; ++i) files.add(file_of(i, i, "film"));
  CHECK(answers_to(Find{.id = 1, .root = {}, .name = view_of("film")}, files).size() == maximum_candidates);
}
