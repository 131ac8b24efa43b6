#pragma once
// The IPv6 hosts that this process knows, under names of 46 bits. A name is a hash of the host, so it does not depend
// on which hosts the process met before. The book is bounded, and hosts that were heard outlast those that were only
// mentioned: a peer that sends lists of hosts can displace no host that talks to us.

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

  // Keys the names, so that nobody can construct hosts that collide. Has no effect once a host has a name. A simulation
  // sets no secret, and so has the same names in every run.
  void set_secret(std::uint64_t secret);

  // Nothing if other hosts have all the names that this one may get, which does not happen by chance.
  std::optional<std::uint64_t> name_of(const Ipv6Host& host);
  // The same for a host that has proved to be there: it received what was sent to it, and answered.
  std::optional<std::uint64_t> name_of_heard(const Ipv6Host& host);
  // Nothing if no host has that name, or if its host was displaced.
  std::optional<Ipv6Host> host_of(std::uint64_t name);

 private:
  // Each set begins with the hosts heard last; one that was only mentioned takes a free entry, or else the last one.
  static constexpr std::size_t ways = 8;
  static constexpr std::size_t sets = maximum_hosts / ways;
  struct Entry {
    std::uint64_t name = UINT64_MAX;  // larger than any name: a free entry
    Ipv6Host host{};
  };
  std::optional<std::uint64_t> enter(const Ipv6Host& host, bool is_heard);
  Entry* set_of(std::uint64_t name) noexcept;
  // The entry with that name, or the one to overwrite for it.
  static Entry* entry_for(Entry* set, std::uint64_t name) noexcept;

  std::mutex mutex_;
  std::vector<Entry> entries_;  // set after set
  std::uint64_t secret_ = 0;
};

}  // namespace peerbed
