#pragma once
// The events that may happen to the nodes of a model of Chord. A model decides which events it knows and when each is
// enabled.

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

namespace peerbed::ring::zave {

// Small enough for exhaustive searches, large enough for all published results.
constexpr int maximum_nodes = 6;

struct Event {
  enum class Kind : std::int8_t { join, fail, stabilize, discharge, notified, flush, update, reconcile };
  Kind kind{};
  int node = 0;
  int other = 0;  // join: the member that is asked; notified: the notifier
};

constexpr Event join(int node, int via) { return {Event::Kind::join, node, via}; }
constexpr Event fail(int node) { return {Event::Kind::fail, node}; }
constexpr Event stabilize(int node) { return {Event::Kind::stabilize, node}; }
// The corrected protocol: the node performs its postponed duty.
constexpr Event discharge(int node) { return {Event::Kind::discharge, node}; }
// The original protocol.
constexpr Event notified(int node, int by) { return {Event::Kind::notified, node, by}; }
constexpr Event flush(int node) { return {Event::Kind::flush, node}; }
constexpr Event update(int node) { return {Event::Kind::update, node}; }
constexpr Event reconcile(int node) { return {Event::Kind::reconcile, node}; }

// Maintenance is what the nodes do to repair the ring; joins and failures disturb it.
constexpr bool is_maintenance(Event event) {
  return event.kind != Event::Kind::join && event.kind != Event::Kind::fail;
}

inline std::vector<Event> maintenance_among(const std::vector<Event>& events) {
  std::vector<Event> chosen;
  std::copy_if(events.begin(), events.end(), std::back_inserter(chosen), is_maintenance);
  return chosen;
}

}  // namespace peerbed::ring::zave
