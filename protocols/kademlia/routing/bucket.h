#pragma once
// One bucket of a routing table: up to k contacts, the least recently heard first, and a replacement cache of contacts
// that wait for a place. A contact that has answered lately is never pushed out by a newcomer, since nodes that have
// been up for long are likely to stay up (Maymounkov and Mazieres 2002, section 2.2).

#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/environment/time.h"
#include "protocols/kademlia/base/contact.h"
#include "protocols/kademlia/base/options.h"

namespace peerbed::kademlia {

struct Entry {
  Contact contact{};
  Time heard{};               // last
  std::uint8_t failures = 0;  // requests in a row that it left unanswered

  bool is_stale(const Options& options) const noexcept { return failures >= options.stale_after; }
  auto fields() const { return std::tie(contact, heard, failures); }
};

class Bucket {
 public:
  std::span<const Entry> entries() const noexcept { return entries_; }              // least recently heard first
  std::span<const Contact> replacements() const noexcept { return replacements_; }  // the oldest first

  // Whether a newcomer would get a place at once: there is room, or a contact to replace that left a request
  // unanswered.
  bool has_place(const Options& options) const noexcept;

  // The contact has answered, and so is who it says it is. True if it is new in the bucket; `evicted` is then the
  // contact that gave it its place, if one did. Without a place for it, it waits in the cache.
  bool note_answer(const Options& options, const Contact& contact, Time now, std::optional<Contact>& evicted);
  // The contact has asked something. True if it is in the bucket. The sender of a request may be forged, so that
  // failures are not forgiven, and another address for a known identifier counts for nothing.
  bool note_request(const Contact& contact, Time now) noexcept;
  // Remembers a contact that wants a place; the oldest one gives way.
  void cache(const Options& options, const Contact& contact);
  // The contact left a request unanswered. True if it is in the bucket, and so gives its place to one that answers.
  bool note_silence(const Contact& contact) noexcept;
  // Takes the newest contact out of the cache.
  std::optional<Contact> take_replacement();
  // Somebody else answered in its place.
  void erase(const Contact& contact);

  // When something in the bucket's range was last looked up.
  Time looked_up() const noexcept { return looked_up_; }
  void note_lookup(Time now) noexcept { looked_up_ = now; }

  auto fields() const { return std::tie(entries_, replacements_, looked_up_); }

 private:
  std::vector<Entry>::iterator find(const Contact& contact) noexcept;

  std::vector<Entry> entries_;
  std::vector<Contact> replacements_;
  Time looked_up_{};
};

}  // namespace peerbed::kademlia
