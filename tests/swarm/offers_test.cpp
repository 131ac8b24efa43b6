// ADD, GET and DOWN as a person sees them, and what files are the same.

#include <algorithm>

#include "tests/catch.h"
#include "tests/swarm/swarm_world.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;

SwarmWorld running_world(std::size_t peers, const Options& options = {}) {
  SwarmWorld swarm(options, {.peers = peers});
  swarm.start_all();
  swarm.run_for(1s);
  return swarm;
}

}  // namespace

TEST_CASE("GET tells what all others offer, and of how many") {
  SwarmWorld swarm = running_world(4);
  swarm.give(0, "song", 3 * mebibyte, 1);
  swarm.give(1, "song", 3 * mebibyte, 1);
  swarm.give(1, "film", 5'000'000, 2);
  swarm.run_for(1s);
  swarm.command(3, "GET");
  swarm.run_for(2s);
  CHECK(swarm.journal().has_line(swarm.peer(3), "film: 5000000 bytes at 1 peer, "));
  CHECK(swarm.journal().has_line(swarm.peer(3), "song: 3145728 bytes at 2 peers, "));
  CHECK(swarm.journal().count(TraceEvent::file_offered) == 2);
}

TEST_CASE("GET gets past peers that are silent, and says when there is nothing") {
  SwarmWorld swarm = running_world(5);
  swarm.world().crash(swarm.peer(1), Disk::keep);
  swarm.command(0, "GET");
  swarm.run_for(1500ms);
  CHECK(swarm.journal().has_line(swarm.peer(0), "Nobody offers a file"));
}

TEST_CASE("long lists of offers come page by page") {
  SwarmWorld swarm = running_world(2);
  for (int i = 0; i < 60; ++i)
    swarm.give(0, "a file with a rather long name, number " + std::to_string(i), 1'000 + static_cast<unsigned>(i),
               static_cast<unsigned>(i) + 1);
  swarm.run_for(2s);
  swarm.command(1, "GET");
  swarm.run_for(2s);
  CHECK(swarm.journal().count(TraceEvent::file_offered) == 60);
}

TEST_CASE("files of equal content under different names are one file, for those who ask for either") {
  SwarmWorld swarm = running_world(4);
  swarm.give(0, "tune", 20 * mebibyte, 3);
  swarm.give(1, "melody", 20 * mebibyte, 3);
  swarm.set_upload(0, 5'000'000);
  swarm.set_upload(1, 5'000'000);
  swarm.run_for(1s);
  swarm.command(2, "GET");
  swarm.run_for(1s);
  REQUIRE(swarm.journal().count(TraceEvent::file_offered) == 1);
  CHECK(swarm.journal().of(TraceEvent::file_offered)[0].values[2] == 2);
  swarm.command(3, "DOWN tune");
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(3, "tune"); }, 60s));
  CHECK(swarm.peer_node(0).uploaded() > 5 * mebibyte);
  CHECK(swarm.peer_node(1).uploaded() > 5 * mebibyte);
}

TEST_CASE("a file that is fetched under two names is fetched once and the later name is given up") {
  SwarmWorld swarm = running_world(4);
  swarm.give(0, "tune", 20 * mebibyte, 3);
  swarm.give(1, "melody", 20 * mebibyte, 3);
  swarm.run_for(1s);
  swarm.world().crash(swarm.peer(3), Disk::keep);  // its answer is waited for in vain
  swarm.command(2, "DOWN tune");
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(2, "tune"); }, 60s));
  swarm.command(2, "DOWN melody");
  swarm.run_for(3s);
  CHECK(swarm.journal().has_line(swarm.peer(2), "melody is here as tune"));
  CHECK(swarm.peer_node(2).files().size() == 1);
}

TEST_CASE("a file is fetched by its root too, and gets the name that it has elsewhere") {
  SwarmWorld swarm = running_world(2);
  swarm.give(0, "tune", mebibyte, 3);
  swarm.run_for(1s);
  const std::string root = to_string(swarm.peer_node(0).file("tune")->root);
  swarm.command(1, "DOWN " + root);
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(1, "tune"); }, 10s));
  swarm.run_for(10ms);
  CHECK(swarm.world().stored(swarm.peer(1))->files.contains("tune"));
}

TEST_CASE("of two files of one name the one that more peers have is taken") {
  SwarmWorld swarm = running_world(5);
  swarm.give(0, "tune", mebibyte, 1);
  swarm.give(1, "tune", mebibyte, 2);
  swarm.give(2, "tune", mebibyte, 2);
  swarm.give(3, "tune", mebibyte, 2);
  swarm.run_for(1s);
  swarm.command(4, "DOWN tune");
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(4, "tune"); }, 10s));
  CHECK(swarm.peer_node(4).file("tune")->root == swarm.peer_node(1).file("tune")->root);
}

