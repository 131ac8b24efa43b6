#pragma once
// Whether the options of a check go together, and what tells two checks apart.

#include <cstdint>
#include <stdexcept>

#include "check/canonical/questions.h"
#include "check/engine/fingerprint.h"
#include "check/nodes/node_options.h"
#include "protocols/environment/node.h"
#include "protocols/environment/random.h"

namespace peerbed::check {

// Throws std::invalid_argument if they contradict each other.
template <class N>
void validate(const NodeOptions<N>& options) {
  const auto refuse = [](const char* sentence) { throw std::invalid_argument(sentence); };
  if (options.nodes.empty() || options.nodes.size() > 255) refuse("a check has 1 to 255 nodes");
  if (!options.addresses.empty() && options.addresses.size() != options.nodes.size())
    refuse("a check has an address for each node");
  if (options.granularity == Granularity::exchange && options.clock == Clock::ticks)
    refuse("an exchange takes no time: check messages instead, or another clock than ticks");
  if (options.granularity == Granularity::exchange && (options.budget.drop > 0 || options.budget.duplicate > 0))
    refuse("an exchange loses and doubles no message: check messages instead");
  if (options.leaves_ineffective && options.clock != Clock::hasty)
    refuse("messages without effect can be left under way only with a hasty clock");
  if (StreamNode<N> && options.clock == Clock::ticks)
    refuse("what comes on streams takes no ticks: choose another clock");
  if (options.names_questions && !QuestioningNode<N>) refuse("questions are named where nodes tell them");
  if (options.messages_outpace_periods &&
      (options.clock == Clock::ticks || options.nodes.size() * (N::timer_count + 1) > 64))
    refuse("too many timers to tell which messages are older than their periods, or time is discrete");
}

// Of what the states do not show: how time passes and what bounds there are.
template <class N>
Fingerprint identity_of(const NodeOptions<N>& options) noexcept {
  std::uint64_t deadlines = 0;
  for (const bool is_deadline : options.is_deadline) deadlines = deadlines << 1 | is_deadline;
  std::uint64_t liars = 0;
  for (const bool lies : options.liars) liars = liars << 1 | lies;
  const std::uint64_t key =
      key_of(6, static_cast<int>(options.clock), static_cast<int>(options.granularity), deadlines, options.tick.count(),
             options.most_delay, options.age.count(), options.wipes_disks, options.leaves_ineffective,
             options.most_under_way, options.longest_exchange, options.skips_endless, options.ages_at_timers,
             options.draws_anew, options.names_questions, options.messages_outpace_periods, options.variant,
             options.commands.size(), options.disks_take_time, liars);
  return {key, key};
}

}  // namespace peerbed::check
