#include "protocols/swarm/files/choices.h"

#include "tests/catch.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;

TEST_CASE("only files whose name others have too are numbered, each name from 1") {
  const std::array files{NamedRoot{"film", root_of(2)}, NamedRoot{"film", root_of(5)}, NamedRoot{"song", root_of(1)},
                         NamedRoot{"tune", root_of(3)}, NamedRoot{"tune", root_of(4)}, NamedRoot{"tune", root_of(6)}};
  const Choices choices(files);
  REQUIRE(choices.all().size() == 5);
  CHECK(choices.all()[0].shown == "film #1");
  CHECK(choices.root_of("film #1") == root_of(2));
  CHECK(choices.root_of("film #2") == root_of(5));
  CHECK(choices.root_of("tune #1") == root_of(3));
  CHECK(choices.root_of("tune #3") == root_of(6));
  for (const char* none : {"song", "song #1", "film", "film #3", "film #", ""}) CHECK_FALSE(choices.root_of(none));
}

TEST_CASE("where nothing was shown there is nothing to choose from") {
  CHECK(Choices().all().empty());
  CHECK_FALSE(Choices().root_of("film #1"));
}
