#pragma once
// Comparisons: two nodes make their copies of a range alike. The one that began asks; where digests differ it asks for
// those of parts, down to parts with few values, which it offers one by one. A few questions are under way at a time,
// so that values move as fast as they are confirmed and no faster; copies that are alike cost one question in all.
//
// There is at most one comparison with each peer for each purpose, with at most maximum_questions under way. The caller
// begins comparisons with holders anew when they change, and acts on what has ended.

#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "protocols/ring/base/key_range.h"
#include "protocols/ring/storage/accepted_puts.h"
#include "protocols/ring/storage/knowledge.h"
#include "protocols/ring/storage/storage_context.h"
#include "protocols/ring/storage/store.h"
#include "protocols/ring/wire/storage_messages.h"

namespace peerbed::ring {

constexpr std::size_t maximum_questions = 4;  // of one comparison at a time
constexpr std::size_t maximum_ranges = 256;   // that a comparison has yet to look at; it begins again for more

// A question of a comparison: about a range's parts, or an offer of its values.
struct RangeQuestion {
  std::uint32_t id = 0;
  KeyRange range;
  std::uint32_t change = 0;  // the store's count of changes at that time
  Time deadline;
  std::uint8_t attempts = 0;
  std::uint8_t awaited = 0;  // values that were asked for, sent, and not confirmed yet
  bool is_whole = false;     // about all of the own keys
  bool is_offer = false;
  bool is_answered = false;
  auto fields() const {
    return std::tie(id, range, change, deadline, attempts, awaited, is_whole, is_offer, is_answered);
  }
};

// A comparison with another node. It looks closer only where they differ.
struct Comparison {
  Contact peer;
  Offer::Purpose purpose{};
  std::uint8_t rounds = 0;
  bool begun = false;            // this round
  bool differs = false;          // something did, in this round
  Contact next;                  // who owns what follows the values that the peer owns
  std::vector<KeyRange> ranges;  // yet to be looked at, the next one last
  std::vector<RangeQuestion> asked;
  auto fields() const { return std::tie(peer, purpose, rounds, begun, differs, next, ranges, asked); }
};

class Comparisons {
 public:
  struct Ended {
    Offer::Purpose purpose{};
    Contact peer;
    Contact next;           // of a hand-off: who owns what follows, as far as the peer knows
    bool is_alike = false;  // nothing differed any more
  };
  struct Progress {
    bool is_informed = false;  // the peer knows of every put to the own keys that was acknowledged
    std::optional<Ended> ended{};
  };

  // What is compared, and completed on the way.
  struct Holdings {
    Store& store;
    AcceptedPuts& puts;
    const Knowledge& knowledge;
  };

  // Compares the range, unless a comparison with that peer for that purpose is under way.
  std::optional<Ended> start(const StorageContext& context, const Holdings& holdings, Contact peer,
                             Offer::Purpose purpose, KeyRange range);
  // The peer that was asked this question; nothing when none was asked, or its answer has come.
  std::optional<Contact> peer_of(Address from, std::uint32_t question) const noexcept;
  // Answers, and the news that a value has arrived which the question led to.
  Progress take(const StorageContext& context, const Holdings& holdings, Address from, const Compared& answer);
  std::optional<Ended> take(const StorageContext& context, const Holdings& holdings, Address from,
                            const OfferAnswer& answer);
  std::optional<Ended> note_delivery(const StorageContext& context, const Holdings& holdings, Address from,
                                     std::uint32_t question);

  // Asks again. Returns who stays silent: they are to be abandoned, and left to the next repair run, when they may have
  // been found dead.
  std::vector<Contact> handle_overdue(const StorageContext& context, const Holdings& holdings);
  bool abandon(Contact peer);  // returns whether values were handed off to it
  void abandon_holders();
  bool is_handing_off() const noexcept;

  std::size_t size() const noexcept { return comparisons_.size(); }
  Time earliest_deadline() const noexcept;

  auto fields() const { return std::tie(comparisons_); }

 private:
  std::optional<Ended> proceed(const StorageContext& context, const Holdings& holdings, Comparison& comparison);
  std::optional<Ended> end(const StorageContext& context, const Holdings& holdings, Comparison& comparison);
  std::optional<Ended> end_question(const StorageContext& context, const Holdings& holdings, Comparison& comparison,
                                    std::uint32_t id);

  std::vector<Comparison> comparisons_;
};

}  // namespace peerbed::ring
