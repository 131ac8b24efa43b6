#pragma once
// The processes that `mpirun` started together. A program that was started alone, or is built without MPI, is the only
// one.

#include <cstddef>
#include <memory>

namespace peerbed::app {

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
  // Waits until all are here, and tells each the largest of what they bring.
  int largest(int mine) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace peerbed::app
