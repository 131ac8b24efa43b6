#include "sim/network/message_deeds.h"

namespace peerbed::sim {

MessageDeeds::Fate MessageDeeds::take(NodeIndex source, NodeIndex destination, std::uint8_t kind) {
  Fate fate;
  std::erase_if(deeds_, [&](MessageDeed& deed) {
    if (deed.source != source || deed.destination != destination || deed.kind.value_or(kind) != kind) return false;
    if (--deed.nth > 0) return false;
    switch (deed.fate) {
      case MessageFate::lost:
        fate.lost = true;
        break;
      case MessageFate::doubled:
        fate.doubled = true;
        fate.copy_later = deed.by;
        break;
      case MessageFate::delayed:
        fate.later += deed.by;
        break;
    }
    return true;
  });
  return fate;
}

}  // namespace peerbed::sim
