#pragma once
// How a node holds values: what it does with each question about them, and with each change of its neighbours. It
// composes the store, the puts that this node owns, comparisons with others, repair, handover, and what is known of the
// past of the keys.
//
// Whoever calls it is a member, and has checked that keys lie on the ring and copies are intact. What is beyond it, it
// returns: an orphan whose owner is to be looked up, which end_search() is told of.

#include <optional>
#include <tuple>
#include <vector>

#include "protocols/ring/storage/accepted_puts.h"
#include "protocols/ring/storage/comparisons.h"
#include "protocols/ring/storage/handover.h"
#include "protocols/ring/storage/incarnations.h"
#include "protocols/ring/storage/knowledge.h"
#include "protocols/ring/storage/repair.h"
#include "protocols/ring/storage/storage_context.h"
#include "protocols/ring/storage/store.h"
#include "protocols/ring/wire/membership_messages.h"
#include "protocols/ring/wire/storage_messages.h"

namespace peerbed::ring {

class Storage {
 public:
  using Orphan = std::optional<Key>;

  const Store& store() const noexcept { return store_; }
  Store& store() noexcept { return store_; }

  // Puts and gets. Of a key that it owns, a node accepts puts; returns whether it did something for it.
  bool accept(const StorageContext& context, Address from, const Put& put) {
    return puts_.accept(context, store_, from, put);
  }
  void answer(const StorageContext& context, Address from, const Get& get) const;

  // Copies on their way between the holders of a value.
  void take(const StorageContext& context, Address from, const Replicate& copy);
  bool note_holder(const StorageContext& context, Address from, const Replicated& done);  // whether it counts
  Orphan note_delivery(const StorageContext& context, Address from, const Replicated& done);

  // Comparisons that another node began. Whether an offer has values that this node may have to keep:
  static bool may_keep(const Offer& offer, const RoutingTable& table) noexcept;
  void answer(const StorageContext& context, Address from, const Offer& offer);
  void answer(const StorageContext& context, Address from, const Compare& compare);

  // Answers in comparisons that this node began. They say of which process the peer is: if that is a new one, the
  // comparison has ended.
  Orphan take(const StorageContext& context, Address from, const Compared& answer);
  Orphan take(const StorageContext& context, Address from, const OfferAnswer& answer);

  // The neighbours changed, and with them the holders of the own values or the values that are owned. What holders have
  // said counts no more, nor does what they may yet answer to earlier questions.
  void begin_placement(const StorageContext& context);
  // Which process a neighbour is: what a peer that is another process than it was is known to hold counts no more. What
  // others say may be out of date; `direct` is what the peer says itself.
  void note_incarnation(const StorageContext& context, Contact peer, std::uint32_t incarnation, bool direct);
  void note_incarnations(const StorageContext& context, Contact peer, const Neighbours& answer);
  // Whether an answer tells a node anything that has heard of no incarnations yet.
  static bool may_note(const Neighbours& answer, const RoutingTable& table) noexcept;
  const Incarnations& incarnations() const noexcept { return incarnations_; }
  // A newcomer knows nothing of what was put before.
  void forget_past(Time now) noexcept { knowledge_.forget(now); }

  // Repair: the owner of values sees that all holders have them, and offers orphans to their owners. Begins a run;
  // returns false when there is nothing to do in it.
  bool begin_repair(const StorageContext& context);
  bool is_repair_hastened(Time now) const noexcept { return repair_.is_hastened(now); }
  struct HandedOver {
    bool is_any = false;  // of the values an orphan
    Orphan orphan{};
  };
  HandedOver hand_over(const StorageContext& context);
  void end_repair(const StorageContext& context, bool has_orphans);
  Orphan end_search(const StorageContext& context, Key orphan, Contact owner);  // nobody, when none was found

  // Before leaving everything goes to the next nodes, among which the holders of all of it will be.
  void begin_leaving(const StorageContext& context);
  bool goes_on_leaving(const StorageContext& context);  // false: all is with them, or they are silent
  Time leave_deadline() const noexcept { return repair_.leave_deadline(); }

  // Sends again what is overdue. Returns who stays silent, and is to be abandoned.
  std::vector<Contact> handle_overdue(const StorageContext& context);
  Orphan abandon(const StorageContext& context, Contact peer);
  Time earliest_deadline() const noexcept;

  auto fields() const { return std::tie(store_, puts_, comparisons_, repair_, handover_, knowledge_, incarnations_); }

 private:
  Comparisons::Holdings holdings() noexcept { return {store_, puts_, knowledge_}; }
  bool has_to_repair() const noexcept { return !store_.empty() || !knowledge_.informed(); }
  // Whether the answer is to a question of a comparison that goes on.
  bool expects(const StorageContext& context, Address from, QuestionContext asked, std::uint32_t incarnation);
  bool is_certain_of(const StorageContext& context, Key key, const StoredValue* value) const noexcept;
  Verdict::Want judge(const StorageContext& context, Address from, Offer::Purpose purpose, const Offered& offered);
  bool send_missing(const StorageContext& context, Address from, const Offer& offer) const;
  void offer_all(const StorageContext& context);
  void note_informed(const StorageContext& context) noexcept;
  Orphan follow(const StorageContext& context, const std::optional<Comparisons::Ended>& ended);
  Orphan follow(const StorageContext& context, Handover::Step step);

  Store store_;
  AcceptedPuts puts_;
  Comparisons comparisons_;  // one with each holder, and one with the owner of what this node gives up
  Repair repair_;
  Handover handover_;
  Knowledge knowledge_;
  Incarnations incarnations_;
};

}  // namespace peerbed::ring
