#pragma once
// Where threads wait until all of them are there, again and again. They look for a moment, since the others are usually
// close; then they sleep. std::barrier sleeps sooner, and waking up takes longer than a short window.

#include <atomic>
#include <cstddef>

namespace peerbed::sim {

class Barrier {
 public:
  // If `looks_first` is false, threads sleep at once: right if there are more of them than cores.
  Barrier(std::size_t threads, bool looks_first) noexcept
      : threads_(threads), looks_(looks_first ? looks_before_sleep : 0) {}

  void arrive_and_wait() noexcept {
    const int round = round_.load(std::memory_order_relaxed);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
      arrived_.store(0, std::memory_order_relaxed);
      round_.store(round + 1, std::memory_order_release);
      round_.notify_all();
      return;
    }
    for (int looks = 0; looks < looks_; ++looks) {
      if (round_.load(std::memory_order_acquire) != round) return;
      pause();
    }
    round_.wait(round, std::memory_order_acquire);
  }

 private:
  static constexpr int looks_before_sleep = 300;  // some ten microseconds

  static void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
  }

  std::size_t threads_;
  int looks_;
  alignas(64) std::atomic<std::size_t> arrived_{0};
  alignas(64) std::atomic<int> round_{0};
};

}  // namespace peerbed::sim
