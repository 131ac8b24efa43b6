#pragma once
// Computes the SHA-256 of a part of a file, reading it from disk piece by piece.

#include <array>
#include <cstdint>
#include <optional>

#include "protocols/environment/content.h"

namespace peerbed::adapter {

using Sha256 = std::array<std::byte, sha256_size>;

// Nothing if the file is shorter than the range or cannot be read. May be called from any thread.
std::optional<Sha256> hash_range(int file, std::uint64_t offset, std::uint64_t size);
std::optional<Sha256> sha256_of(Bytes bytes);

}  // namespace peerbed::adapter
