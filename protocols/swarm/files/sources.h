#pragma once
// The peers that are known to have a wanted file, or, while only its name is known, one of the files of that name; and
// when each is to be tried again. At most maximum_sources: a peer that never failed is kept rather than a new one.

#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "protocols/environment/address.h"
#include "protocols/environment/time.h"
#include "protocols/swarm/base/close_reason.h"
#include "protocols/swarm/base/options.h"
#include "protocols/swarm/link/link_table.h"

namespace peerbed::swarm {

constexpr std::size_t maximum_sources = 256;

// A peer that said it has the file.
struct Source {
  Address peer{};
  std::uint8_t candidate = 0;  // which of the files of the wanted name it has
  std::uint8_t failures = 0;   // in a row
  std::uint8_t refusals = 0;   // in a row, because it had no room
  bool complete = false;       // it had all of it when it was asked
  bool shy = false;            // it answered only when it was asked again
  Time next_try{};
  Duration round_trip{};  // of the last handshake; zero before
  auto fields() const { return std::tie(peer, candidate, failures, refusals, complete, shy, next_try, round_trip); }
};

class Sources {
 public:
  const std::vector<Source>& all() const noexcept { return sources_; }
  bool has(Address peer) const noexcept { return find(peer) != nullptr; }
  bool has_complete(Address peer) const noexcept;  // one that had all of it when it was asked
  bool is_shy(Address peer) const noexcept;        // a NAT may be before it: it did not answer at once, or did not open
  std::size_t promising() const noexcept;          // that did not fail twice in a row
  std::size_t of(std::uint8_t candidate) const noexcept;

  // One that is known already is not changed. `self` is no source.
  void note(Address self, Time now, Duration retry_delay, Address peer, std::uint8_t candidate, bool complete);
  void note_shy(Address peer) noexcept;    // it answered only when it was asked again
  void keep_only(std::uint8_t candidate);  // which is then number 0
  void remove(Address peer);

  // How long a stream to a peer may take to open: longer after each failure, and long enough for the round trip where
  // it is known.
  Duration patience_with(Address peer, Duration connect_timeout) const noexcept;
  // Those to be connected now, until there are `wanted` links; each is tried again later, more and more slowly, but at
  // once and again while there is no other.
  std::vector<Address> take_due(const Options& options, Time now, const LinkTable& links, FileNumber file,
                                std::size_t wanted);
  void note_opened(Address peer, Duration round_trip) noexcept;
  void note_greeted(Address peer) noexcept;
  void note_delivery(Address peer) noexcept;  // the first one on a stream
  // One that had no room is left alone for a while, ever longer.
  void note_loss(Address peer, CloseReason reason, Time now) noexcept;
  // It lives again, as a tracker says: it is tried at once.
  void retry(Address peer, Time now) noexcept;
  // All are tried anew.
  void renew(Time now) noexcept;

  auto fields() const { return std::tie(sources_); }

 private:
  const Source* find(Address peer) const noexcept;
  Source* find(Address peer) noexcept { return const_cast<Source*>(std::as_const(*this).find(peer)); }

  std::vector<Source> sources_;
};

}  // namespace peerbed::swarm
