#include "protocols/environment/ipv6_book.h"

#include <algorithm>

#include "protocols/environment/hash.h"
#include "protocols/environment/random.h"

namespace peerbed {

namespace {

constexpr std::size_t maximum_attempts = 8;
constexpr std::uint64_t name_mask = (std::uint64_t{1} << Ipv6Book::name_bits) - 1;

std::uint64_t hash_of(const Ipv6Host& host) noexcept { return hash_bytes(std::as_bytes(std::span(host))) & name_mask; }

}  // namespace

Ipv6Book& Ipv6Book::of_process() {
  static Ipv6Book book;
  return book;
}

void Ipv6Book::set_secret(std::uint64_t secret) {
  const std::lock_guard lock(mutex_);
  if (entries_.empty()) secret_ = secret;
}

// Of hosts whose hashes are the same each takes the next name; the last of them displaces whoever has it.
std::uint64_t Ipv6Book::name_of(const Ipv6Host& host) {
  const std::lock_guard lock(mutex_);
  if (entries_.empty()) entries_.resize(maximum_hosts);
  std::uint64_t name = hash_of(host);
  for (std::size_t attempt = 1;; ++attempt, name = (name + 1) & name_mask) {
    Entry* const set = set_of(name);
    const Entry* const known = find(set, name);
    if (known != nullptr && known->host == host) return name;
    if (known != nullptr && attempt < maximum_attempts) continue;
    if (known == nullptr) std::rotate(set, set + ways - 1, set + ways);
    *set = {name, host};
    return name;
  }
}

std::optional<Ipv6Host> Ipv6Book::host_of(std::uint64_t name) {
  const std::lock_guard lock(mutex_);
  if (entries_.empty()) return std::nullopt;
  const Entry* const known = find(set_of(name), name);
  return known == nullptr ? std::nullopt : std::optional(known->host);
}

Ipv6Book::Entry* Ipv6Book::set_of(std::uint64_t name) noexcept {
  return &entries_[to_below(mix(name ^ secret_), sets) * ways];
}

Ipv6Book::Entry* Ipv6Book::find(Entry* set, std::uint64_t name) noexcept {
  Entry* const found = std::find_if(set, set + ways, [&](const Entry& one) { return one.name == name; });
  if (found == set + ways) return nullptr;
  std::rotate(set, found, found + 1);
  return set;
}

}  // namespace peerbed
