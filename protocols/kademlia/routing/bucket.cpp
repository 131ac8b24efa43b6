#include "protocols/kademlia/routing/bucket.h"

#include <algorithm>
#include <utility>

namespace peerbed::kademlia {

bool Bucket::has_place(const Options& options) const noexcept {
  return entries_.size() < options.bucket_size ||
         std::any_of(entries_.begin(), entries_.end(), [](const Entry& entry) { return entry.failures > 0; });
}

bool Bucket::note_answer(const Options& options, const Contact& contact, Time now, std::optional<Contact>& evicted) {
  if (const auto known = find(contact); known != entries_.end()) {
    known->heard = now;
    known->failures = 0;
    std::rotate(known, known + 1, entries_.end());
    return false;
  }
  // The identifier is known at another address: whoever is there now keeps it as long as it answers.
  const auto namesake = std::find_if(entries_.begin(), entries_.end(),
                                     [&](const Entry& entry) { return entry.contact.id == contact.id; });
  if (namesake != entries_.end() && !namesake->is_stale(options)) return false;
  if (namesake == entries_.end() && !has_place(options)) {
    cache(options, contact);
    return false;
  }
  std::erase(replacements_, contact);
  auto victim = namesake;
  if (victim == entries_.end() && entries_.size() >= options.bucket_size)
    victim = std::max_element(entries_.begin(), entries_.end(),
                              [](const Entry& one, const Entry& other) { return one.failures < other.failures; });
  if (victim != entries_.end()) {
    evicted = victim->contact;
    entries_.erase(victim);
  }
  entries_.push_back({.contact = contact, .heard = now});
  return true;
}

bool Bucket::note_request(const Contact& contact, Time now) noexcept {
  const auto known = find(contact);
  if (known == entries_.end()) return false;
  if (known->failures > 0) return true;
  known->heard = now;
  std::rotate(known, known + 1, entries_.end());
  return true;
}

void Bucket::cache(const Options& options, const Contact& contact) {
  if (options.replacement_cache == 0) return;
  std::erase_if(replacements_, [&](const Contact& other) { return other.id == contact.id; });
  if (replacements_.size() == options.replacement_cache) replacements_.erase(replacements_.begin());
  replacements_.push_back(contact);
}

bool Bucket::note_silence(const Contact& contact) noexcept {
  std::erase(replacements_, contact);
  const auto known = find(contact);
  if (known == entries_.end()) return false;
  if (known->failures < UINT8_MAX) ++known->failures;
  return true;
}

std::optional<Contact> Bucket::take_replacement() {
  if (replacements_.empty()) return std::nullopt;
  const Contact newest = replacements_.back();
  replacements_.pop_back();
  return newest;
}

void Bucket::erase(const Contact& contact) {
  std::erase(replacements_, contact);
  std::erase_if(entries_, [&](const Entry& entry) { return entry.contact == contact; });
}

std::vector<Entry>::iterator Bucket::find(const Contact& contact) noexcept {
  return std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.contact == contact; });
}

}  // namespace peerbed::kademlia
