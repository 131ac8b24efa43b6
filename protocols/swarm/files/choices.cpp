#include "protocols/swarm/files/choices.h"

#include <algorithm>

#include "protocols/environment/contract.h"

namespace peerbed::swarm {

Choices::Choices(std::span<const NamedRoot> files) {
  const auto is_before = [](const NamedRoot& one, const NamedRoot& other) {
    return std::tie(one.name, one.root) < std::tie(other.name, other.root);
  };
  PEERBED_CONTRACT(std::is_sorted(files.begin(), files.end(), is_before),
                   "files to choose from come in the order of names and roots");
  std::size_t number = 1;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const bool is_first = i == 0 || files[i - 1].name != files[i].name;
    const bool is_last = i + 1 == files.size() || files[i + 1].name != files[i].name;
    number = is_first ? 1 : number + 1;
    if (!is_first || !is_last)
      choices_.push_back({std::string(files[i].name) + " #" + std::to_string(number), files[i].root});
  }
}

std::optional<Root> Choices::root_of(std::string_view shown) const noexcept {
  const auto choice =
      std::find_if(choices_.begin(), choices_.end(), [&](const Choice& each) { return each.shown == shown; });
  return choice == choices_.end() ? std::nullopt : std::optional(choice->root);
}

}  // namespace peerbed::swarm
