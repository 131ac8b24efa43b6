#include "check/engine/visited_states.h"

#include "protocols/environment/contract.h"

namespace peerbed::check {

VisitedStates::VisitedStates() : index_(1024, 0) {}

StateNumber VisitedStates::find(const Fingerprint& fingerprint) const noexcept {
  const std::uint64_t tag = tag_of(fingerprint);
  for (std::size_t place = place_of(fingerprint); index_[place] != 0; place = (place + 1) & (index_.size() - 1)) {
    if ((index_[place] & tag_mask) != tag) continue;
    const auto number = static_cast<StateNumber>(index_[place]);
    if ((*this)[number].fingerprint == fingerprint) return number;
  }
  return no_state;
}

void VisitedStates::prefetch_entry(const Fingerprint& fingerprint) const noexcept {
  const std::uint64_t tag = tag_of(fingerprint);
  std::size_t place = place_of(fingerprint);
  while (index_[place] != 0 && (index_[place] & tag_mask) != tag) place = (place + 1) & (index_.size() - 1);
  if (index_[place] != 0) __builtin_prefetch(&(*this)[static_cast<StateNumber>(index_[place])]);
}

StateNumber VisitedStates::insert(const Entry& entry) {
  if (4 * (size_ + 1) > 3 * index_.size()) grow_index();
  const std::uint64_t tag = tag_of(entry.fingerprint);
  std::size_t place = place_of(entry.fingerprint);
  for (; index_[place] != 0; place = (place + 1) & (index_.size() - 1)) {
    if ((index_[place] & tag_mask) != tag) continue;
    const auto number = static_cast<StateNumber>(index_[place]);
    if ((*this)[number].fingerprint == entry.fingerprint) return number;
  }
  PEERBED_CONTRACT(size_ < no_state, "an exploration has fewer than 2^32 - 1 states");
  if (size_ % chunk_size == 0) chunks_.push_back(std::make_unique<Entry[]>(chunk_size));
  const auto number = static_cast<StateNumber>(size_++);
  chunks_[number / chunk_size][number % chunk_size] = entry;
  index_[place] = tag | number;
  return number;
}

void VisitedStates::grow_index() {
  const std::size_t size = index_.size() * 2;
  index_ = {};  // frees the old one first
  index_.assign(size, 0);
  for (std::size_t i = 0; i < size_; ++i) {
    const auto number = static_cast<StateNumber>(i);
    const Fingerprint& fingerprint = (*this)[number].fingerprint;
    std::size_t place = place_of(fingerprint);
    while (index_[place] != 0) place = (place + 1) & (size - 1);
    index_[place] = tag_of(fingerprint) | number;
  }
}

void VisitedStates::put(ExplorationWriter& file) const {
  file.put(std::uint64_t{size_});
  for (std::size_t i = 0; i < size_; ++i) file.put((*this)[static_cast<StateNumber>(i)]);
}

void VisitedStates::get(ExplorationReader& file) {
  *this = VisitedStates();
  std::uint64_t size = 0;
  file.get(size);
  for (std::uint64_t i = 0; i < size; ++i) {
    Entry entry;
    file.get(entry);
    if (insert(entry) != i) file.refuse("names a state twice");
  }
}

std::size_t VisitedStates::memory() const noexcept {
  return chunks_.size() * chunk_size * sizeof(Entry) + index_.size() * sizeof(std::uint64_t);
}

}  // namespace peerbed::check
