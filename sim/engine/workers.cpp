#include "sim/engine/workers.h"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace peerbed::sim {

struct Workers::Pool {
  std::mutex mutex;
  std::condition_variable_any work_came;
  std::condition_variable work_done;
  const std::function<void(std::size_t)>* work = nullptr;
  std::size_t count = 0;              // of threads that take part, with the caller's
  std::uint64_t round = 0;            // how often there was work
  std::size_t working = 0;            // threads that have not done this round's
  std::vector<std::jthread> threads;  // the last member: they end before what they use

  void serve(const std::stop_token& stop, std::size_t number) {
    std::uint64_t done = 0;
    std::unique_lock lock(mutex);
    while (work_came.wait(lock, stop, [&] { return round != done; })) {
      done = round;
      if (number >= count) continue;
      lock.unlock();
      (*work)(number);
      lock.lock();
      if (--working == 0) work_done.notify_one();
    }
  }
};

Workers::Workers() = default;
Workers::Workers(const Workers&) {}
Workers::Workers(Workers&&) noexcept = default;
Workers& Workers::operator=(const Workers&) { return *this; }
Workers& Workers::operator=(Workers&&) noexcept = default;
Workers::~Workers() = default;

bool Workers::have_cores(std::size_t threads) noexcept {
  static const std::size_t cores = std::thread::hardware_concurrency();
  return threads <= cores;
}

void Workers::run(std::size_t count, const std::function<void(std::size_t)>& work) {
  if (!pool_) pool_ = std::make_unique<Pool>();
  Pool& pool = *pool_;
  {
    const std::lock_guard lock(pool.mutex);
    pool.work = &work;
    pool.count = count;
    pool.working = count - 1;
    ++pool.round;
    while (pool.threads.size() + 1 < count)
      pool.threads.emplace_back(
          [&pool, number = pool.threads.size() + 1](const std::stop_token& stop) { pool.serve(stop, number); });
  }
  pool.work_came.notify_all();
  work(0);
  std::unique_lock lock(pool.mutex);
  pool.work_done.wait(lock, [&pool] { return pool.working == 0; });
}

}  // namespace peerbed::sim
