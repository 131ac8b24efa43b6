#include "protocols/swarm/link/source_requests.h"

#include <rapidcheck.h>

#include <optional>
#include <vector>

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t piece_size = 64 * 1024;
constexpr std::uint32_t block_size = 16 * 1024;
constexpr StreamId source{1};
constexpr Time now = time_zero + 10s;

struct Scene {
  PieceMap map{{4 * std::uint64_t{piece_size}, piece_size}, block_size};
  SourceRequests requests{};

  Fetching fetching() { return {map, nullptr}; }
  Block block(std::uint64_t number) const { return map.block_at(number); }
  void ask(std::uint64_t number, Time when = now) { requests.add(fetching(), block(number), when); }
  bool begin(std::uint64_t number, bool is_welcome = true, Time when = now) {
    if (!requests.begin_arrival(block(number), when)) return false;
    requests.set_place(fetching(), is_welcome && !map.is_arriving(block(number)));
    return true;
  }
  void deliver(Time when) {
    requests.note_delivery(when);
    requests.end_arrival(fetching());
  }
};

}  // namespace

TEST_CASE("a request claims its block until it is answered") {
  Scene scene;
  scene.ask(0);
  scene.ask(1);
  CHECK(scene.requests.outstanding() == 2 * block_size);
  CHECK(scene.map.claims(scene.block(0)) == 1);
  REQUIRE(scene.begin(0));
  CHECK(scene.map.claims(scene.block(0)) == 1);
  CHECK(scene.map.is_arriving(scene.block(0)));
  scene.deliver(now + 20ms);
  CHECK(scene.map.claims(scene.block(0)) == 0);
  CHECK_FALSE(scene.map.is_arriving(scene.block(0)));
  CHECK(scene.requests.outstanding() == block_size);
  CHECK(scene.requests.last_progress() == now + 20ms);
  CHECK_FALSE(scene.requests.empty());
}

TEST_CASE("a block that nobody asked for does not arrive") {
  Scene scene;
  scene.ask(0);
  CHECK_FALSE(scene.begin(1));
  CHECK(scene.requests.unanswered().size() == 1);
}

TEST_CASE("what goes to scratch is anybody's at once") {
  Scene scene;
  scene.ask(0);
  REQUIRE(scene.begin(0, false));
  CHECK(scene.requests.is_to_scratch());
  CHECK(scene.map.claims(scene.block(0)) == 0);
  CHECK_FALSE(scene.map.is_arriving(scene.block(0)));
  scene.deliver(now);
  CHECK(scene.requests.empty());
  CHECK(scene.requests.outstanding() == 0);
}

TEST_CASE("the shortest answer to a lone request is the round trip, and what follows it the pace") {
  Scene scene;
  scene.ask(0);
  CHECK(scene.requests.round_trip() == Duration::max());
  REQUIRE(scene.begin(0, true, now + 30ms));
  CHECK(scene.requests.round_trip() == 30ms);
  scene.deliver(now + 40ms);
  CHECK(scene.requests.pace().time_for(block_size).count() == Approx(10e6).epsilon(0.01));
  scene.ask(1, now + 50ms);
  REQUIRE(scene.begin(1, true, now + 60ms));
  CHECK(scene.requests.round_trip() == 10ms);
}

TEST_CASE("a refusal ends its request, and says whether the block was still expected") {
  Scene scene;
  scene.ask(0);
  scene.ask(1);
  CHECK(scene.requests.reject(scene.fetching(), scene.block(0)) == true);
  CHECK_FALSE(scene.requests.reject(scene.fetching(), scene.block(0)).has_value());
  CHECK(scene.requests.release_copies(scene.fetching(), scene.block(1)) == 1);
  CHECK(scene.requests.reject(scene.fetching(), scene.block(1)) == false);
  CHECK(scene.requests.outstanding() == 0);
  CHECK(scene.map.claims(scene.block(1)) == 0);
}

TEST_CASE("after a choke only the block that is arriving still comes, and after the end not even that") {
  Scene scene;
  scene.ask(0);
  scene.ask(1);
  REQUIRE(scene.begin(0));
  scene.requests.void_all(scene.fetching(), source, false);
  CHECK(scene.requests.outstanding() == block_size);
  CHECK(scene.requests.receiving().has_value());
  CHECK(scene.map.claims(scene.block(1)) == 0);
  scene.requests.void_all(scene.fetching(), source, true);
  CHECK(scene.requests.empty());
  CHECK(scene.requests.outstanding() == 0);
  CHECK(scene.map.claims(scene.block(0)) == 0);
  CHECK_FALSE(scene.map.is_arriving(scene.block(0)));
}

TEST_CASE("a silent source loses its blocks, and gets back what nobody else was asked for when it delivers") {
  Scene scene;
  for (std::uint64_t number = 0; number < 3; ++number) scene.ask(number);
  REQUIRE(scene.begin(0));
  CHECK(scene.requests.stall(scene.fetching(), source) == 2 * block_size);
  CHECK(scene.requests.is_stalled());
  for (std::uint64_t number = 0; number < 3; ++number) CHECK(scene.map.claims(scene.block(number)) == 0);
  scene.map.claim(scene.block(1));  // another is asked for it
  scene.requests.revive(scene.fetching());
  CHECK_FALSE(scene.requests.is_stalled());
  CHECK(scene.map.claims(scene.block(1)) == 1);
  CHECK(scene.map.claims(scene.block(2)) == 1);
}

TEST_CASE("of a piece that is closed nothing is owed") {
  Scene scene;
  for (std::uint64_t number = 2; number < 6; ++number) scene.ask(number);
  const auto cancelled = scene.requests.release_piece(scene.fetching(), 0);
  CHECK(cancelled == std::vector{scene.block(2), scene.block(3)});
  CHECK(scene.requests.release_piece(scene.fetching(), 0).empty());
  CHECK(scene.map.claims(scene.block(2)) == 0);
  CHECK(scene.map.claims(scene.block(4)) == 1);
}

TEST_CASE("however a source behaves, the claims and outstanding bytes are those of its requests") {
  CHECK(rc::check([] {
    Scene scene;
    Time time = now;
    for (const auto action : *rc::gen::container<std::vector<std::uint8_t>>(rc::gen::inRange<std::uint8_t>(0, 8))) {
      time += 7ms;
      const std::uint64_t number = *rc::gen::inRange<std::uint64_t>(0, 16);
      const bool receiving = scene.requests.receiving().has_value();
      if (action < 3 && scene.map.is_free(scene.block(number))) scene.ask(number, time);
      if (action == 3 && !receiving) scene.begin(number, number % 3 != 0, time);
      if (action == 4 && receiving) scene.deliver(time);
      if (action == 5) scene.requests.reject(scene.fetching(), scene.block(number));
      if (action == 6) scene.requests.stall(scene.fetching(), source);
      if (action == 7)
        number % 2 == 0 ? scene.requests.revive(scene.fetching())
                        : scene.requests.void_all(scene.fetching(), source, number % 4 == 1);
      std::vector<unsigned> claims(16);
      std::uint64_t bytes = 0;
      const auto count = [&](const Request& request) {
        bytes += request.block.size;
        if (!request.released) ++claims[scene.map.number_of(request.block)];
      };
      for (const Request& request : scene.requests.unanswered()) count(request);
      if (const auto& arriving = scene.requests.receiving()) count(*arriving);
      RC_ASSERT(scene.requests.outstanding() == bytes);
      for (std::uint64_t i = 0; i < 16; ++i) RC_ASSERT(scene.map.claims(scene.block(i)) == claims[i]);
    }
  }));
}
