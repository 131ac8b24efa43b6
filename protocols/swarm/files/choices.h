#pragma once
// Files of one name, told apart by numbers as they were shown to the person last: "film #2". DOWN takes such a number.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocols/swarm/base/manifest.h"

namespace peerbed::swarm {

struct NamedRoot {
  std::string_view name;
  Root root{};
};

struct Choice {
  std::string shown;
  Root root{};
  auto fields() const { return std::tie(shown, root); }
};

class Choices {
 public:
  Choices() = default;
  // Numbers those of `files` whose name others of them have too. They come in the order of names and, within a name, of
  // roots, so that all who ask give the same numbers.
  explicit Choices(std::span<const NamedRoot> files);

  std::optional<Root> root_of(std::string_view shown) const noexcept;
  std::span<const Choice> all() const noexcept { return choices_; }

  auto fields() const { return std::tie(choices_); }

 private:
  std::vector<Choice> choices_;
};

}  // namespace peerbed::swarm
