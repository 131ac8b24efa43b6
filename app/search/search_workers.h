#pragma once
// Makes the trials of a round, or a part of them, in processes of their own. Each is a fork of this one, so it knows
// all that the search knows, and makes many trials; one that breaks a contract or is killed loses only the trial that
// it was making, which is then reported as failed.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "scenarios/search/search.h"

namespace peerbed::app {

class SearchWorkers {
 public:
  // Of `parts` like this one, each makes every so manieth trial. Throws FileError if the system refuses the memory that
  // the processes share.
  explicit SearchWorkers(std::size_t jobs, std::size_t part = 0, std::size_t parts = 1);
  ~SearchWorkers();
  SearchWorkers(const SearchWorkers&) = delete;
  SearchWorkers& operator=(const SearchWorkers&) = delete;

  // The reports of this part's of the search's trials [search.tried(), + count), in order. Calls `go_on` several times
  // a second with the number of trials that are done; when it returns false, the processes are killed and there are no
  // reports. Throws FileError if no process can be started.
  std::optional<std::vector<scenarios::TrialReport>> make(const scenarios::Search& search, std::size_t count,
                                                          const std::function<bool(std::uint64_t done)>& go_on);

 private:
  static constexpr std::uint64_t no_trial = UINT64_MAX;
  std::uint64_t next_trial() const noexcept { return next().fetch_add(parts_, std::memory_order_relaxed); }
  int work(const scenarios::Search& search, std::uint64_t end, std::size_t worker, int results) const;

  std::atomic<std::uint64_t>& next() const noexcept { return shared_[0]; }
  std::atomic<std::uint64_t>& done() const noexcept { return shared_[1]; }
  std::atomic<std::uint64_t>& under_way(std::size_t worker) const noexcept { return shared_[2 + worker]; }

  std::size_t jobs_;
  std::size_t part_;
  std::size_t parts_;
  std::atomic<std::uint64_t>* shared_;  // with the processes
};

}  // namespace peerbed::app
