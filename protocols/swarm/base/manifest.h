#pragma once
// Describes a file: its size, the size of its pieces, and the SHA-256 of each piece. The SHA-256 of the encoded
// manifest is the root that names the file: files with the same root are one file, whatever their names. Manifests are
// content, and the host hashes them; this header only does arithmetic and encoding.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocols/environment/codec.h"
#include "protocols/environment/content.h"

namespace peerbed::swarm {

struct Digest {
  std::array<std::byte, sha256_size> value{};
  friend constexpr auto operator<=>(const Digest&, const Digest&) = default;
  bool is_zero() const noexcept { return *this == Digest{}; }
};

using Root = Digest;

// The hash in `bytes`; zero when it is none.
Digest to_digest(Bytes bytes) noexcept;
// 64 hexadecimal digits, and back.
std::string to_string(const Root& root);
std::optional<Root> parse_root(std::string_view text) noexcept;
// The first eight bytes: enough to tell files apart in a trace.
std::uint64_t short_id(const Root& root) noexcept;

// A manifest fits into one read of content.
constexpr std::size_t manifest_header_size = 2 + 4 + 8;
constexpr std::size_t maximum_pieces = (maximum_content_read - manifest_header_size) / sha256_size;

// How a file is cut: all pieces are alike but the last.
struct Geometry {
  std::uint64_t size = 0;  // bytes
  std::uint32_t piece_size = 0;

  // Of an allowed piece size, and not too many pieces. An empty file has none.
  bool is_valid() const noexcept;
  std::uint32_t pieces() const noexcept {
    return piece_size == 0 ? 0 : static_cast<std::uint32_t>((size + piece_size - 1) / piece_size);
  }
  std::uint64_t offset_of(std::uint32_t piece) const noexcept { return std::uint64_t{piece} * piece_size; }
  std::uint32_t size_of(std::uint32_t piece) const noexcept {
    const std::uint64_t rest = size - offset_of(piece);
    return rest < piece_size ? static_cast<std::uint32_t>(rest) : piece_size;
  }
  std::size_t manifest_size() const noexcept { return manifest_header_size + std::size_t{pieces()} * sha256_size; }

  friend bool operator==(const Geometry&, const Geometry&) = default;
  auto fields() const { return std::tie(size, piece_size); }
};

struct Manifest {
  Geometry geometry{};
  std::vector<Digest> pieces;
  bool is_tree = false;  // the file is a directory of files, as its host reads it

  std::vector<std::byte> encoded() const;
  static std::optional<Manifest> decode(Bytes bytes);

  friend bool operator==(const Manifest&, const Manifest&) = default;
  auto fields() const { return std::tie(geometry, pieces, is_tree); }
};

// Names of files are one component of a path, printable, of 1 to 255 bytes.
constexpr std::size_t maximum_name_size = 255;
bool is_valid_name(std::string_view name) noexcept;
inline constexpr const char* name_rule = "a name is one component of a path, of 1 to 255 printable bytes";

// As a person types it: a name that begins or ends with a blank, or begins with a quotation mark, stands in quotation
// marks, where a backslash stands before those, and before itself. What is not so is the name itself.
std::string shown_name(std::string_view name);
std::string quoted_name(std::string_view name);
std::string typed_name(std::string_view text);

}  // namespace peerbed::swarm
