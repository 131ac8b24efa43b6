#include "adapter/base/traffic_shaper.h"

#include <algorithm>

namespace peerbed::adapter {

namespace {

constexpr std::uint64_t nanoseconds_in_second = 1'000'000'000;
constexpr Duration slack =
    std::chrono::milliseconds(20);             // a wake-up that is late by up to this is made up for afterwards
constexpr std::uint64_t least_portion = 1460;  // bytes
constexpr std::uint64_t most_portion = 64 * 1024;
constexpr std::uint64_t portions_a_second = 200;

}  // namespace

void Pace::spend(Time now, std::uint64_t bytes) noexcept {
  __extension__ using Wide = unsigned __int128;
  const auto cost = static_cast<std::int64_t>(static_cast<Wide>(bytes) * nanoseconds_in_second / bytes_per_second_);
  free_at_ = std::max(free_at_, now - slack) + Duration(cost);
}

std::uint64_t Pace::portion() const noexcept {
  return std::clamp(bytes_per_second_ / portions_a_second, least_portion, most_portion);
}

}  // namespace peerbed::adapter
