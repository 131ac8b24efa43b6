#pragma once
// The secret shared by the nodes of a cluster. Only the keys derived from it are kept, one for each purpose, in memory
// that is not swapped out and is wiped after its last use.

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>

namespace peerbed::adapter {

// Thrown for a file that holds no key, or that others may read. One sentence that names the file.
class BadKey : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class ClusterKey {
 public:
  static constexpr std::size_t size = 32;  // bytes of the secret and of each key derived from it
  using Secret = std::array<std::byte, size>;
  using Purpose = std::span<const unsigned char, size>;

  // Wipes the secret that it was given.
  explicit ClusterKey(Secret& secret);
  // Reads one line of 64 hexadecimal digits or of base64. Throws BadKey, and std::system_error if the file cannot be
  // read.
  static std::shared_ptr<const ClusterKey> read(const std::filesystem::path& file);
  // Writes a new random secret that only its owner can read. Throws std::system_error; never overwrites a file.
  static void make(const std::filesystem::path& file);

  Purpose datagrams() const noexcept { return keys_->datagrams; }
  Purpose greetings() const noexcept { return keys_->greetings; }  // of streams
  Purpose streams() const noexcept { return keys_->streams; }

 private:
  struct Keys {
    std::array<unsigned char, size> datagrams, greetings, streams;
  };
  struct Wipe {
    void operator()(Keys* keys) const noexcept;
  };
  std::unique_ptr<Keys, Wipe> keys_;
};

}  // namespace peerbed::adapter
