#include "protocols/kademlia/routing/routing_table.h"

#include <algorithm>

namespace peerbed::kademlia {
namespace {

// The closest contacts among all that it is shown.
class Closest {
 public:
  Closest(const Options& options, const Id& target, const Id& asker)
      : options_(options), target_(target), asker_(asker) {}

  bool is_full() const noexcept { return found_.size() == options_.bucket_size; }
  void take(const Bucket& bucket) {
    for (const Entry& entry : bucket.entries())
      if (!entry.is_stale(options_) && entry.contact.id != asker_) insert(entry.contact);
  }
  ContactList list() const {
    ContactList list;
    for (const Contact& contact : found_) list.add(contact);
    return list;
  }

 private:
  void insert(const Contact& contact) {
    if (is_full()) {
      if (!is_closer(contact.id, found_.back().id, target_)) return;
      found_.pop_back();
    }
    const auto place = std::upper_bound(
        found_.begin(), found_.end(), contact,
        [this](const Contact& one, const Contact& other) { return is_closer(one.id, other.id, target_); });
    found_.insert(place, contact);
  }

  const Options& options_;
  Id target_;
  Id asker_;
  std::vector<Contact> found_;
};

}  // namespace

RoutingTable RoutingTable::converged(const Options& options, std::span<const Contact> members, std::size_t own_index,
                                     KeyedStream draws) {
  RoutingTable table(members[own_index].id);
  std::span<const Contact> subtree = members;  // those that share the first bits of the current bucket
  for (unsigned prefix = 0; prefix < id_bits && subtree.size() > 1; ++prefix) {
    const auto middle = std::partition_point(subtree.begin(), subtree.end(),
                                             [prefix](const Contact& member) { return !bit(member.id, prefix); });
    const auto zeros = subtree.first(static_cast<std::size_t>(middle - subtree.begin()));
    const auto ones = subtree.subspan(zeros.size());
    const bool own_bit = bit(table.self_, prefix);
    const std::span<const Contact> others = own_bit ? zeros : ones;
    subtree = own_bit ? ones : zeros;
    Bucket& bucket = table.buckets_.emplace_back();
    std::vector<std::size_t> chosen;  // by Floyd's algorithm: distinct, and each set is as likely as any other
    const std::size_t count = std::min(options.bucket_size, others.size());
    for (std::size_t i = others.size() - count; i < others.size(); ++i) {
      const auto drawn = static_cast<std::size_t>(draws.below(i + 1));
      chosen.push_back(std::find(chosen.begin(), chosen.end(), drawn) == chosen.end() ? drawn : i);
    }
    std::optional<Contact> evicted;
    for (const std::size_t index : chosen) bucket.note_answer(options, others[index], time_zero, evicted);
  }
  return table;
}

std::size_t RoutingTable::size() const noexcept {
  std::size_t count = 0;
  for (const Bucket& bucket : buckets_) count += bucket.entries().size();
  return count;
}

RoutingTable::Answer RoutingTable::note_answer(const Options& options, const Contact& contact, Time now) {
  Answer answer;
  const std::size_t index = common_prefix(self_, contact.id);
  if (index == id_bits) return answer;
  if (index >= buckets_.size()) buckets_.resize(index + 1);
  answer.is_new = buckets_[index].note_answer(options, contact, now, answer.evicted);
  return answer;
}

std::optional<Contact> RoutingTable::note_request(const Options& options, const Contact& contact, Time now) {
  if (contact.id == self_) return std::nullopt;
  Bucket* const bucket = bucket_of(contact.id);
  if (bucket == nullptr) return contact;
  if (bucket->note_request(contact, now)) return std::nullopt;
  if (bucket->has_place(options)) return contact;
  bucket->cache(options, contact);
  const Entry& oldest = bucket->entries().front();
  if (now - oldest.heard < options.ping_after) return std::nullopt;
  return oldest.contact;
}

std::optional<Contact> RoutingTable::note_silence(const Contact& contact) {
  Bucket* const bucket = bucket_of(contact.id);
  if (bucket == nullptr || !bucket->note_silence(contact)) return std::nullopt;
  return bucket->take_replacement();
}

void RoutingTable::erase(const Contact& contact) {
  if (Bucket* const bucket = bucket_of(contact.id)) bucket->erase(contact);
}

// From the target's own bucket outwards. All contacts of the deeper buckets share one bit more with this node than with
// the target, so that they come next, mixed; then the others, one bucket at a time.
ContactList RoutingTable::closest(const Options& options, const Id& target, const Id& asker) const {
  Closest closest(options, target, asker);
  const std::size_t own = std::min<std::size_t>(common_prefix(self_, target), buckets_.size());
  if (own < buckets_.size()) closest.take(buckets_[own]);
  if (!closest.is_full())
    for (std::size_t i = own + 1; i < buckets_.size(); ++i) closest.take(buckets_[i]);
  for (std::size_t i = own; i > 0 && !closest.is_full(); --i) closest.take(buckets_[i - 1]);
  return closest.list();
}

std::size_t RoutingTable::neighbourhood(const Options& options) const noexcept {
  std::size_t first = buckets_.size();
  std::size_t count = 0;
  while (first > 0 && (count += buckets_[first - 1].entries().size()) <= options.bucket_size) --first;
  return first;
}

void RoutingTable::note_lookup(const Options& options, const Id& target, Time now) {
  const std::size_t index = std::min<std::size_t>(common_prefix(self_, target), neighbourhood(options));
  if (index < buckets_.size()) buckets_[index].note_lookup(now);
}

std::optional<RoutingTable::Refresh> RoutingTable::next_refresh(const Options& options) const noexcept {
  std::optional<Refresh> next;
  const std::size_t nearest = neighbourhood(options);
  for (std::size_t i = 0; i < std::min(nearest + 1, buckets_.size()); ++i) {
    const Time due = buckets_[i].looked_up() + options.refresh_period;
    if (!next || due < next->due) next = Refresh{static_cast<unsigned>(i), i == nearest, due};
  }
  return next;
}

void RoutingTable::stagger(const std::function<Time()>& looked_up) {
  for (Bucket& bucket : buckets_) bucket.note_lookup(looked_up());
}

Bucket* RoutingTable::bucket_of(const Id& id) noexcept {
  const std::size_t index = common_prefix(self_, id);
  return index < buckets_.size() ? &buckets_[index] : nullptr;
}

}  // namespace peerbed::kademlia
