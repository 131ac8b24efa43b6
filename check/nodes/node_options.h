#pragma once
// Which nodes are checked, and what may happen to them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "check/disks/stored_content.h"
#include "check/nodes/action.h"
#include "check/nodes/process.h"
#include "protocols/environment/address.h"
#include "protocols/environment/time.h"

namespace peerbed::check {

enum class Granularity : std::uint8_t {
  message,   // one input to one node
  exchange,  // an action and all that it causes, until nothing is under way
};

// How often each kind of action may happen in one run, counted over all nodes.
struct Budget {
  static constexpr std::uint8_t any = 255;
  std::uint8_t drop = 0;
  std::uint8_t duplicate = 0;
  std::uint8_t start = any;
  std::uint8_t crash = 0;
  std::uint8_t leave = 0;
  std::uint8_t age = 0;
  std::uint8_t fire = any;  // timers other than deadlines
};

struct NodeCommand {
  NodeIndex node = 0;
  std::string line;
  std::uint8_t times = 1;  // at most Budget::any
};

template <class N>
class View;

template <class N>
struct NodeProperty {
  std::string name;
  std::function<bool(const View<N>&)> holds;
};

template <class N>
struct NodeOptions {
  std::vector<N> nodes;  // as they are created
  // What each node may be when it starts in the course of the check; empty: as it was created.
  std::vector<std::vector<N>> restarts;
  std::vector<Address> addresses;  // of the nodes; empty: 10.0.0.1:4000 and so on
  std::vector<NodeIndex> started;  // at first, in this order
  bool settles_first = false;      // periods pass until nothing changes any more, before the exploration begins

  Clock clock = Clock::patient;
  Granularity granularity = Granularity::message;
  std::array<bool, N::timer_count> is_deadline{};  // the node's timers that wait for somebody's answer
  Duration tick = std::chrono::milliseconds(100);  // under Clock::ticks
  std::uint32_t most_delay = 1;                    // ticks
  Duration age = std::chrono::hours(24);           // what a clock advances by when it ages

  Budget budget{};
  bool wipes_disks = false;  // a crash wipes the disk instead of keeping it
  std::vector<NodeCommand> commands;
  std::vector<std::map<std::string, StoredContent>> files;  // of the nodes' shared directories; empty: none
  std::vector<bool> liars;                                  // which nodes send wrong content; empty: none does
  // A disk answers at some time later, rather than before its node is given anything else.
  bool disks_take_time = false;
  // What the protocol does not promise to survive; empty: everything within the budget may happen. Not asked about
  // messages and timers.
  std::function<bool(const View<N>&, const NodeAction&)> allows;

  // Leaves a message under way as long as its receiver would neither change nor do anything. Sound for properties of
  // nodes, as a message may always be late; but then something is always under way, so not with Clock::patient.
  bool leaves_ineffective = false;
  // More messages under way are left out, and then the exploration is not exhaustive.
  std::uint32_t most_under_way = 64;
  // The same for the inputs of one exchange.
  std::uint32_t longest_exchange = 10'000;
  // An exchange that does not end is left out, as if it had not begun: for those that try until something else helps.
  bool skips_endless = false;
  // Waits have no lengths: before a timer fires its node's clock advances by `age`, so that whatever the node waited
  // for is overdue by then, and what it heard is long ago.
  bool ages_at_timers = false;
  // A node that starts again draws other numbers than before: needed where what was sent to its former process may
  // still be under way.
  bool draws_anew = false;
  // States that differ only in the ids of questions are one: see check/canonical/questions.h.
  bool names_questions = false;
  // A message arrives before a period has passed twice: while it is under way no node starts, and no timer but a
  // deadline fires, a second time. So only so many messages are under way at once. Not with Clock::ticks.
  bool messages_outpace_periods = false;
  std::uint64_t variant = 0;  // tells apart checks that differ only in their functions, for those that are resumed

  std::vector<NodeProperty<N>> always;
  std::function<bool(const View<N>&)> ideal;  // what the nodes become, again and again, if nothing disturbs them
};

}  // namespace peerbed::check
