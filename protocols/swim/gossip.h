#pragma once
// The updates that a member passes on: those that it has passed on least often first, of these the newest, and each a
// limited number of times (section 4.1).

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "protocols/swim/messages.h"

namespace peerbed::swim {

class Gossip {
 public:
  // Takes the place of what was said of this member before.
  void add(const Update& update);
  // Adds to a message until it has `limit` updates. Each travels `repeats` times.
  void take(Updates& updates, std::size_t limit, unsigned repeats);
  std::size_t size() const noexcept { return rumours_.size(); }

  auto fields() const { return std::tie(rumours_); }

 private:
  struct Rumour {
    Update update{};
    std::uint16_t sent = 0;  // times
    auto fields() const { return std::tie(update, sent); }
  };

  std::vector<Rumour> rumours_;  // the least often sent first, of these the newest
};

}  // namespace peerbed::swim
