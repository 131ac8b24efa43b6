#pragma once
// The IPv6 hosts that this process has met, by names of 46 bits. A host's name is a hash of it, the same in every
// process and whatever was met before, so that a replay sees the same addresses. The book is bounded: the host not met
// or written to for longest gives way, and gets the same name again when it is met anew.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "protocols/environment/address.h"

namespace peerbed {

class Ipv6Book {
 public:
  static constexpr unsigned name_bits = 46;
  static constexpr std::size_t maximum_hosts = 131'072;  // 3 MiB, taken when the first host is met

  // Shared by all nodes of the process and by its threads.
  static Ipv6Book& of_process();

  // What decides which hosts displace one another, so that nobody can choose whom to displace. It has no effect once a
  // host has been met. A simulation needs none.
  void set_secret(std::uint64_t secret);
  std::uint64_t name_of(const Ipv6Host& host);
  // Nothing when no host has that name, or it gave way to others.
  std::optional<Ipv6Host> host_of(std::uint64_t name);

 private:
  // Names that share a set give way to one another.
  static constexpr std::size_t ways = 8;
  static constexpr std::size_t sets = maximum_hosts / ways;
  struct Entry {
    std::uint64_t name = UINT64_MAX;  // no name is so large: it is free
    Ipv6Host host{};
  };
  Entry* set_of(std::uint64_t name) noexcept;
  // The entry of that name, now the first of its set; null when there is none.
  static Entry* find(Entry* set, std::uint64_t name) noexcept;

  std::mutex mutex_;
  std::vector<Entry> entries_;  // set after set; in each, the one used last is first
  std::uint64_t secret_ = 0;
};

}  // namespace peerbed
