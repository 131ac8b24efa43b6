#pragma once
// What a node knows of the ring: how far it is a member itself, its predecessor, its successors and its fingers.
//
// It keeps one predecessor, at most `successor_list_length` successors and a finger for each power of two. Successors
// and fingers are in clockwise order from the node, and none of them is the node itself. Contacts that others name are
// to be checked before they come in here: their keys lie on the ring. A node without neighbours that is a member owns
// all keys; one that is no member owns its own key at most.

#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/environment/codec.h"
#include "protocols/environment/time.h"
#include "protocols/ring/base/compact_vector.h"
#include "protocols/ring/base/contact.h"
#include "protocols/ring/base/key_range.h"
#include "protocols/ring/base/options.h"
#include "protocols/ring/routing/finger_table.h"

namespace peerbed::ring {

enum class Stage : std::uint8_t {
  joining,  // looks for its place
  member,
  guest,    // asks members, and never becomes one
  cut_off,  // was a member and lost all successors; looks for its place again
  leaving,  // a member that is handing over its values
  gone,
};

class RoutingTable {
 public:
  // What a new list of successors changed.
  struct Change {
    bool head = false;     // there is another first successor
    bool holders = false;  // others are to hold the own values
  };

  explicit RoutingTable(Key self) noexcept : self_(self) {}
  // That of the own_index-th member of an ideal ring: `members` holds all of them in order of keys.
  static RoutingTable converged(const Options& options, std::span<const Contact> members, std::size_t own_index);

  const Key& self() const noexcept { return self_; }
  const Stage& stage() const noexcept { return stage_; }
  void set_stage(Stage stage) noexcept { stage_ = stage; }
  bool is_member() const noexcept { return stage_ == Stage::member || stage_ == Stage::leaving; }
  bool is_alone() const noexcept { return is_member() && successors_.empty() && !predecessor_; }

  // ---- neighbours --------------------------------------------------------------------------------------------------
  const Contact& predecessor() const noexcept { return predecessor_; }  // nobody when unknown
  const Time& predecessor_heard() const noexcept { return predecessor_heard_; }
  void set_predecessor(Contact predecessor, Time now) noexcept;
  void note_predecessor_heard(Time now) noexcept { predecessor_heard_ = now; }
  void forget_predecessor() noexcept { predecessor_ = {}; }

  // Fewer than asked for in a small ring, none when alone.
  const CompactVector<Contact>& successors() const noexcept { return successors_; }
  // Whether a contact would be a better first successor, were it alive.
  bool precedes_head(Contact contact) const noexcept;
  // Zave's update: the list becomes `head` followed by its own list, as far as that goes clockwise and does not reach
  // this node again. Contacts that lie nowhere on the ring end it.
  Change adopt(const Options& options, Contact head, std::span<const Contact> following);
  Change drop_successor(const Options& options, Contact successor);
  // The nodes that hold the own values besides this one, or that will, when it has left.
  std::span<const Contact> replica_holders(const Options& options) const noexcept;

  // ---- fingers -----------------------------------------------------------------------------------------------------
  const FingerTable& fingers() const noexcept { return fingers_; }
  void assign_finger(const Options& options, unsigned exponent, Contact found) {
    fingers_.assign(KeySpace(options.key_bits), self_, exponent, found);
  }
  void forget_finger(Contact contact) { fingers_.remove(contact); }
  // How many fingers lie beyond the first successor: those nearer are that successor.
  unsigned useful_fingers(const Options& options) const noexcept;
  // The exponent of the finger whose turn it is, of the useful ones; the next call gives the next one.
  unsigned take_finger_to_fix(const Options& options) noexcept;
  const std::uint8_t& next_finger() const noexcept { return next_finger_; }

  // ---- the way to a key --------------------------------------------------------------------------------------------
  bool owns_key(Key key) const noexcept {
    return key == self_ || is_alone() || (predecessor_ && between(predecessor_.key, key, self_));
  }
  bool knows_own_range() const noexcept { return predecessor_ || is_alone(); }
  KeyRange own_range() const noexcept { return {predecessor_ ? predecessor_.key : self_, self_}; }
  // The contact closest before `limit`, which no key between this node and `limit` can be lost by; nobody when none is
  // known.
  Contact closest_preceding(const Options& options, Key limit) const noexcept;
  // Whether the key lies before a successor: the first one, or any when all of them are used for routing.
  bool knows_owner_of(const Options& options, Key key) const noexcept;
  // The first successor after `limit` that lies at the key or beyond it; nobody when none does.
  Contact next_owner(Key key, Key limit) const noexcept;
  // The successors that lie at the key or beyond it: as far as this node knows, its owner and the next holders.
  std::span<const Contact> known_holders(Key key) const noexcept;
  // The logarithm of the number of members, rounded up, as the distances between the successors suggest it.
  unsigned ring_size_bits(const Options& options) const noexcept;

  // Hints that the table will be used.
  void prefetch(const Options& options) const noexcept {
    successors_.prefetch(options.successor_list_length);
    fingers_.prefetch();
  }

  // What another process may see: all but when the predecessor was heard, and whose turn it is.
  void append_visible_state(std::vector<std::byte>& out) const;
  bool take_visible_state(Bytes& bytes);

 private:
  Change replace_successors(const Options& options, std::span<const Contact> successors);

  // In order of use.
  Key self_;
  Contact predecessor_;
  FingerTable fingers_;
  CompactVector<Contact> successors_;
  Time predecessor_heard_ = Time::min();
  Stage stage_ = Stage::joining;
  std::uint8_t next_finger_ = 0;  // the exponent to be fixed next
};

}  // namespace peerbed::ring
