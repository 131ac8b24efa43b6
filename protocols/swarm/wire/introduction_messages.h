#pragma once
// Messages by which peers behind NATs reach one another. A NAT lets in what answers, so both sides have to send first:
// the tracker, which both hear, tells the other side when and where to.

#include <tuple>

#include "protocols/environment/message_list.h"
#include "protocols/swarm/base/manifest.h"
#include "protocols/swarm/wire/wire.h"

namespace peerbed::swarm {

// To a tracker: tell that peer of me; without a peer: tell me where you see me.
struct Introduce {
  static constexpr MessageKind kind{12, "introduce"};
  Address peer{};
  Root root{};  // of the file for which it is to open a stream; zero: it is to send a datagram
  static constexpr auto members = std::tuple(&Introduce::peer, &Introduce::root);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Introduce&, const Introduce&) = default;
};

// From a tracker: this peer, if any, wants to reach you, where the tracker lists you.
struct Introduced {
  static constexpr MessageKind kind{13, "introduced"};
  Address peer{};
  Address listed{};
  Root root{};
  static constexpr auto members = std::tuple(&Introduced::peer, &Introduced::listed, &Introduced::root);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Introduced&, const Introduced&) = default;
};

// From the introduced peer: from now on its NAT lets in what comes from there.
struct Knock {
  static constexpr MessageKind kind{14, "knock"};
  static constexpr std::tuple<> members{};
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Knock&, const Knock&) = default;
};

}  // namespace peerbed::swarm
