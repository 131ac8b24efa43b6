#include "adapter/files/file_hash.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace peerbed::adapter {

namespace {

constexpr std::size_t chunk = 128 * 1024;  // bytes: what is hashed is still in the cache

// Fetching an algorithm takes OpenSSL longer than hashing a kilobyte, so each thread does it once.
struct Hasher {
  Hasher() : algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context(EVP_MD_CTX_new()) {}
  ~Hasher() {
    EVP_MD_CTX_free(context);
    EVP_MD_free(algorithm);
  }
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  EVP_MD* algorithm;
  EVP_MD_CTX* context;
  std::unique_ptr<std::byte[]> buffer = std::make_unique<std::byte[]>(chunk);
};

}  // namespace

std::optional<Sha256> hash_range(int file, std::uint64_t offset, std::uint64_t size) {
  thread_local Hasher hasher;
  if (EVP_DigestInit_ex(hasher.context, hasher.algorithm, nullptr) != 1) return std::nullopt;
  while (size > 0) {
    const std::size_t wanted = std::min<std::uint64_t>(size, chunk);
    const ssize_t got = ::pread(file, hasher.buffer.get(), wanted, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    const auto read = static_cast<std::size_t>(got);
    if (EVP_DigestUpdate(hasher.context, hasher.buffer.get(), read) != 1) return std::nullopt;
    offset += read;
    size -= read;
  }
  Sha256 hash;
  if (EVP_DigestFinal_ex(hasher.context, reinterpret_cast<unsigned char*>(hash.data()), nullptr) != 1)
    return std::nullopt;
  return hash;
}

std::optional<Sha256> sha256_of(Bytes bytes) {
  Sha256 hash;
  const bool is_done = EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(hash.data()), nullptr,
                                  EVP_sha256(), nullptr) == 1;
  return is_done ? std::optional(hash) : std::nullopt;
}

}  // namespace peerbed::adapter
