#include "protocols/swarm/files/sources.h"

#include <algorithm>

namespace peerbed::swarm {

namespace {

constexpr int most_doublings = 5;  // of the time to connect
constexpr Duration longest_patience = std::chrono::seconds(30);
constexpr Duration longest_retry = std::chrono::seconds(30);
constexpr Duration pause_when_full = std::chrono::seconds(2);  // doubled each time

}  // namespace

const Source* Sources::find(Address peer) const noexcept {
  const auto found =
      std::find_if(sources_.begin(), sources_.end(), [peer](const Source& source) { return source.peer == peer; });
  return found == sources_.end() ? nullptr : &*found;
}

bool Sources::has_complete(Address peer) const noexcept {
  return std::any_of(sources_.begin(), sources_.end(),
                     [peer](const Source& source) { return source.peer == peer && source.complete; });
}

bool Sources::is_shy(Address peer) const noexcept {
  const Source* source = find(peer);
  return source != nullptr && (source->shy || source->failures > 0);
}

void Sources::note_shy(Address peer) noexcept {
  if (Source* source = find(peer)) source->shy = true;
}

std::size_t Sources::promising() const noexcept {
  return static_cast<std::size_t>(
      std::count_if(sources_.begin(), sources_.end(), [](const Source& source) { return source.failures < 2; }));
}

std::size_t Sources::of(std::uint8_t candidate) const noexcept {
  return static_cast<std::size_t>(std::count_if(
      sources_.begin(), sources_.end(), [candidate](const Source& source) { return source.candidate == candidate; }));
}

void Sources::note(Address self, Time now, Duration retry_delay, Address peer, std::uint8_t candidate, bool complete) {
  const auto is_it = [=](const Source& source) { return source.peer == peer && source.candidate == candidate; };
  if (peer == self || std::any_of(sources_.begin(), sources_.end(), is_it)) return;
  if (sources_.size() == maximum_sources) {
    const auto worst = std::max_element(sources_.begin(), sources_.end(), [](const Source& one, const Source& other) {
      return one.failures < other.failures;
    });
    if (worst->failures == 0) return;
    sources_.erase(worst);
  }
  // Of two that fetch the file, and find each other at once, the one of the lower address calls.
  const bool calls_first = complete || self < peer;
  sources_.push_back({.peer = peer,
                      .candidate = candidate,
                      .complete = complete,
                      .next_try = now + (calls_first ? Duration{0} : retry_delay)});
}

void Sources::keep_only(std::uint8_t candidate) {
  std::erase_if(sources_, [candidate](const Source& source) { return source.candidate != candidate; });
  for (Source& source : sources_) source.candidate = 0;
}

void Sources::remove(Address peer) {
  std::erase_if(sources_, [peer](const Source& source) { return source.peer == peer; });
}

Duration Sources::patience_with(Address peer, Duration connect_timeout) const noexcept {
  const Source* source = find(peer);
  if (source == nullptr) return connect_timeout;
  const Duration doubled = connect_timeout * (1 << std::min<int>(source->failures, most_doublings));
  return std::max({connect_timeout, std::min(doubled, longest_patience), 3 * source->round_trip});
}

std::vector<Address> Sources::take_due(const Options& options, Time now, const LinkTable& links, FileNumber file,
                                       std::size_t wanted) {
  std::vector<Address> due;
  const std::size_t present = links.count_for(file);
  for (Source& source : sources_) {
    const std::size_t connected = present + due.size();
    if (connected >= wanted) break;
    if (source.next_try > now || links.has(file, source.peer)) continue;
    if (std::find(due.begin(), due.end(), source.peer) != due.end()) continue;
    const Duration delay = options.retry_delay * (1 << std::min<int>(source.failures, 7));
    source.next_try = now + (connected == 0 ? options.retry_delay : std::min(delay, longest_retry));
    due.push_back(source.peer);
  }
  return due;
}

void Sources::note_opened(Address peer, Duration round_trip) noexcept {
  if (Source* source = find(peer)) source->round_trip = round_trip;
}

void Sources::note_greeted(Address peer) noexcept {
  if (Source* source = find(peer)) source->refusals = 0;
}

void Sources::note_delivery(Address peer) noexcept {
  if (Source* source = find(peer)) source->failures = 0;
}

void Sources::note_loss(Address peer, CloseReason reason, Time now) noexcept {
  Source* source = find(peer);
  if (source == nullptr || reason == CloseReason::duplicate) return;
  if (reason == CloseReason::full) {
    source->next_try = now + pause_when_full * (1 << std::min<int>(source->refusals, 4));
    if (source->refusals < 8) ++source->refusals;
  } else if (source->failures < 8) {
    ++source->failures;
  }
}

void Sources::retry(Address peer, Time now) noexcept {
  Source* source = find(peer);
  if (source == nullptr) return;
  source->failures = 0;
  source->next_try = now;
}

void Sources::renew(Time now) noexcept {
  for (Source& source : sources_) {
    source.failures = source.refusals = 0;
    source.next_try = now;
  }
}

}  // namespace peerbed::swarm
