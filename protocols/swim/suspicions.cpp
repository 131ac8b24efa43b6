#include "protocols/swim/suspicions.h"

#include <algorithm>
#include <array>
#include <bit>

namespace peerbed::swim {
namespace {

// 100 log(c + 1) / log(k + 1) for c of k confirmations.
constexpr std::array<std::array<int, maximum_confirmations + 1>, maximum_confirmations + 1> shrunk_percent{
    {{100, 100, 100, 100}, {0, 100, 100, 100}, {0, 63, 100, 100}, {0, 50, 79, 100}}};

// 1000 max(1, log10 of the size, rounded up to a power of two).
std::int64_t thousandths(std::size_t members) noexcept {
  return std::max<std::int64_t>(1000, 301 * std::bit_width(members - 1));
}

}  // namespace

Patience Patience::of(const Options& options, std::size_t members) noexcept {
  Patience patience;
  patience.shortest = options.probe_period / 1000 * options.suspicion_factor * thousandths(members);
  patience.longest = patience.shortest * options.suspicion_spread;
  if (options.suspicion_spread > 1 && members > 2)
    patience.confirmations = std::min(maximum_confirmations, members - 2);
  return patience;
}

Time Suspicion::deadline(const Patience& patience) const noexcept {
  const std::size_t confirmed = std::min(accusers.size() - 1, patience.confirmations);
  const Duration spread = patience.longest - patience.shortest;
  return begun + patience.longest - spread / 100 * shrunk_percent[patience.confirmations][confirmed];
}

void Suspicions::begin(Address member, Address accuser, Time now) {
  end(member);
  Suspicion& suspicion = all_.emplace_back(Suspicion{.member = member, .begun = now});
  suspicion.accusers.add(accuser);
}

bool Suspicions::confirm(const Patience& patience, Address member, Address accuser) noexcept {
  const auto found =
      std::find_if(all_.begin(), all_.end(), [member](const Suspicion& each) { return each.member == member; });
  if (found == all_.end() || found->accusers.size() > patience.confirmations) return false;
  const auto known = found->accusers.all();
  return std::find(known.begin(), known.end(), accuser) == known.end() && found->accusers.add(accuser);
}

void Suspicions::end(Address member) {
  std::erase_if(all_, [member](const Suspicion& each) { return each.member == member; });
}

std::optional<Address> Suspicions::take_overdue(const Patience& patience, Time now) {
  const auto found =
      std::find_if(all_.begin(), all_.end(), [&](const Suspicion& each) { return each.deadline(patience) <= now; });
  if (found == all_.end()) return std::nullopt;
  const Address overdue = found->member;
  all_.erase(found);
  return overdue;
}

Time Suspicions::earliest_deadline(const Patience& patience) const noexcept {
  Time earliest = never;
  for (const Suspicion& each : all_) earliest = std::min(earliest, each.deadline(patience));
  return earliest;
}

}  // namespace peerbed::swim
