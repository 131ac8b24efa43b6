#include "sim/queues/red.h"

#include <algorithm>

namespace peerbed::sim {

namespace {

double power(double base, std::uint64_t exponent) noexcept {
  double result = 1;
  for (; exponent > 0 && base > 0; exponent >>= 1, base *= base)
    if ((exponent & 1) != 0) result *= base;
  return exponent > 0 ? 0 : result;
}

}  // namespace

bool Red::notifies(std::uint64_t queued, Time now, Duration of_packet, const QueueDiscipline& options) noexcept {
  if (queued > 0) {
    mean_ += options.weight * (static_cast<double>(queued) - mean_);
  } else {
    // As if that many small packets had arrived at an empty queue.
    const std::int64_t idle = std::max<std::int64_t>((now - empty_since_).count(), 0);
    const std::int64_t packets = idle / std::max<std::int64_t>(of_packet.count(), 1);
    mean_ *= power(1 - options.weight, static_cast<std::uint64_t>(packets));
  }
  const auto minimum = static_cast<double>(options.minimum);
  const auto maximum = static_cast<double>(options.maximum);
  if (mean_ < minimum) {
    count_ = -1;
    return false;
  }
  ++count_;
  bool notifies = mean_ >= maximum;
  if (!notifies) {
    const double base = options.probability * (mean_ - minimum) / (maximum - minimum);
    const double left = 1 - static_cast<double>(count_) * base;
    notifies = left <= base || draws_.unit() < base / left;
  }
  if (notifies) count_ = 0;
  return notifies;
}

}  // namespace peerbed::sim
