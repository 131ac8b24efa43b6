// Random schedules of joins, leaves, crashes, restarts and loss, on the real node in the simulated network.

#include <rapidcheck.h>

#include <array>

#include "tests/catch.h"
#include "tests/ring/ring_world.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

Options small_ring() {
  Options options = quick_options();
  options.successor_list_length = 2;
  return options;
}

// Zave's base: one member more than the list is long never fails. The other members come and go.
constexpr std::size_t base_size = 3;
constexpr std::size_t hosts = 6;

struct Happening {
  enum class Kind { start, crash, wipe, leave, wait };
  Kind kind{};
  NodeIndex host = 0;
  int milliseconds = 0;
};

rc::Gen<Happening> any_happening() {
  using Kind = Happening::Kind;
  return rc::gen::build<Happening>(
      rc::gen::set(&Happening::kind,
                   rc::gen::element(Kind::start, Kind::start, Kind::crash, Kind::wipe, Kind::leave, Kind::wait)),
      rc::gen::set(&Happening::host, rc::gen::inRange<NodeIndex>(base_size, hosts)),
      rc::gen::set(&Happening::milliseconds, rc::gen::inRange(0, 4000)));
}

// Zave's guard: a member may fail only while every other one keeps a live entry in its list. In her model answers take
// no time. Here an answer about a former process may be under way, so a host counts as live only once it has run for
// longer than a query can stay open.
class Guard {
 public:
  void note_start(NodeIndex host, Time now) { started_[host] = now; }

  bool may_fail(RingWorld& ring, NodeIndex failing) const {
    const std::vector<Contact> members = ring.live_members();
    return std::all_of(members.begin(), members.end(), [&](Contact member) {
      const auto successors = ring.node(sim::node_at(member.address)).successors();
      return member == ring.contact(failing) || std::any_of(successors.begin(), successors.end(), [&](Contact entry) {
               return entry != ring.contact(failing) && has_settled(ring, sim::node_at(entry.address));
             });
    });
  }

 private:
  bool has_settled(RingWorld& ring, NodeIndex host) const {
    return ring.lives(host) && ring.node(host).joined() &&
           (host < base_size || ring.world().now() - started_[host] > 4s);
  }

  std::array<Time, hosts> started_{};
};

void happen(RingWorld& ring, Guard& guard, const Happening& happening) {
  const bool fails = happening.kind != Happening::Kind::start && happening.kind != Happening::Kind::wait;
  if (fails && !guard.may_fail(ring, happening.host)) return;
  switch (happening.kind) {
    case Happening::Kind::start:
      if (ring.world().start(happening.host)) guard.note_start(happening.host, ring.world().now());
      break;
    case Happening::Kind::crash:
      ring.world().crash(happening.host, Disk::keep);
      break;
    case Happening::Kind::wipe:
      ring.world().crash(happening.host, Disk::wipe);
      break;
    case Happening::Kind::leave:
      ring.world().leave(happening.host);
      break;
    case Happening::Kind::wait:
      break;
  }
  ring.run_for(std::chrono::milliseconds(happening.milliseconds));
}

void check_schedule(double loss, bool check_invariant) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(1, 1'000'000);
  const auto happenings = *rc::gen::container<std::vector<Happening>>(any_happening());
  RingWorld ring(small_ring(), hosts, base_size, seed);
  ring.set_network(20ms, loss);
  for (NodeIndex i = 0; i < base_size; ++i) ring.world().start(i);
  ring.run_for(2s);
  Guard guard;
  for (const Happening& happening : happenings) {
    happen(ring, guard, happening);
    if (check_invariant) RC_ASSERT(ring.broken_invariant() == "");
  }
  ring.set_network(20ms, 0);
  ring.run_for(60s);
  RC_ASSERT(ring.flaw() == "");
  RC_ASSERT(ring.broken_invariant() == "");
}

void showValue(const Happening& happening, std::ostream& out) {
  constexpr const char* names[] = {"start", "crash", "wipe", "leave", "wait"};
  out << names[static_cast<int>(happening.kind)] << ' ' << happening.host << " then " << happening.milliseconds
      << " ms";
}

}  // namespace

TEST_CASE("random joins, leaves and crashes keep Zave's invariant at every step, and the ring becomes ideal again") {
  CHECK(rc::check([] { check_schedule(0, true); }));
}

TEST_CASE("random schedules over a lossy network end in an ideal ring") {
  CHECK(rc::check([] { check_schedule(0.1, false); }));
}
