#pragma once
// The processes that `mpirun` started together. A program that was started alone, or built without MPI, is the only
// rank.

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace peerbed::app {

// Thrown by Ranks::together in a process where nothing went wrong, or that need not report it.
class FailedElsewhere : public std::exception {};

class Ranks {
 public:
  // Throws UsageError if `mpirun` started several processes of a program built without MPI.
  Ranks();
  ~Ranks();
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  std::size_t rank() const noexcept;  // from 0
  std::size_t count() const noexcept;
  bool is_first() const noexcept { return rank() == 0; }
  // Takes a step on all ranks or fails on all. If it throws on some, the first of them rethrows and reports, and the
  // others throw FailedElsewhere.
  void together(const std::function<void()>& step) const;
  // Waits for all ranks and returns the largest of their values.
  int largest(int mine) const;
  // Waits for all ranks and returns what each of them has, by rank.
  std::vector<std::string> gathered(std::string mine) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace peerbed::app
