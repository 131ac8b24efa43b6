#include "protocols/ring/routing/lookups.h"

#include <algorithm>
#include <string>

#include "protocols/environment/contract.h"
#include "protocols/ring/base/trace.h"

namespace peerbed::ring {

const PendingLookup* Lookups::find(std::uint32_t id) const noexcept {
  const auto found = std::find_if(pending_.begin(), pending_.end(),
                                  [id](const PendingLookup& entry) { return is_same_question(entry.id, id); });
  return found == pending_.end() ? nullptr : &*found;
}

Time Lookups::earliest_deadline() const noexcept {
  Time earliest = never;
  for (const PendingLookup& lookup : pending_) earliest = std::min(earliest, lookup.deadline);
  return earliest;
}

Duration Lookups::patience(const Options& options, const RttTracker& rtt, const RoutingTable& table) const noexcept {
  if (usual_time_.known()) return std::max(options.lookup_timeout, usual_time_.timeout());
  const unsigned hops = table.ring_size_bits(options) / 2 + 2;
  return std::max(options.lookup_timeout, rtt.typical_timeout(options.hop_timeout, options.initial_timeout) * hops);
}

PendingLookup Lookups::begin(const Context& context, const RoutingTable& table, Key key, LookupReason reason,
                             std::uint32_t subject) {
  PEERBED_CONTRACT(!is_crowded(), "a lookup too many is ended before the next one begins");
  const Time now = context.now();
  const Duration wait =
      usual_time_.known() ? patience(context.options, context.rtt, table) : context.options.lookup_timeout;
  const PendingLookup lookup{.key = key,
                             .started = now,
                             .deadline = now + wait,
                             .id = context.ids.next(),
                             .subject = subject,
                             .attempts = 1,
                             .reason = reason};
  pending_.push_back(lookup);
  if (!is_crowded()) context.await(lookup.deadline);
  return lookup;
}

std::optional<PendingLookup> Lookups::end(const Context& context, const Found& found) {
  const PendingLookup* pending = find(found.id);
  if (pending == nullptr) return std::nullopt;
  const auto holders = found.holders.all();
  const auto is_valid = [&context](Contact contact) { return context.is_valid(contact); };
  if (!std::all_of(holders.begin(), holders.end(), is_valid)) return std::nullopt;
  const PendingLookup lookup = *pending;
  pending_[static_cast<std::size_t>(pending - pending_.data())] = pending_.back();
  pending_.pop_back();
  if (!holders.empty() && is_first_copy(found.id)) usual_time_.note(context.now() - lookup.started);
  report(context, lookup, found);
  return lookup;
}

void Lookups::report(const Context& context, const PendingLookup& lookup, const Found& found) {
  if (lookup.reason != LookupReason::command && lookup.reason != LookupReason::workload) return;
  Environment& environment = context.environment;
  const bool success = !found.holders.empty();
  const Contact owner = success ? found.holders[0] : Contact{};
  const unsigned hops = found.hops;
  const auto latency = static_cast<std::uint64_t>((environment.now() - lookup.started).count());
  if (lookup.reason == LookupReason::command) {
    const std::string the_owner = "The owner of key " + std::to_string(lookup.key.value);
    if (success)
      environment.print(the_owner + " is node " + std::to_string(owner.key.value) + " at " + to_string(owner.address) +
                        ", after " + std::to_string(hops) + " hops");
    else
      environment.refuse("not-found", the_owner + " was not found");
  }
  if (success) environment.trace(index_of(TraceEvent::lookup_answered), {lookup.key.value, owner.key.value, latency});
  environment.trace(index_of(TraceEvent::lookup_done), {hops, latency, found.timeouts, success ? 1u : 0u});
}

std::optional<Lookups::Overdue> Lookups::take_overdue(const Context& context, const RoutingTable& table,
                                                      std::size_t& index) {
  PEERBED_CONTRACT(index < pending_.size(), "a lookup has a place in the table");
  PendingLookup& lookup = pending_[index];
  const Time now = context.now();
  if (lookup.deadline <= now) {
    // Attempts before this one had all shorter waits together: 1 + 2 + 4 + ... lengths of the first.
    const unsigned waits = (2u << std::min<unsigned>(lookup.attempts - 1, 4)) - 1;
    lookup.deadline = std::max(lookup.deadline, lookup.started + patience(context.options, context.rtt, table) * waits);
  }
  if (lookup.deadline > now) {
    ++index;
    return std::nullopt;
  }
  // A finger is not urgent: its turn comes again.
  const unsigned most = lookup.reason == LookupReason::finger ? 1 : context.options.lookup_attempts;
  if (lookup.attempts >= most) return Overdue{lookup, true};
  lookup.deadline = now + patience(context.options, context.rtt, table) * (1 << std::min<unsigned>(lookup.attempts, 4));
  lookup.id = id_of_next_copy(lookup.id);
  ++lookup.attempts;
  ++index;
  return Overdue{lookup, false};
}

}  // namespace peerbed::ring
