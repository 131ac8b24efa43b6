#include "protocols/swim/gossip.h"

#include <algorithm>

namespace peerbed::swim {
namespace {

constexpr auto is_sent_less = [](std::uint16_t sent, const auto& rumour) { return sent < rumour.sent; };

}  // namespace

void Gossip::add(const Update& update) {
  std::erase_if(rumours_, [&](const Rumour& rumour) { return rumour.update.member == update.member; });
  rumours_.insert(rumours_.begin(), {.update = update});
}

void Gossip::take(Updates& updates, std::size_t limit, unsigned repeats) {
  std::vector<Rumour> taken;
  for (std::size_t i = 0; i < rumours_.size() && updates.size() < limit;) {
    const auto said = updates.all();
    const bool is_said = std::any_of(said.begin(), said.end(),
                                     [&](const Update& update) { return update.member == rumours_[i].update.member; });
    if (is_said) {
      ++i;
      continue;
    }
    updates.add(rumours_[i].update);
    taken.push_back(rumours_[i]);
    rumours_.erase(rumours_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (Rumour& rumour : taken)
    if (++rumour.sent < repeats)
      rumours_.insert(std::upper_bound(rumours_.begin(), rumours_.end(), rumour.sent, is_sent_less), rumour);
}

}  // namespace peerbed::swim
