#include "protocols/swim/suspicions.h"

#include <algorithm>
#include <array>
#include <bit>

namespace peerbed::swim {
namespace {

// 100 log(c + 1) / log(k + 1) for c of k confirmations.
constexpr std::array<std::array<int, maximum_confirmations + 1>, maximum_confirmations + 1> shrunk_percent{
    {{100, 100, 100, 100}, {0, 100, 100, 100}, {0, 63, 100, 100}, {0, 50, 79, 100}}};

}  // namespace

Time Suspicion::deadline() const noexcept {
  const Duration spread = longest - shortest;
  return begun + longest - spread / 100 * shrunk_percent[confirmations][accusers.size() - 1];
}

void Suspicions::add(const Suspicion& suspicion) {
  end(suspicion.member);
  all_.push_back(suspicion);
}

bool Suspicions::confirm(Address member, Address accuser) noexcept {
  const auto found =
      std::find_if(all_.begin(), all_.end(), [member](const Suspicion& each) { return each.member == member; });
  if (found == all_.end() || found->accusers.size() > found->confirmations) return false;
  const auto known = found->accusers.all();
  return std::find(known.begin(), known.end(), accuser) == known.end() && found->accusers.add(accuser);
}

void Suspicions::end(Address member) {
  std::erase_if(all_, [member](const Suspicion& each) { return each.member == member; });
}

std::optional<Suspicion> Suspicions::take_overdue(Time now) {
  const auto found =
      std::find_if(all_.begin(), all_.end(), [now](const Suspicion& each) { return each.deadline() <= now; });
  if (found == all_.end()) return std::nullopt;
  const Suspicion overdue = *found;
  all_.erase(found);
  return overdue;
}

Time Suspicions::earliest_deadline() const noexcept {
  Time earliest = never;
  for (const Suspicion& each : all_) earliest = std::min(earliest, each.deadline());
  return earliest;
}

std::int64_t suspicion_thousandths(std::size_t members) noexcept {
  return std::max<std::int64_t>(1000, 301 * std::bit_width(members - 1));
}

}  // namespace peerbed::swim
