#pragma once
// PEERBED_CONTRACT(condition, "what was promised"): a check of our own code that stays on in every build. A broken
// contract is our bug, never a peer's or a user's: it prints the location and aborts.

namespace peerbed {

[[noreturn]] void contract_broken(const char* promise, const char* file, int line) noexcept;

}  // namespace peerbed

#define PEERBED_CONTRACT(condition, promise) \
  ((condition) ? static_cast<void>(0) : ::peerbed::contract_broken((promise), __FILE__, __LINE__))
