#pragma once
// Threads that wait for work and then do it together. They start with the first work, and sleep in between. A copy has
// threads of its own.

#include <cstddef>
#include <functional>
#include <memory>

namespace peerbed::sim {

class Workers {
 public:
  Workers();
  Workers(const Workers&);
  Workers(Workers&&) noexcept;
  Workers& operator=(const Workers&);
  Workers& operator=(Workers&&) noexcept;
  ~Workers();

  // Whether so many threads can run at once on this machine.
  static bool have_cores(std::size_t threads) noexcept;
  // Calls work(0) in this thread, and work(1) ... work(count - 1) in one other thread each. Returns when all have
  // returned. `work` does not throw.
  void run(std::size_t count, const std::function<void(std::size_t)>& work);

 private:
  struct Pool;

  std::unique_ptr<Pool> pool_;  // null before the first work
};

}  // namespace peerbed::sim
