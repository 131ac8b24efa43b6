#include "app/node/node_progress.h"

#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using namespace std::chrono_literals;

constexpr auto window = 5s;  // over which the rate is averaged
constexpr std::size_t bar_width = 20;

std::string bar_of(double share) {
  const auto full = static_cast<std::size_t>(share * bar_width);
  return "[" + std::string(full, '#') + std::string(bar_width - full, '-') + "]";
}

}  // namespace

std::string NodeProgress::line(const std::vector<Transfer>& transfers, Clock::time_point now) {
  if (transfers.empty()) {
    samples_.clear();
    return {};
  }
  const std::string name = transfers.size() == 1 ? transfers.front().name : std::to_string(transfers.size()) + " files";
  Transfer all;
  for (const Transfer& transfer : transfers) {
    all.size += transfer.size;
    all.done += transfer.done;
  }
  if (all.size == 0) return name + ": looking for it";
  if (all.size != size_) samples_.clear();
  size_ = all.size;
  samples_.push_back({now, all.done});
  while (samples_.size() > 2 && now - samples_[1].when > window) samples_.pop_front();
  const double share = static_cast<double>(all.done) / static_cast<double>(all.size);
  std::string text = name + " " + bar_of(share) + " " + std::to_string(static_cast<int>(share * 100)) + "% of " +
                     scenarios::show_size(static_cast<double>(all.size));
  const double seconds = std::chrono::duration<double>(now - samples_.front().when).count();
  const auto gained = static_cast<double>(all.done - samples_.front().done);
  if (seconds <= 0 || gained <= 0) return text;
  const double rate = gained / seconds;
  return text + "  " + scenarios::show_size(rate) + "/s  " +
         scenarios::show_duration(static_cast<double>(all.size - all.done) / rate * 1e9) + " to go";
}

}  // namespace peerbed::app
