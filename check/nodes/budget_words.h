#pragma once
// What is left of a budget, in the words of a state: a byte for each kind of action, and then one for each command.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "check/nodes/node_options.h"

namespace peerbed::check {

constexpr std::size_t drop_place = 0;
constexpr std::size_t duplicate_place = 1;
constexpr std::size_t start_place = 2;
constexpr std::size_t crash_place = 3;
constexpr std::size_t leave_place = 4;
constexpr std::size_t age_place = 5;
constexpr std::size_t fire_place = 6;
constexpr std::size_t budget_places = 8;

template <class N>
std::size_t budget_words_of(const NodeOptions<N>& options) noexcept {
  return (budget_places + options.commands.size() + 3) / 4;
}

template <class N>
void append_budget(std::vector<std::uint32_t>& words, const NodeOptions<N>& options) {
  const Budget& budget = options.budget;
  std::vector<std::uint8_t> bytes = {budget.drop,  budget.duplicate, budget.start, budget.crash,
                                     budget.leave, budget.age,       budget.fire,  0};
  for (const NodeCommand& command : options.commands) bytes.push_back(command.times);
  bytes.resize((bytes.size() + 3) / 4 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 4)
    words.push_back(bytes[i] | bytes[i + 1] << 8 | bytes[i + 2] << 16 | std::uint32_t{bytes[i + 3]} << 24);
}

inline std::uint32_t left_of(std::span<const std::uint32_t> budget, std::size_t place) noexcept {
  return budget[place / 4] >> (place % 4 * 8) & 0xFF;
}
inline void spend_of(std::span<std::uint32_t> budget, std::size_t place) noexcept {
  budget[place / 4] -= std::uint32_t{1} << (place % 4 * 8);
}

}  // namespace peerbed::check
