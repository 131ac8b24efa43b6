#pragma once
// All that a node knows of others: bucket i holds contacts that share exactly their first i bits with it. At most 160
// buckets of `bucket_size` contacts, and a replacement cache for each. Only contacts that have answered this node are
// in a bucket.

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/environment/random.h"
#include "protocols/kademlia/routing/bucket.h"
#include "protocols/kademlia/wire/messages.h"

namespace peerbed::kademlia {

class RoutingTable {
 public:
  explicit RoutingTable(const Id& self) noexcept : self_(self) {}
  // The table of the own_index-th of `members`, which are sorted: each bucket holds as many members as it can, drawn
  // among those in its range.
  static RoutingTable converged(const Options& options, std::span<const Contact> members, std::size_t own_index,
                                KeyedStream draws);

  const Id& self() const noexcept { return self_; }
  std::span<const Bucket> buckets() const noexcept { return buckets_; }  // up to the last one that was ever used
  std::size_t size() const noexcept;                                     // contacts in buckets
  bool empty() const noexcept { return size() == 0; }

  // What happened to a contact that has answered.
  struct Answer {
    bool is_new = false;
    std::optional<Contact> evicted;
  };
  Answer note_answer(const Options& options, const Contact& contact, Time now);

  // Whom to ping because a contact, perhaps a new one, sent a request: the newcomer itself if it would get a place, or
  // else the least recently heard contact of its bucket if that has been silent for `ping_after`.
  std::optional<Contact> note_request(const Options& options, const Contact& contact, Time now);

  // Whom to ping because the contact left a request unanswered: a contact that waits for its place.
  std::optional<Contact> note_silence(const Contact& contact);
  void erase(const Contact& contact);

  // The contacts that are closest to the target, closest first: at most bucket_size, and none that are stale or the
  // asker.
  ContactList closest(const Options& options, const Id& target, const Id& asker) const;

  // A bucket's range counts as looked up when anything in it was. The last buckets, which together hold no more than
  // one bucket may, are one range: this node's neighbourhood, which is refreshed by a lookup of the node itself.
  void note_lookup(const Options& options, const Id& target, Time now);
  struct Refresh {
    unsigned bucket = 0;
    bool is_neighbourhood = false;  // from this bucket on
    Time due{};
  };
  // The range to refresh first; nothing if nobody is known.
  std::optional<Refresh> next_refresh(const Options& options) const noexcept;
  // Sets anew when each bucket's range was last looked up.
  void stagger(const std::function<Time()>& looked_up);

  auto fields() const { return std::tie(self_, buckets_); }

 private:
  // Null if it was never used.
  Bucket* bucket_of(const Id& id) noexcept;
  std::size_t neighbourhood(const Options& options) const noexcept;  // its first bucket

  Id self_;
  std::vector<Bucket> buckets_;
};

}  // namespace peerbed::kademlia
