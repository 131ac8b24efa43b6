#include "protocols/swarm/files/offer_survey.h"

#include <algorithm>
#include <array>
#include <string>

#include "protocols/swarm/files/offers.h"
#include "tests/catch.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

constexpr Address tracker = Stage::other(90);

// A survey of `peers` listed peers, from Stage::other(1) on.
struct Surveyor : Stage {
  explicit Surveyor(std::size_t peers) : list(std::array{tracker}, 1000) {
    ListPage page{.version = {1, 1}, .after = {}, .last = true, .peers = {}};
    for (std::size_t i = 1; i <= peers; ++i) page.peers.add(other(static_cast<NodeIndex>(i)));
    list.on_page(0, page);
  }
  std::optional<OfferSurvey::Result> begin() {
    return act([&](const Context& context) {
      survey.begin(context.environment, list, id, true);
      return survey.proceed(context, list);
    });
  }
  std::optional<OfferSurvey::Result> proceed() {
    return act([&](const Context& context) { return survey.proceed(context, list); });
  }
  bool take(Address from, const Offers& offers) {
    return act([&](const Context& context) { return survey.take(context, from, offers); });
  }
  static constexpr std::uint32_t id = 4;
  PeerList list;
  OfferSurvey survey;
};

Offers page_of(std::uint32_t first, std::uint32_t total, std::initializer_list<OfferedFile> files) {
  Offers offers{.id = Surveyor::id, .first = first, .total = total, .files = {}};
  for (const OfferedFile& file : files) offers.files.add(file);
  return offers;
}

OfferedFile offer(std::uint8_t root, std::string_view name, std::uint64_t size, bool complete = true) {
  return {.root = root_of(root), .size = size, .complete = complete, .name = view_of(name)};
}

}  // namespace

TEST_CASE("where nobody is listed a survey is over at once") {
  Surveyor stage(0);
  const auto result = stage.begin();
  REQUIRE(result.has_value());
  CHECK(result->files.empty());
  CHECK(result->is_shown);
  CHECK_FALSE(stage.survey.is_under_way());
}

TEST_CASE("a survey asks a batch at a time, and goes on as answers come") {
  Surveyor stage(5);
  stage.options.ask_batch = 2;
  REQUIRE_FALSE(stage.begin());
  REQUIRE(stage.sent<OffersQuery>().size() == 2);
  const Address first = stage.sent<OffersQuery>()[0].first;
  REQUIRE(stage.take(first, page_of(0, 1, {offer(1, "film", 10)})));
  REQUIRE_FALSE(stage.proceed());
  CHECK(stage.sent<OffersQuery>().size() == 1);
}

TEST_CASE("one that is silent is asked once more, and then passed over") {
  Surveyor stage(1);
  REQUIRE_FALSE(stage.begin());
  stage.now += stage.options.ask_timeout - 1ns;
  REQUIRE_FALSE(stage.proceed());
  CHECK(stage.sent<OffersQuery>().empty());
  stage.now += 1ns;
  REQUIRE_FALSE(stage.proceed());
  CHECK(stage.sent<OffersQuery>().size() == 1);
  stage.now += stage.options.ask_timeout;
  const auto result = stage.proceed();
  CHECK(stage.sent<OffersQuery>().empty());
  REQUIRE(result.has_value());
  CHECK(result->files.empty());
}

TEST_CASE("long offers are asked for page by page, up to as many files as a peer may have") {
  Surveyor stage(1);
  stage.options.maximum_files = 3;
  REQUIRE_FALSE(stage.begin());
  REQUIRE(stage.take(Stage::other(1), page_of(0, 9, {offer(1, "a", 1), offer(2, "b", 1)})));
  REQUIRE(stage.sent<OffersQuery>().size() == 1);
  CHECK(stage.sent<OffersQuery>()[0].second == OffersQuery{Surveyor::id, 2});
  CHECK_FALSE(stage.take(Stage::other(1), page_of(0, 9, {offer(8, "x", 1)})));  // the first page again
  REQUIRE(stage.take(Stage::other(1), page_of(2, 9, {offer(3, "c", 1)})));
  CHECK(stage.sent<OffersQuery>().empty());
  const auto result = stage.proceed();
  REQUIRE(result.has_value());
  CHECK(result->files.size() == 3);
}

