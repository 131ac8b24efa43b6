#include "protocols/swarm/files/search.h"

#include <set>

#include "protocols/swarm/files/file_table.h"
#include "protocols/swarm/files/offers.h"
#include "tests/catch.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t most = 1000;

struct Scene {
  explicit Scene(std::size_t peers, const Root& root = {}) : list(std::array{Stage::other(1)}, most) {
    ListPage page{.version = {1, 1}, .after = {}, .last = true, .peers = {}};
    for (std::size_t i = 0; i < peers; ++i) page.peers.add(Stage::other(static_cast<NodeIndex>(i + 10)));
    list.on_page(0, page);
    question.root = root;
    stage.act([&](const Context& context) { search.begin(context.environment, list, 5, root); });
  }
  std::size_t ask_on() {
    stage.act([&](const Context& context) { search.ask_on(context, question, list, ban_scores); });
    return stage.sent<Find>().size();
  }
  std::size_t repeat() {
    stage.act([&](const Context& context) { search.repeat_questions(context, question); });
    return stage.sent<Find>().size();
  }
  bool offer(NodeIndex from, std::uint8_t root, std::uint64_t size = 100) {
    const OfferedFile file{.root = root_of(root), .size = size, .complete = true, .name = view_of("film")};
    search.take_answer(Stage::other(from), list);
    return stage.act([&](const Context& context) {
      return search.note_offer(context, Stage::other(from), file, !question.root.is_zero(), false);
    });
  }
  bool is_name_known() {
    return stage.act([&](const Context& context) { return search.is_name_known(context, list, files, "film"); });
  }
  SharedFile& add_here(std::uint8_t root) {
    SharedFile file;
    file.number = root;
    file.state = SharedFile::State::complete;
    file.is_file = true;
    file.root = root_of(root);
    file.names = {"film"};
    return files.add(file);
  }

  Stage stage{};
  PeerList list;
  FileTable files{};
  BanScores ban_scores{};
  Search::Question question{.root = {}, .name = "film"};
  Search search{};
};

}  // namespace

TEST_CASE("listed peers are asked a batch at a time, each once, but for known sources and banned ones") {
  Scene scene(100, root_of(1));
  scene.stage.options.ban_after = 2;
  CHECK_FALSE(scene.ban_scores.raise(Stage::other(20), root_of(1), 2));
  CHECK_FALSE(scene.ban_scores.raise(Stage::other(21), root_of(1), 2));
  CHECK(scene.ban_scores.raise(Stage::other(21), root_of(1), 2));
  scene.offer(22, 1);
  std::set<Address> asked;
  std::size_t questions = 0;
  while (scene.ask_on() > 0) {
    CHECK(scene.stage.sent<Find>().size() <= scene.stage.options.ask_batch);
    for (const auto& [peer, find] : scene.stage.sent<Find>()) {
      CHECK(find.id == 5);
      CHECK(find.root == root_of(1));
      asked.insert(peer);
      ++questions;
      CHECK(scene.search.take_answer(peer, scene.list));
    }
  }
  CHECK(questions == 98);
  CHECK(asked.size() == 98);
  CHECK_FALSE(asked.contains(Stage::other(21)));
  CHECK_FALSE(asked.contains(Stage::other(22)));
  CHECK(scene.search.is_walk_over(scene.list));
}

TEST_CASE("a silent peer is asked twice, and then passed over") {
  Scene scene(3);
  CHECK(scene.ask_on() == 3);
  CHECK(scene.repeat() == 0);
  scene.stage.now += scene.stage.options.ask_timeout;
  CHECK(scene.repeat() == 3);
  CHECK_FALSE(scene.search.is_walk_over(scene.list));
  scene.stage.now += scene.stage.options.ask_timeout;
  CHECK(scene.repeat() == 0);
  CHECK(scene.search.is_walk_over(scene.list));
}

TEST_CASE("a peer that knocks is asked again, if it has not answered") {
  Scene scene(1);
  const auto knock = [&] {
    scene.stage.act(
        [&](const Context& context) { scene.search.ask_at_once(context, Stage::other(10), scene.question); });
    return scene.stage.sent<Find>().size();
  };
  CHECK(knock() == 0);
  scene.ask_on();
  CHECK(knock() == 1);
  CHECK(scene.search.listed_address(Stage::other(10)) == Stage::other(10));
  scene.search.take_answer(Stage::other(10), scene.list);
  CHECK(knock() == 0);
}

TEST_CASE("a peer that knocks from another port of its host is asked there, and is the one that is listed") {
  Scene scene(1);
  scene.ask_on();
  const Address seen = Stage::other(10).with_port(4444);
  scene.stage.act([&](const Context& context) { scene.search.ask_at_once(context, seen, scene.question); });
  CHECK(scene.stage.sent<Find>().size() == 1);
  CHECK(scene.search.listed_address(seen) == Stage::other(10));
  CHECK(scene.search.listed_address(seen.with_port(4445)) == seen.with_port(4445));
}

TEST_CASE("a late answer is taken from a listed peer, and from nobody else") {
  Scene scene(3);
  CHECK(scene.search.take_answer(Stage::other(10), scene.list));
  CHECK_FALSE(scene.search.take_answer(Stage::other(99), scene.list));
}

