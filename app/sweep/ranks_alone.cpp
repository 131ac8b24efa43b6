#include <cstdlib>
#include <string>
#include <utility>

#include "app/cli/options.h"
#include "app/sweep/ranks.h"

namespace peerbed::app {

struct Ranks::State {};

Ranks::Ranks() {
  for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) {
    const char* size = std::getenv(variable);
    if (size != nullptr && std::string(size) != "1")
      throw UsageError(
          "this program was built without MPI; configure it with -DPEERBED_MPI=ON, or split the work with "
          "--shard K/N");
  }
}

Ranks::~Ranks() = default;

std::size_t Ranks::rank() const noexcept { return 0; }
std::size_t Ranks::count() const noexcept { return 1; }
void Ranks::together(const std::function<void()>& step) const { step(); }
int Ranks::largest(int mine) const { return mine; }
std::vector<std::string> Ranks::gathered(std::string mine) const { return {std::move(mine)}; }

}  // namespace peerbed::app
