#include "sim/storage/piece_hash.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "protocols/environment/contract.h"
#include "protocols/environment/random.h"

namespace peerbed::sim {

namespace {

Sha256 sha256(std::span<const Extent> extents) {
  constexpr std::uint64_t stretch = 65'536;
  std::vector<std::byte> bytes(stretch);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  bool good = EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  for (const Extent& extent : extents)
    for (std::uint64_t done = 0; done < extent.size; done += stretch) {
      const std::uint64_t count = std::min(stretch, extent.size - done);
      materialise(part_of(extent, done, count), std::span(bytes).first(count));
      good = good && EVP_DigestUpdate(context.get(), bytes.data(), count) == 1;
    }
  Sha256 hash;
  good = good && EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(hash.data()), nullptr) == 1;
  PEERBED_CONTRACT(good, "SHA-256 is at hand");
  return hash;
}

}  // namespace

std::size_t PieceHashes::HashOfKey::operator()(const Key& key) const noexcept {
  return static_cast<std::size_t>(key_of(key.seed, key.offset, key.size, key.damage));
}

Sha256 PieceHashes::of(std::span<const Extent> extents) {
  const bool is_rememberable = extents.size() == 1 && extents[0].literal == nullptr;
  if (!is_rememberable) {
    ++computed_;
    return sha256(extents);
  }
  const Extent& one = extents[0];
  const Key key{one.seed, one.offset, one.size, one.damage};
  if (const auto known = remembered_.find(key); known != remembered_.end()) return known->second;
  if (remembered_.size() >= maximum_remembered) remembered_.clear();
  ++computed_;
  return remembered_.emplace(key, sha256(extents)).first->second;
}

}  // namespace peerbed::sim
