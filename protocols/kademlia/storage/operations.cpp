#include "protocols/kademlia/storage/operations.h"

#include <algorithm>
#include <utility>

namespace peerbed::kademlia {

Target* Operation::target(const Contact& contact) noexcept {
  const auto found =
      std::find_if(targets.begin(), targets.end(), [&](const Target& target) { return target.contact == contact; });
  return found == targets.end() ? nullptr : &*found;
}

std::size_t Operation::stored() const noexcept {
  return static_cast<std::size_t>(std::count_if(
      targets.begin(), targets.end(), [](const Target& target) { return target.state == Target::State::stored; }));
}

bool Operation::is_waiting() const noexcept {
  return std::any_of(targets.begin(), targets.end(), [](const Target& target) {
    return target.state == Target::State::unasked || target.state == Target::State::asked;
  });
}

StoreValue Operation::request(const Target& target, Time now) const noexcept {
  const auto left = static_cast<std::uint64_t>(std::max<std::int64_t>((expires - now).count(), 1));
  return {.token = target.token, .key = key, .copy = {.stamp = stamp, .lifetime = left, .bytes = {bytes}}};
}

std::size_t Operations::count(Operation::Kind kind) const noexcept {
  return static_cast<std::size_t>(std::count_if(pending_.begin(), pending_.end(),
                                                [kind](const Operation& operation) { return operation.kind == kind; }));
}

Operation& Operations::begin(Operation operation) {
  operation.number = ++begun_;
  return pending_.emplace_back(std::move(operation));
}

Operation* Operations::find(std::uint32_t number) noexcept {
  const auto found = std::find_if(pending_.begin(), pending_.end(),
                                  [number](const Operation& operation) { return operation.number == number; });
  return found == pending_.end() ? nullptr : &*found;
}

void Operations::end(std::uint32_t number) noexcept {
  std::erase_if(pending_, [number](const Operation& operation) { return operation.number == number; });
}

}  // namespace peerbed::kademlia
