#include "protocols/environment/ipv6_book.h"

#include <algorithm>

#include "protocols/environment/hash.h"
#include "protocols/environment/random.h"

namespace peerbed {

namespace {

constexpr std::size_t maximum_attempts = 8;
constexpr std::uint64_t name_mask = (std::uint64_t{1} << Ipv6Book::name_bits) - 1;

}  // namespace

Ipv6Book& Ipv6Book::of_process() {
  static Ipv6Book book;
  return book;
}

void Ipv6Book::set_secret(std::uint64_t secret) {
  const std::lock_guard lock(mutex_);
  if (entries_.empty()) secret_ = secret;
}

std::optional<std::uint64_t> Ipv6Book::name_of(const Ipv6Host& host) { return enter(host, false); }

std::optional<std::uint64_t> Ipv6Book::name_of_heard(const Ipv6Host& host) { return enter(host, true); }

// Hosts with the same hash take consecutive names. A name is never taken from the host that has it.
std::optional<std::uint64_t> Ipv6Book::enter(const Ipv6Host& host, bool is_heard) {
  const std::lock_guard lock(mutex_);
  if (entries_.empty()) entries_.resize(maximum_hosts);
  const std::uint64_t hash = hash_bytes(std::as_bytes(std::span(host)), secret_);
  for (std::size_t attempt = 0; attempt < maximum_attempts; ++attempt) {
    const std::uint64_t name = (hash + attempt) & name_mask;
    Entry* const set = set_of(name);
    Entry* const entry = entry_for(set, name);
    if (entry->name == name && entry->host != host) continue;
    *entry = {name, host};
    if (is_heard) std::rotate(set, entry, entry + 1);
    return name;
  }
  return std::nullopt;
}

std::optional<Ipv6Host> Ipv6Book::host_of(std::uint64_t name) {
  const std::lock_guard lock(mutex_);
  if (entries_.empty()) return std::nullopt;
  const Entry* const entry = entry_for(set_of(name), name);
  return entry->name == name ? std::optional(entry->host) : std::nullopt;
}

Ipv6Book::Entry* Ipv6Book::set_of(std::uint64_t name) noexcept {
  return &entries_[to_below(mix(name ^ secret_), sets) * ways];
}

Ipv6Book::Entry* Ipv6Book::entry_for(Entry* set, std::uint64_t name) noexcept {
  Entry* const end = set + ways;
  Entry* found = std::find_if(set, end, [&](const Entry& one) { return one.name == name; });
  if (found == end) found = std::find_if(set, end, [](const Entry& one) { return one.name == UINT64_MAX; });
  return found == end ? end - 1 : found;
}

}  // namespace peerbed
