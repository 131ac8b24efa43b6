#pragma once
// What happens to single messages: the nth from one host to another, perhaps of one kind, is lost, doubled or delayed.
// A deed counts messages as they are sent, from the moment it is added, and is over when it has happened.

#include <cstdint>
#include <optional>
#include <vector>

#include "protocols/environment/time.h"
#include "sim/core/types.h"

namespace peerbed::sim {

enum class MessageFate : std::uint8_t { lost, doubled, delayed };

struct MessageDeed {
  MessageFate fate = MessageFate::lost;
  NodeIndex source = no_node;
  NodeIndex destination = no_node;
  std::optional<std::uint8_t> kind;  // Header::kind; absent: messages of any kind
  std::uint64_t nth = 1;             // from 1
  // How much later the message arrives, or its second copy after the first. Negative: earlier, but at least 1 ns after
  // it was sent.
  Duration by{};
};

class MessageDeeds {
 public:
  // What all deeds together do to one message.
  struct Fate {
    bool lost = false;
    bool doubled = false;
    Duration later{};       // the message
    Duration copy_later{};  // its second copy, after the message
  };

  bool empty() const noexcept { return deeds_.empty(); }
  void add(const MessageDeed& deed) { deeds_.push_back(deed); }
  // Counts a message that is sent now. Takes time proportional to the number of deeds that are still to come.
  Fate take(NodeIndex source, NodeIndex destination, std::uint8_t kind);

 private:
  std::vector<MessageDeed> deeds_;  // to come; `nth` counts down
};

}  // namespace peerbed::sim
