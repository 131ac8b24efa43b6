#pragma once
// Letters, which replace the original's TCP connections: datagrams that are repeated until their receiver confirms
// them, and that the receiver takes once.

#include <algorithm>
#include <cstdint>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "protocols/environment/address.h"
#include "protocols/environment/codec.h"
#include "protocols/environment/random.h"
#include "protocols/environment/time.h"

namespace peerbed::coursework {

struct Letter {
  std::uint32_t id = 0;
  Address to{};  // unset: to whichever node is the first successor when it is sent
  std::vector<std::byte> bytes{};
  Time deadline{};
  std::uint8_t attempts = 0;
  auto fields() const { return std::tie(id, to, bytes, deadline, attempts); }
};

class Letters {
 public:
  static constexpr std::size_t maximum_outbox = 256;
  static constexpr std::size_t maximum_seen = 128;

  // Ids begin anywhere, so that those of a former process of this host are not taken for this one's.
  void begin_ids(std::uint32_t id) noexcept { last_id_ = id; }
  std::uint32_t next_id() noexcept { return ++last_id_; }

  // The letter, yet to be sent; null when there are too many.
  Letter* add(std::uint32_t id, Address to, Bytes bytes);
  // Whether one with that id was waiting; it does so no longer.
  bool confirm(std::uint32_t id);
  std::span<Letter> waiting() noexcept { return outbox_; }
  std::span<const Letter> waiting() const noexcept { return outbox_; }
  // Discards those that were given no attempts.
  void discard_given_up();

  // Whether a letter that came from there has not been seen before.
  bool is_new(Address from, std::uint32_t id);
  const std::vector<std::pair<Address, std::uint32_t>>& seen() const noexcept { return seen_; }
  void forget_seen() noexcept { seen_.clear(); }

  auto fields() const { return std::tie(last_id_, outbox_, seen_); }

  // For a checker (check/canonical/questions.h). `visit` visits the bytes of a letter.
  static std::uint64_t mark_of(Address from, std::uint32_t id) noexcept { return key_of(from.value, id); }
  template <class Visitor, class Visit>
  void visit_questions(Visitor& visitor, const Visit& visit) {
    for (Letter& letter : outbox_) {
      visitor.carried(letter.id);
      visit(letter);
    }
    std::vector<std::pair<Address, std::uint32_t>> kept;
    for (const auto& [from, id] : seen_)
      if (const auto recalled = visitor.recall(mark_of(from, id))) kept.emplace_back(from, recalled->id);
    if constexpr (Visitor::renames) {
      std::sort(kept.begin(), kept.end());
      seen_ = std::move(kept);
    }
    visitor.number_after(last_id_, 1);
  }

 private:
  std::uint32_t last_id_ = 0;
  std::vector<Letter> outbox_;
  std::vector<std::pair<Address, std::uint32_t>> seen_;
};

}  // namespace peerbed::coursework
