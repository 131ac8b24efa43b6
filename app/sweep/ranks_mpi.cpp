#include <boost/mpi/collectives.hpp>
#include <boost/mpi/communicator.hpp>
#include <boost/mpi/environment.hpp>
#include <boost/mpi/operations.hpp>
#include <boost/serialization/string.hpp>
#include <cstdlib>
#include <utility>

#include "app/sweep/ranks.h"

namespace peerbed::app {

namespace mpi = boost::mpi;

struct Ranks::State {
  // Do not abort on an exception: together() tells the other ranks.
  mpi::environment environment{false};
  mpi::communicator world;
};

// MPI takes a moment to start, so it is used only under mpirun.
Ranks::Ranks() {
  if (std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr || std::getenv("PMI_SIZE") != nullptr)
    state_ = std::make_unique<State>();
}

Ranks::~Ranks() = default;

std::size_t Ranks::rank() const noexcept { return state_ ? static_cast<std::size_t>(state_->world.rank()) : 0; }
std::size_t Ranks::count() const noexcept { return state_ ? static_cast<std::size_t>(state_->world.size()) : 1; }

void Ranks::together(const std::function<void()>& step) const {
  std::exception_ptr failure;
  try {
    step();
  } catch (...) {
    failure = std::current_exception();
  }
  const int first = static_cast<int>(count()) - largest(failure ? static_cast<int>(count() - rank()) : 0);
  if (first == static_cast<int>(count())) return;
  if (first == static_cast<int>(rank())) std::rethrow_exception(failure);
  throw FailedElsewhere();
}

std::vector<std::string> Ranks::gathered(std::string mine) const {
  std::vector<std::string> all;
  if (state_)
    mpi::all_gather(state_->world, mine, all);
  else
    all.push_back(std::move(mine));
  return all;
}

int Ranks::largest(int mine) const { return state_ ? mpi::all_reduce(state_->world, mine, mpi::maximum<int>()) : mine; }

}  // namespace peerbed::app
