#pragma once
// What a node does with a datagram that is not a message of its protocol. A valid datagram of another version of the
// protocol is answered with a notice: a program that knows notices can tell its user, and one that does not refuses it,
// which it reports as well. A notice is no longer than the datagram that it answers, and is never answered itself.

#include <cstdint>
#include <string>
#include <tuple>

#include "protocols/environment/environment.h"
#include "protocols/environment/message_codec.h"

namespace peerbed {

// Tells the receiver that the sender speaks the version in its header.
struct VersionNotice {
  enum class Kind : std::uint8_t { version_notice = 255 };
  static constexpr Kind kind = Kind::version_notice;
  static constexpr std::tuple<> members{};
  std::uint8_t version = 0;
  void encode(Writer& writer) const noexcept { codec::encode(version, *this, writer); }
};

// Traces `event` with the sender, the datagram's size and its version: 0 when it is damaged, of version `own`, or of
// version 0, which no protocol has.
inline void refuse_datagram(Environment& environment, Address from, Bytes payload, std::uint8_t own,
                            std::uint16_t event) {
  const std::uint8_t version = codec::is_whole(payload) ? Reader(payload).header().version : own;
  const bool is_foreign = version != own && version != 0;
  environment.trace(event, {from.value, payload.size(), is_foreign ? version : std::uint64_t{0}});
  if (is_foreign && message_kind(payload) != static_cast<std::uint8_t>(VersionNotice::kind))
    environment.send(from, VersionNotice{own});
}

// What the user is told about a datagram of another version.
inline std::string sentence_of_version(Address from, std::uint64_t version) {
  return to_string(from) + " speaks version " + std::to_string(version) +
         " of this protocol, which this node does not; run the same release at both";
}

}  // namespace peerbed
