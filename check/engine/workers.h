#pragma once
// A team of threads that do pieces of work together. With one worker, everything is done by the caller.

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace peerbed::check {

class Workers {
 public:
  explicit Workers(std::size_t count);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  std::size_t size() const noexcept { return threads_.size() + 1; }
  // Calls work(worker, piece) once for each piece below `pieces` and returns when all are done. `work` does not throw.
  void run(std::size_t pieces, const std::function<void(std::size_t worker, std::size_t piece)>& work);

 private:
  void help(std::size_t worker);
  void take_pieces(std::size_t worker);

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable begins_;
  std::condition_variable ends_;
  std::size_t round_ = 0;
  std::size_t busy_ = 0;  // threads that have not finished this round
  bool stops_ = false;
  const std::function<void(std::size_t, std::size_t)>* work_ = nullptr;
  std::size_t pieces_ = 0;
  std::atomic<std::size_t> next_piece_ = 0;
};

}  // namespace peerbed::check
