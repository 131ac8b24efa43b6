#pragma once
// Decides whether a small history is atomic by searching for an order in which its operations can have taken effect
// (Wing and Gong 1993, "Testing and verifying concurrent objects"), never from the same operations and state twice
// (Lowe 2017, "Testing for linearizability"). Exponential: for at most 20 operations.

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "analysis/history/operation.h"

namespace peerbed::analysis {

class WglSearch {
 public:
  // Whether a get, by index, may see the state that this put left; nothing: the absence before all puts.
  using MaySee = std::function<bool(std::size_t get, std::optional<std::size_t> put)>;

  WglSearch(std::span<const Operation> operations, MaySee may_see)
      : operations_(operations), may_see_(std::move(may_see)) {}

  bool finds_order() { return search(0, std::nullopt); }

 private:
  bool search(std::uint32_t done, std::optional<std::size_t> state) {
    if (is_complete(done)) return true;
    if (!seen_.insert({done, state}).second) return false;
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      const bool is_put = operations_[i].kind == Operation::Kind::put;
      if (has(done, i) || !may_be_next(done, i) || (!is_put && !may_see_(i, state))) continue;
      if (search(done | (std::uint32_t{1} << i), is_put ? i : state)) return true;
    }
    return false;
  }

  static bool has(std::uint32_t done, std::size_t i) { return (done >> i & 1) != 0; }
  bool is_complete(std::uint32_t done) const {
    for (std::size_t i = 0; i < operations_.size(); ++i)
      if (operations_[i].answered != never && !has(done, i)) return false;
    return true;
  }
  bool may_be_next(std::uint32_t done, std::size_t next) const {
    for (std::size_t i = 0; i < operations_.size(); ++i)
      if (!has(done, i) && operations_[i].precedes(operations_[next])) return false;
    return true;
  }

  std::span<const Operation> operations_;
  MaySee may_see_;
  std::set<std::pair<std::uint32_t, std::optional<std::size_t>>> seen_;
};

}  // namespace peerbed::analysis