TEST_CASE("the walk begins anew after a pause that doubles up to four seconds") {
  Scene scene(3);
  const auto pause = [&] {
    const auto again = [&] {
      return scene.stage.act([&](const Context& context) { return scene.search.walk_again(context, scene.list); });
    };
    const Time before = scene.stage.now;
    while (!again()) scene.stage.now += 10ms;
    return scene.stage.now - before;
  };
  CHECK(pause() == 50ms);
  CHECK(pause() == 100ms);
  for (int i = 0; i < 10; ++i) pause();
  CHECK(pause() == 4s);
}

TEST_CASE("of several files of a name the one that most sources have is taken, and with it its sources") {
  Scene scene(9);
  scene.offer(10, 3);
  scene.offer(11, 2);
  scene.offer(12, 2);
  const auto missing = scene.search.candidates_missing(scene.files, "film");
  CHECK(missing.size() == 2);
  CHECK(scene.search.choose(missing) == root_of(2));
  CHECK(scene.search.sources().all().size() == 2);
  CHECK_FALSE(scene.search.sources().has(Stage::other(10)));
}

TEST_CASE("among files that equally many have the smaller root is taken") {
  Scene scene(9);
  scene.offer(10, 3);
  scene.offer(11, 2);
  CHECK(scene.search.choose(scene.search.candidates_missing(scene.files, "film")) == root_of(2));
}

TEST_CASE("a file that is here by that name is not missing") {
  Scene scene(9);
  scene.offer(10, 3);
  scene.offer(11, 2);
  scene.add_here(2);
  const auto missing = scene.search.candidates_missing(scene.files, "film");
  REQUIRE(missing.size() == 1);
  CHECK(scene.search.candidate(missing[0]) == root_of(3));
  CHECK(here_as(scene.files, "film") != nullptr);
  CHECK(here_as(scene.files, "song") == nullptr);
}

TEST_CASE("a wanted root has no other candidates, and a name has at most so many") {
  Scene rooted(9, root_of(1));
  CHECK_FALSE(rooted.offer(10, 2));
  CHECK(rooted.offer(11, 1));
  CHECK(rooted.search.sources().all().size() == 1);
  Scene named(20);
  for (std::uint8_t i = 0; i < maximum_candidates; ++i) CHECK(named.offer(10, static_cast<std::uint8_t>(i + 1)));
  CHECK_FALSE(named.offer(11, 100));
}

TEST_CASE("those who answer first are waited for as long again") {
  Scene scene(9);
  scene.ask_on();
  CHECK_FALSE(scene.is_name_known());
  scene.stage.now += 30ms;
  scene.offer(10, 1);
  CHECK_FALSE(scene.is_name_known());
  scene.stage.now += 29ms;
  CHECK_FALSE(scene.is_name_known());
  scene.stage.now += 1ms;
  CHECK(scene.is_name_known());
}

TEST_CASE("where a person is asked and a file of the name is here, all are waited for") {
  Scene scene(9);
  scene.stage.options.ask_which = true;
  scene.ask_on();
  scene.offer(10, 1);
  CHECK(scene.stage.timer(pulse_timer));
  scene.add_here(2);
  scene.stage.now += 1s;
  CHECK_FALSE(scene.is_name_known());
  for (NodeIndex i = 11; i < 19; ++i) scene.search.take_answer(Stage::other(i), scene.list);
  CHECK(scene.is_name_known());
}

TEST_CASE("a person is asked in the order of roots, and told how many have each") {
  Scene scene(9);
  scene.offer(10, 3, 333);
  scene.offer(11, 2, 222);
  scene.offer(12, 3, 333);
  const auto which = scene.search.ask_which("film", {0, 1});
  REQUIRE(which.lines.size() == 2);
  CHECK(which.choices.root_of("film #1") == root_of(2));
  CHECK(which.choices.root_of("film #2") == root_of(3));
  CHECK(which.lines[0].find("222 bytes at 1 peer,") != std::string::npos);
  CHECK(which.lines[1].find("333 bytes at 2 peers,") != std::string::npos);
}

TEST_CASE("what nobody has is looked for among all offers, once, and a number at once") {
  Scene scene(9);
  CHECK_FALSE(scene.search.wants_survey(scene.stage.now + 4999ms, "film"));
  CHECK(scene.search.wants_survey(scene.stage.now + 5s, "film"));
  CHECK_FALSE(scene.search.wants_survey(scene.stage.now + 6s, "film"));
  CHECK(scene.search.is_surveyed());
  Scene numbered(9);
  CHECK(numbered.search.wants_survey(numbered.stage.now, "film #2"));
}

TEST_CASE("DOWN goes on with the file of that name, and where a person is asked only with an unfinished one") {
  Scene scene(0);
  SharedFile& here = scene.add_here(2);
  CHECK(file_to_go_on_with(scene.stage.options, scene.files, "film") == &here);
  scene.stage.options.ask_which = true;
  CHECK(file_to_go_on_with(scene.stage.options, scene.files, "film") == nullptr);
  here.state = SharedFile::State::restoring;
  CHECK(file_to_go_on_with(scene.stage.options, scene.files, "film") == &here);
}
