#pragma once
// Commands that compare.py gives to a process of nodes, and their answers: "put FIRST COUNT AT_ONCE" stores values
// under COUNT names, "get FIRST COUNT AT_ONCE" fetches and checks them, with AT_ONCE operations under way at a time.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

namespace peerbed::benchmarks {

struct Order {
  bool is_put = false;
  unsigned first = 0;
  unsigned count = 0;
  unsigned at_once = 1;
};

inline Order order_of(const std::string& line) {
  std::istringstream words(line);
  std::string verb;
  Order order;
  words >> verb >> order.first >> order.count >> order.at_once;
  order.is_put = verb == "put";
  return order;
}

inline std::string name_of(unsigned number) { return "name" + std::to_string(number); }
inline std::string value_of(unsigned number) { return std::string(64, 'v') + std::to_string(number); }

// Keeps `at_once` operations of a command going, and prints one JSON line at its end. Thread-safe.
class Work {
 public:
  using Clock = std::chrono::steady_clock;

  Work(const Order& order, std::function<void(unsigned)> begin)
      : order_(order), begin_(std::move(begin)), started_(order.count) {}

  void start() {
    begun_ = Clock::now();
    const unsigned at_once = std::min(order_.at_once, order_.count);
    for (unsigned i = 0; i < at_once; ++i) begin_next();
  }

  const Order& order() const noexcept { return order_; }
  bool is_done() {
    const std::lock_guard lock(mutex_);
    return latencies_.size() == order_.count;
  }

  void finish(unsigned number, bool good) {
    {
      const std::lock_guard lock(mutex_);
      latencies_.push_back(
          std::chrono::duration<double, std::milli>(Clock::now() - started_[number - order_.first]).count());
      if (!good) ++failed_;
      if (latencies_.size() == order_.count) return report();
    }
    begin_next();
  }

 private:
  void begin_next() {
    unsigned number = 0;
    {
      const std::lock_guard lock(mutex_);
      if (next_ == order_.count) return;
      number = next_++;
      started_[number] = Clock::now();
    }
    begin_(order_.first + number);
  }

  void report() {
    const double seconds = std::chrono::duration<double>(Clock::now() - begun_).count();
    std::sort(latencies_.begin(), latencies_.end());
    const auto percentile = [&](double share) {
      return latencies_[static_cast<std::size_t>(share * static_cast<double>(latencies_.size() - 1))];
    };
    std::printf("{\"seconds\":%.6f,\"count\":%u,\"failed\":%u,\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f}\n", seconds,
                order_.count, failed_, percentile(0.5), percentile(0.9), percentile(0.99));
    std::fflush(stdout);
  }

  Order order_;
  std::function<void(unsigned)> begin_;
  std::mutex mutex_;
  unsigned next_ = 0;
  unsigned failed_ = 0;
  std::vector<Clock::time_point> started_;
  Clock::time_point begun_;
  std::vector<double> latencies_;  // milliseconds
};

}  // namespace peerbed::benchmarks
