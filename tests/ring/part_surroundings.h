#pragma once
// What a node lends its parts, for tests that drive a part alone: time, options, neighbours, and a record of the
// effects.

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocols/ring/base/trace.h"
#include "protocols/ring/requests/request_context.h"
#include "protocols/ring/storage/storage_context.h"
#include "protocols/ring/wire/messages.h"

namespace peerbed::ring {

constexpr Contact contact_at(std::uint64_t key) {
  return {Key{key}, Address::ipv4(static_cast<std::uint32_t>(key), 1)};
}

// A member at key 100 whose predecessor is at 50, with successors at 200, 300 and 400. The first two hold its values.
class PartSurroundings {
 public:
  template <class Sent>
  struct Letter {
    Address to;
    Sent message;
  };

  Options options;
  Time now = time_zero + std::chrono::hours(1);
  Contact predecessor = contact_at(50);
  std::vector<Contact> successors = {contact_at(200), contact_at(300), contact_at(400)};
  bool is_member = true;
  Key self{100};
  RttTracker rtt;
  QuestionIds ids;
  DeadlineTimer deadlines;
  RetryBudget retry_budget;

  Context context() {
    environment_.emplace(now, contact_at(self.value).address, 1, draws_, effects_);
    return {*environment_, options, self, rtt, ids, deadlines};
  }
  // The clock of stamps counts like that of the host.
  StorageContext storage_context() {
    table_.emplace(self);
    if (is_member) table_->set_stage(Stage::member);
    if (predecessor) table_->set_predecessor(predecessor, now);
    if (!successors.empty()) table_->adopt(options, successors.front(), std::span(successors).subspan(1));
    return {context(), *table_, clock(), 7};
  }
  RequestContext request_context() { return {context(), retry_budget, clock(), 7}; }
  std::uint64_t clock() const { return static_cast<std::uint64_t>((now - time_zero).count()); }

  // The messages of this type that were sent since they were last forgotten.
  template <class Sent>
  std::vector<Letter<Sent>> sent() {
    std::vector<Letter<Sent>> letters;
    for (const Effect& effect : effects_.all()) {
      if (effect.kind != EffectKind::send_datagram) continue;
      const Bytes bytes = effects_.bytes_of(effect);
      payloads_.emplace_back(bytes.begin(), bytes.end());
      const auto message = decode(payloads_.back());
      if (message && std::holds_alternative<Sent>(*message))
        letters.push_back({Address{effect.argument}, std::get<Sent>(*message)});
    }
    return letters;
  }
  std::size_t count_of(EffectKind kind) const {
    return static_cast<std::size_t>(std::count_if(effects_.all().begin(), effects_.all().end(),
                                                  [kind](const Effect& effect) { return effect.kind == kind; }));
  }
  std::size_t count_of(TraceEvent event) const {
    return static_cast<std::size_t>(
        std::count_if(effects_.all().begin(), effects_.all().end(), [event](const Effect& effect) {
          return effect.kind == EffectKind::trace && effect.number == index_of(event);
        }));
  }
  // The bytes of the latest effect of this kind.
  std::vector<std::byte> latest(EffectKind kind) const {
    std::vector<std::byte> result;
    for (const Effect& effect : effects_.all()) {
      const Bytes bytes = effects_.bytes_of(effect);
      if (effect.kind == kind) result.assign(bytes.begin(), bytes.end());
    }
    return result;
  }
  void forget_effects() { effects_.clear(); }

 private:
  DrawCounts draws_{};
  Effects effects_;
  std::optional<Environment> environment_;
  std::optional<RoutingTable> table_;
  std::deque<std::vector<std::byte>> payloads_;  // which decoded messages refer to
};

inline std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {bytes.begin(), bytes.end()};
}

}  // namespace peerbed::ring
