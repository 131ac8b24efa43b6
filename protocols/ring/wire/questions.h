#pragma once
// The ids in the messages by which nodes join and keep their ring, for a checker (check/canonical/questions.h).

#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

#include "protocols/ring/wire/messages.h"

namespace peerbed::ring {

// Encodes the datagram anew, without incarnations: they are times, and so would tell states apart for ever. Who is told
// of none believes whoever leaves, however late. Messages about values are left as they are.
template <class Visitor>
void visit_questions_of_membership(Address from, Address to, std::vector<std::byte>& datagram, Visitor& visitor) {
  const auto visit = [&]<class Received>(Received message) {
    if constexpr (std::is_same_v<Received, Find>) {
      visitor.carried(message.id, message.asker);
      visitor.question(message.token, from);
    } else if constexpr (std::is_same_v<Received, HopTaken>) {
      visitor.question(message.token, to);
    } else if constexpr (std::is_same_v<Received, NeighboursQuery> || std::is_same_v<Received, Ping>) {
      visitor.question(message.id, from);
    } else if constexpr (std::is_same_v<Received, Welcome> || std::is_same_v<Received, Pong>) {
      visitor.question(message.id, to);
    } else if constexpr (std::is_same_v<Received, Neighbours>) {
      visitor.question(message.id, to);
      message.incarnation = 0;
      message.incarnations = {};
    } else if constexpr (std::is_same_v<Received, Notify> || std::is_same_v<Received, Leaving>) {
      message.incarnation = 0;
    } else {
      return;
    }
    std::byte buffer[maximum_datagram_size];
    Writer writer(buffer);
    message.encode(writer);
    const Bytes written = writer.written();
    datagram.assign(written.begin(), written.end());
  };
  const std::vector<std::byte> received = datagram;
  Messages::dispatch(wire_version, received, [&](const auto& message) { visit(message); });
}

}  // namespace peerbed::ring
