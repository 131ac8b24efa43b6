#include "sim/queues/discipline.h"

#include <algorithm>
#include <string>
#include <utility>

namespace peerbed::sim {

std::optional<Discipline> parse_discipline(std::string_view text) noexcept {
  constexpr std::pair<std::string_view, Discipline> names[] = {{"droptail", Discipline::drop_tail},
                                                               {"red", Discipline::red},
                                                               {"codel", Discipline::codel},
                                                               {"fqcodel", Discipline::fq_codel}};
  std::string plain(text);
  std::erase_if(plain, [](char c) { return c == '_' || c == '-'; });
  const auto found =
      std::find_if(std::begin(names), std::end(names), [&](const auto& name) { return name.first == plain; });
  return found == std::end(names) ? std::nullopt : std::optional(found->second);
}

}  // namespace peerbed::sim