TEST_CASE("a survey counts who offers a file, in the order of names and roots") {
  Surveyor stage(2);
  REQUIRE_FALSE(stage.begin());
  REQUIRE(stage.take(Stage::other(1), page_of(0, 2, {offer(2, "song", 0, false), offer(3, "film", 7)})));
  REQUIRE(stage.take(Stage::other(2), page_of(0, 2, {offer(2, "tune", 9), offer(1, "film", 5)})));
  const auto result = stage.proceed();
  REQUIRE(result.has_value());
  REQUIRE(result->files.size() == 3);
  CHECK(result->files[0].root == root_of(1));
  CHECK(result->files[1].root == root_of(3));
  const SurveyedFile& song = result->files[2];
  CHECK(song.name == "song");  // as who was heard first calls it
  CHECK(song.size == 9);
  CHECK(song.peers == 2);
  CHECK(song.complete == 1);
}

TEST_CASE("answers that nobody waits for, and files without root or name, count for nothing") {
  Surveyor stage(1);
  CHECK_FALSE(stage.take(Stage::other(1), page_of(0, 1, {offer(1, "film", 1)})));  // no survey
  REQUIRE_FALSE(stage.begin());
  CHECK_FALSE(stage.take(Stage::other(2), page_of(0, 1, {offer(1, "film", 1)})));
  Offers old = page_of(0, 1, {offer(1, "film", 1)});
  old.id = Surveyor::id - 1;
  CHECK_FALSE(stage.take(Stage::other(1), old));
  REQUIRE(stage.take(Stage::other(1), page_of(0, 2, {offer(0, "film", 1), offer(2, "a/b", 1)})));
  const auto result = stage.proceed();
  REQUIRE(result.has_value());
  CHECK(result->files.empty());
}

TEST_CASE("a name is one on offer, or a number that GET would give, or nearly one of these") {
  const std::array<SurveyedFile, 3> files{{{.root = root_of(1), .name = "film"},
                                           {.root = root_of(2), .name = "film"},
                                           {.root = root_of(3), .name = "song"}}};
  CHECK(meaning_of("song", files).is_offered);
  CHECK(meaning_of("film #2", files).root == root_of(2));
  CHECK_FALSE(meaning_of("song #1", files).root);
  CHECK(meaning_of("sogn", files).nearest == "song");
  const NameMeaning none = meaning_of("something else", files);
  CHECK_FALSE(none.is_offered);
  CHECK_FALSE(none.root);
  CHECK(none.nearest.empty());
}

TEST_CASE("GET shows the number of a file whose name others have, and the name of every other") {
  const std::array<SurveyedFile, 3> files{{{.root = root_of(1), .name = "film", .size = 5, .peers = 1},
                                           {.root = root_of(2), .name = "film", .size = 6, .peers = 2},
                                           {.root = root_of(3), .name = "song", .size = 7, .peers = 3}}};
  Stage stage;
  const ShownOffers shown = stage.act([&](const Context& context) { return show_offers(context, files); });
  const auto lines = stage.lines();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "film #1: 5 bytes at 1 peer, " + to_string(root_of(1)));
  CHECK(lines[1] == "film #2: 6 bytes at 2 peers, " + to_string(root_of(2)));
  CHECK(lines[2] == "song: 7 bytes at 3 peers, " + to_string(root_of(3)));
  CHECK(stage.traces(TraceEvent::file_offered) == 3);
  CHECK(shown.choices.root_of("film #1") == root_of(1));
  CHECK(shown.words == std::vector<std::string>{"film #1", "film #2", "song"});
}
