#pragma once
// The processes that `mpirun` started together. A program that was started alone, or built without MPI, is the only
// rank.

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>

namespace peerbed::app {

// What Ranks::together throws in a process where nothing went wrong, or that need not speak of it.
class FailedElsewhere : public std::exception {};

class Ranks {
 public:
  // Throws UsageError when `mpirun` started several of a program that is built without MPI.
  Ranks();
  ~Ranks();
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  std::size_t rank() const noexcept;  // from 0
  std::size_t count() const noexcept;
  bool is_first() const noexcept { return rank() == 0; }
  // Takes a step that all take, or none: where it throws in some, the first of them throws on and says what is wrong,
  // and the others throw FailedElsewhere.
  void together(const std::function<void()>& step) const;
  // Waits until all are here, and tells each the largest of what they bring.
  int largest(int mine) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace peerbed::app
