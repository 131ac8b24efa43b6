#include "protocols/swarm/commands.h"

#include <string>

#include "tests/catch.h"

using namespace peerbed::swarm;

TEST_CASE("a verb is written in capitals or in small letters, and what follows is one name") {
  CHECK(parse_command("ADD a film.mp4").verb == Verb::add);
  CHECK(parse_command("ADD a film.mp4").what == "a film.mp4");
  CHECK(parse_command("down   song").verb == Verb::down);
  CHECK(parse_command("down   song").what == "song");
  CHECK(parse_command("RESUME \" blank\"").what == " blank");
  CHECK(parse_command("list").verb == Verb::list);
  CHECK(parse_command("list").what.empty());
  for (const char* none : {"", " ADD x", "Add x", "ADDx", "help"}) CHECK(parse_command(none).verb == Verb::unknown);
}

TEST_CASE("a person who typed an unknown verb is told all that there are") {
  std::string rest(all_verbs);
  int verbs = 0;
  for (const char* end : {", ", ", ", ", ", ", ", ", ", ", ", ", ", " and ", ""}) {
    const std::string word = rest.substr(0, *end == '\0' ? rest.size() : rest.find(end));
    CHECK(parse_command(word).verb == static_cast<Verb>(verbs++));
    rest.erase(0, word.size() + std::string(end).size());
  }
  CHECK(static_cast<Verb>(verbs) == Verb::unknown);
  CHECK(rest.empty());
}
