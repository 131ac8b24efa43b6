#pragma once
// The IPv6 hosts that this process knows, by names of 46 bits. A name is a hash of the host, so that it does not depend
// on whom the process met before. The book is bounded, and those that were heard outlast those that were only told of:
// whoever sends lists of hosts can displace no host that talks to us.

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
  static constexpr std::size_t maximum_hosts = 131'072;  // 3 MiB, taken when the first host is named

  // Shared by all nodes of the process and by its threads.
  static Ipv6Book& of_process();

  // What names depend on, so that nobody can make up hosts that share one. It has no effect once a host has a name. A
  // simulation sets none, and so has the same names in every run.
  void set_secret(std::uint64_t secret);

  // Nothing when other hosts have all the names that this one may get, which chance alone does not bring about.
  std::optional<std::uint64_t> name_of(const Ipv6Host& host);
  // Of a host that is there: it received what was sent to it, and answered.
  std::optional<std::uint64_t> name_of_heard(const Ipv6Host& host);
  // Nothing when no host has that name, or it gave way to others.
  std::optional<Ipv6Host> host_of(std::uint64_t name);

 private:
  // A set has the hosts heard last at its front; one that was only told of takes a free place, or else the last one.
  static constexpr std::size_t ways = 8;
  static constexpr std::size_t sets = maximum_hosts / ways;
  struct Entry {
    std::uint64_t name = UINT64_MAX;  // no name is so large: it is free
    Ipv6Host host{};
  };
  std::optional<std::uint64_t> enter(const Ipv6Host& host, bool is_heard);
  Entry* set_of(std::uint64_t name) noexcept;
  // The entry of that name, or the one to be overwritten for it.
  static Entry* place_of(Entry* set, std::uint64_t name) noexcept;

  std::mutex mutex_;
  std::vector<Entry> entries_;  // set after set
  std::uint64_t secret_ = 0;
};

}  // namespace peerbed
