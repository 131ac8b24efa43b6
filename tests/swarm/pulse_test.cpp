#include "protocols/swarm/exchange/pulse.h"

#include "tests/catch.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

TEST_CASE("the pulse runs while it is woken, and tells when this host stood still or its clock was set back") {
  Stage stage;
  Pulse pulse;
  const auto wake = [&] { stage.act([&](const Context& context) { pulse.wake(context); }); };
  wake();
  CHECK(stage.timer(pulse_timer) == Pulse::period);
  wake();
  CHECK_FALSE(stage.timer(pulse_timer));
  CHECK(pulse.last() == stage.now);
  CHECK(pulse.beat(stage.now + Pulse::period + 999ms) == 0s);
  wake();
  CHECK(stage.timer(pulse_timer));
  CHECK(pulse.beat(stage.now + Pulse::period + 5s) == 5s);
  wake();
  CHECK(pulse.beat(stage.now + Pulse::period - 999ms) == 0s);
  wake();
  CHECK(pulse.beat(stage.now + Pulse::period - 5s) == -5s);
}
