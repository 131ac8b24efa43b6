#pragma once
// The ids in messages between peers, for a checker (check/canonical/questions.h).

#include <cstddef>
#include <type_traits>
#include <vector>

#include "protocols/coursework/messages.h"

namespace peerbed::coursework {

// Encodes the datagram anew. Without a sender, it is the visitor's own.
template <class Visitor>
void visit_questions(Address from, Address to, std::vector<std::byte>& datagram, Visitor& visitor) {
  const std::vector<std::byte> received = datagram;
  Messages::dispatch(wire_version, received, [&]<class Received>(Received message) {
    constexpr bool is_answer = std::is_same_v<Received, Delivered> || std::is_same_v<Received, SuccessorPong>;
    if (is_answer)
      visitor.question(message.id, to);
    else if (from)
      visitor.carried(message.id, from);
    else
      visitor.question(message.id);
    if constexpr (std::is_same_v<Received, Successors>) visitor.question(message.query, to);
    std::byte buffer[maximum_datagram_size];
    Writer writer(buffer);
    message.encode(writer);
    const Bytes written = writer.written();
    datagram.assign(written.begin(), written.end());
  });
}

}  // namespace peerbed::coursework