TEST_CASE("the file that arrives is a file of that name, with the right bytes") {
  SwarmWorld swarm = running_world(2);
  swarm.give(0, "tune", 3'000'000, 9);
  swarm.run_for(1s);
  swarm.command(1, "DOWN tune");
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(1, "tune"); }, 10s));
  swarm.run_for(10ms);
  const auto& given = swarm.world().stored(swarm.peer(0))->files.at("tune");
  const auto& files = swarm.world().stored(swarm.peer(1))->files;
  REQUIRE(files.contains("tune"));
  CHECK(files.at("tune") == given);
}

TEST_CASE("a peer that was started again offers what it offered before") {
  SwarmWorld swarm = running_world(2);
  swarm.give(0, "tune", 3'000'000, 9);
  swarm.run_for(1s);
  swarm.world().crash(swarm.peer(0), Disk::keep);
  swarm.run_for(1s);
  swarm.world().start(swarm.peer(0));
  swarm.run_for(1s);
  swarm.command(1, "DOWN tune");
  CHECK(swarm.run_until([&] { return swarm.is_complete(1, "tune"); }, 10s));
}

TEST_CASE("DOWN of what nobody has fails with a word") {
  Options options;
  options.give_up = 3s;
  SwarmWorld swarm = running_world(3, options);
  swarm.command(0, "DOWN nothing");
  swarm.run_for(5s);
  CHECK(swarm.journal().has_line(swarm.peer(0), "DOWN nothing failed: nobody offers it"));
  CHECK(swarm.peer_node(0).files().empty());
}

TEST_CASE("what cannot be done is said") {
  SwarmWorld swarm = running_world(1);
  for (const char* line : {"ADD ../etc", "ADD missing", "DOWN", "DANCE"}) swarm.command(0, line);
  swarm.give(0, "tune", 1000);
  swarm.run_for(1s);
  swarm.command(0, "ADD tune");
  swarm.command(0, "DOWN tune");
  swarm.run_for(100ms);
  for (const char* part : {"one component", "missing could not be added", "Usage: DOWN", "Unknown command",
                           "tune is here already", "tune is here"})
    CHECK(swarm.journal().has_line(swarm.peer(0), part));
}

TEST_CASE("QUIT takes the peer off the list") {
  SwarmWorld swarm = running_world(3);
  swarm.command(1, "QUIT");
  swarm.run_for(500ms);
  CHECK(swarm.world().status(swarm.peer(1)) == sim::HostStatus::down);
  CHECK(swarm.peer_node(0).list().size() == 1);
}

TEST_CASE("a file of no bytes is offered and fetched, and still offered by the next process") {
  SwarmWorld swarm = running_world(3);
  swarm.give(0, "empty", 0);
  swarm.run_for(1s);
  swarm.command(1, "DOWN empty");
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(1, "empty"); }, 10s));
  swarm.run_for(1s);
  REQUIRE(swarm.world().stored(swarm.peer(1))->files.contains("empty"));
  CHECK(swarm.world().stored(swarm.peer(1))->files.at("empty").size() == 0);
  CHECK(swarm.journal().has_line(swarm.peer(1), "empty is here: 0 bytes"));
  swarm.world().crash(swarm.peer(0), Disk::keep);
  swarm.world().crash(swarm.peer(1), Disk::keep);
  swarm.world().start(swarm.peer(1));
  swarm.run_for(3s);
  swarm.command(2, "DOWN empty");
  CHECK(swarm.run_until([&] { return swarm.is_complete(2, "empty"); }, 10s));
  swarm.run_for(1s);
  CHECK(swarm.peer_node(1).links().size() == 0);  // both have everything
}

TEST_CASE("a peer that asks which of several files of one name is meant takes their numbers") {
  Options options;
  options.ask_which = true;
  SwarmWorld swarm = running_world(4, options);
  swarm.give(0, "tune", mebibyte, 1);
  swarm.give(1, "tune", 2 * mebibyte, 2);
  swarm.give(1, "film", mebibyte, 3);
  swarm.run_for(1s);
  swarm.command(2, "DOWN tune");
  swarm.run_for(2s);
  CHECK(swarm.journal().has_line(swarm.peer(2), "2 files have this name"));
  CHECK(swarm.peer_node(2).files().empty());
  swarm.command(3, "GET");
  swarm.run_for(1s);
  CHECK(swarm.journal().has_line(swarm.peer(3), "tune #2: "));
  CHECK(swarm.journal().has_line(swarm.peer(3), "film: 1048576 bytes"));
  const auto words = swarm.peer_node(3).shown_words();
  CHECK(std::vector(words.begin(), words.end()) == std::vector<std::string>{"film", "tune #1", "tune #2"});
  swarm.command(3, "DOWN tune #1");
  swarm.command(3, "DOWN film");
  CHECK(swarm.run_until([&] { return swarm.is_complete(3, "tune") && swarm.is_complete(3, "film"); }, 10s));
}

