#include "protocols/environment/contract.h"

#include <cstdio>
#include <cstdlib>

namespace peerbed {

void contract_broken(const char* promise, const char* file, int line) noexcept {
  std::fprintf(stderr, "peerbed: broken contract at %s:%d: %s. Please report this.\n", file, line, promise);
  std::abort();
}

}  // namespace peerbed
