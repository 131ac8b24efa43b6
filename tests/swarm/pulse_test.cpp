#include "protocols/swarm/exchange/pulse.h"

#include "tests/catch.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

TEST_CASE("the pulse runs while it is woken, and whatever comes first tells of a pause, or a clock that was set back") {
  Stage stage;
  Pulse pulse;
  const auto wake = [&] { stage.act([&](const Context& context) { pulse.wake(context); }); };
  wake();
  CHECK(stage.timer(pulse_timer) == Pulse::period);
  wake();
  CHECK_FALSE(stage.timer(pulse_timer));
  CHECK(pulse.last() == stage.now);
  const auto notice = [&](Duration after) { return pulse.notice(stage.now + after); };
  CHECK(notice(Pulse::period + 999ms) == 0s);
  CHECK(notice(Pulse::period - 999ms) == 0s);
  CHECK(notice(Pulse::period + 5s) == 5s);
  CHECK(notice(Pulse::period + 5s) == 0s);  // it was told of
  CHECK(pulse.last() == stage.now + 5s);
  CHECK(notice(Pulse::period) == -5s);
  pulse.beat();
  CHECK(notice(24h) == 0s);  // nothing was under way
  wake();
  CHECK(stage.timer(pulse_timer));
}