TEST_CASE("numbers follow the order of roots, whoever answers first") {
  Options options;
  options.ask_which = true;
  SwarmWorld swarm = running_world(4, options);
  for (unsigned i = 0; i < 3; ++i) swarm.give(i, "tune", (i + 1) * mebibyte, i + 1);
  swarm.run_for(1s);
  std::vector<Root> roots;
  for (unsigned i = 0; i < 3; ++i) roots.push_back(swarm.peer_node(i).file("tune")->root);
  std::sort(roots.begin(), roots.end());
  swarm.command(3, "DOWN tune");
  swarm.run_for(2s);
  std::vector<std::string> numbered;
  for (const Journal::Line& line : swarm.journal().lines())
    if (line.text.starts_with("tune #"))
      numbered.push_back(line.text.substr(0, 7) + line.text.substr(line.text.size() - 64));
  CHECK(numbered == std::vector<std::string>{"tune #1" + to_string(roots[0]), "tune #2" + to_string(roots[1]),
                                             "tune #3" + to_string(roots[2])});
}

TEST_CASE("where a person is asked, a name that nobody offers is told within seconds, with the nearest one") {
  Options options;
  options.ask_which = true;
  SwarmWorld swarm = running_world(3, options);
  swarm.give(0, "melody", mebibyte);
  swarm.run_for(1s);
  swarm.command(1, "DOWN meldoy");
  swarm.run_for(4s);
  swarm.command(1, "GET");  // joins the search
  swarm.run_for(3s);
  CHECK(swarm.journal().has_line(swarm.peer(1), "DOWN meldoy failed: nobody offers it; did you mean 'melody'?"));
  CHECK(swarm.journal().count(TraceEvent::file_offered) == 1);
  CHECK(swarm.peer_node(1).files().empty());
}

TEST_CASE("a download is paused, resumed and given up, and a share is removed") {
  SwarmWorld swarm = running_world(2);
  swarm.give(0, "film", 20 * mebibyte);
  swarm.set_upload(0, 4'000'000);
  swarm.run_for(1s);
  swarm.command(1, "DOWN film");
  swarm.run_for(2s);
  swarm.command(1, "PAUSE film");
  const auto fetched = [&] { return swarm.peer_node(1).file("film")->map.verified_count(); };
  swarm.run_for(1s);
  const std::uint32_t before = fetched();
  CHECK(before > 2);
  swarm.world().crash(swarm.peer(1), Disk::keep);
  swarm.world().start(swarm.peer(1));
  swarm.run_for(5s);
  CHECK(fetched() == before);
  swarm.command(1, "LIST");
  swarm.run_for(10ms);
  CHECK(swarm.journal().has_line(swarm.peer(1), "paused at"));
  swarm.command(1, "RESUME film");
  REQUIRE(swarm.run_until([&] { return swarm.is_complete(1, "film"); }, 20s));
  CHECK(swarm.journal().count(TraceEvent::piece_verified) == 20);
  swarm.run_for(1s);
  swarm.command(1, "REMOVE film");
  swarm.run_for(10ms);
  CHECK(swarm.peer_node(1).files().empty());
  CHECK(swarm.world().stored(swarm.peer(1))->files.contains("film"));
  swarm.command(1, "DOWN film");
  swarm.run_for(2s);
  swarm.command(1, "CANCEL film");
  swarm.run_for(10ms);
  CHECK(swarm.peer_node(1).files().empty());
  CHECK(swarm.world().stored(swarm.peer(1))->contents.size() <= 2);  // the catalogue, and what nobody reads
}

TEST_CASE("names are typed and shown in quotation marks where they must be") {
  for (const char* name : {" a", "a ", "\"", "\"a\"", " \\ "}) {
    CHECK(shown_name(name).front() == '"');
    CHECK(typed_name(shown_name(name)) == name);
  }
  for (const char* name : {"a", "a b", "a\"", "\\", "a\"b"}) {
    CHECK(shown_name(name) == name);
    CHECK(typed_name(name) == name);
  }
  CHECK(typed_name("\"a") == "\"a");
  CHECK(typed_name("\"a\"b") == "\"a\"b");
  CHECK(typed_name("\"a\\") == "\"a\\");
}

TEST_CASE("a catalogue of several pages is read again, and nothing in it twice") {
  SwarmWorld swarm = running_world(2);
  for (unsigned i = 0; i < 600; ++i) swarm.give(0, "file " + std::to_string(i), 1'000 + i, i + 1);
  swarm.run_for(5s);
  swarm.command(0, "REMOVE file 300");
  swarm.world().crash(swarm.peer(0), Disk::keep);
  swarm.world().start(swarm.peer(0));
  swarm.run_for(5s);
  CHECK(swarm.peer_node(0).files().size() == 599);
  CHECK(swarm.peer_node(0).file("file 300") == nullptr);
  CHECK(swarm.is_complete(0, "file 599"));
}
