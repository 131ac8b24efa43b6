#include "protocols/kademlia/lookups/lookup.h"

#include <algorithm>

namespace peerbed::kademlia {

using State = Candidate::State;

namespace {

// A value goes to as many nodes as a bucket holds, and is looked for at as many.
std::size_t wanted_answers(const Options& options, LookupReason reason) noexcept {
  const bool is_for_value = reason == LookupReason::store || reason == LookupReason::get;
  return is_for_value ? options.bucket_size : std::min(options.resiliency, options.bucket_size);
}

}  // namespace

void Lookup::add(std::span<const Contact> contacts, const Id& self, unsigned depth_of_source) {
  const auto depth = static_cast<std::uint8_t>(std::min(depth_of_source + 1, 255U));
  for (const Contact& contact : contacts) {
    if (contact.id == self || !contact.address) continue;
    const auto place = std::lower_bound(
        candidates_.begin(), candidates_.end(), contact.id,
        [this](const Candidate& candidate, const Id& id) { return is_closer(candidate.contact.id, id, target_); });
    // One address for an identifier: who is named first is asked.
    if (place != candidates_.end() && place->contact.id == contact.id) continue;
    const auto index = place - candidates_.begin();
    if (candidates_.size() == maximum_candidates) {
      if (place == candidates_.end()) continue;
      candidates_.pop_back();  // what it answers will not count
    }
    candidates_.insert(candidates_.begin() + index, {.contact = contact, .depth = depth});
  }
}

std::optional<Contact> Lookup::next(const Options& options) noexcept {
  const auto under_way =
      static_cast<std::size_t>(std::count_if(candidates_.begin(), candidates_.end(), [](const Candidate& candidate) {
        return candidate.state == State::asked;
      }));
  if (options.lookup_mode == LookupMode::pipelined) {
    if (under_way >= options.concurrency) return std::nullopt;
  } else if (left_in_round_ == 0 && under_way > 0) {
    return std::nullopt;
  }
  if (requests_ >= maximum_lookup_requests) return std::nullopt;
  const std::size_t wanted = std::max(wanted_answers(options, reason_), options.concurrency);
  std::size_t live = 0;
  bool is_any_answered = false;
  for (Candidate& candidate : candidates_) {
    if (live == wanted) break;
    if (is_passed_over(candidate, is_any_answered)) continue;
    ++live;
    is_any_answered = is_any_answered || candidate.state == State::answered;
    if (candidate.state != State::unasked) continue;
    if (options.lookup_mode == LookupMode::rounds) {
      if (left_in_round_ == 0) {
        ++rounds_;
        left_in_round_ = static_cast<std::uint8_t>(options.concurrency);
      }
      --left_in_round_;
    }
    candidate.state = State::asked;
    ++requests_;
    return candidate.contact;
  }
  left_in_round_ = 0;  // a round may have fewer requests
  return std::nullopt;
}

std::optional<unsigned> Lookup::note_answer(const Contact& contact, std::uint64_t token, Time now) noexcept {
  Candidate* const candidate = find(contact);
  if (candidate == nullptr || candidate->state == State::unasked || candidate->state == State::answered)
    return std::nullopt;
  if (candidate->state == State::silent) --timeouts_;
  candidate->state = State::answered;
  candidate->answered = now;
  candidate->token = token;
  return candidate->depth;
}

bool Lookup::note_value(const Contact& contact, Time now) noexcept {
  if (!note_answer(contact, 0, now)) return false;
  find(contact)->has_value = true;
  ++values_;
  return true;
}

void Lookup::note_late(const Contact& contact) noexcept {
  Candidate* const candidate = find(contact);
  if (candidate == nullptr || (candidate->state != State::asked && candidate->state != State::late)) return;
  candidate->state = State::late;
  if (requests_ < UINT16_MAX) ++requests_;
}

void Lookup::note_silent(const Contact& contact) noexcept {
  Candidate* const candidate = find(contact);
  if (candidate == nullptr || (candidate->state != State::asked && candidate->state != State::late)) return;
  candidate->state = State::silent;
  ++timeouts_;
}

bool Lookup::is_over(const Options& options) const noexcept {
  if (values_ >= options.read_quorum) return true;
  const std::size_t wanted = wanted_answers(options, reason_);
  std::size_t live = 0;
  bool is_any_answered = false;
  for (const Candidate& candidate : candidates_) {
    if (live == wanted) break;
    if (is_passed_over(candidate, is_any_answered)) continue;
    ++live;
    is_any_answered = is_any_answered || candidate.state == State::answered;
    const bool is_never_asked = candidate.state == State::unasked && requests_ >= maximum_lookup_requests;
    if (candidate.state != State::answered && !is_never_asked) return false;
  }
  return true;
}

// Who is late holds up a lookup only while it may still be the closest, or is to hold the value.
bool Lookup::is_passed_over(const Candidate& candidate, bool is_closer_answered) const noexcept {
  if (candidate.state == State::silent) return true;
  return candidate.state == State::late && is_closer_answered && reason_ != LookupReason::store;
}

const Candidate* Lookup::closest() const noexcept {
  const auto found = std::find_if(candidates_.begin(), candidates_.end(),
                                  [](const Candidate& candidate) { return candidate.state == State::answered; });
  return found == candidates_.end() ? nullptr : &*found;
}

Candidate* Lookup::find(const Contact& contact) noexcept {
  const auto found = std::find_if(candidates_.begin(), candidates_.end(),
                                  [&](const Candidate& candidate) { return candidate.contact == contact; });
  return found == candidates_.end() ? nullptr : &*found;
}

}  // namespace peerbed::kademlia
