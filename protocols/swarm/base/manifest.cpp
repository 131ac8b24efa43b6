#include "protocols/swarm/base/manifest.h"

#include <algorithm>
#include <bit>

#include "protocols/swarm/base/options.h"

namespace peerbed::swarm {

namespace {

constexpr std::uint16_t manifest_mark = 0x5D01;  // and version 1
constexpr std::uint16_t tree_mark = 0x5D02;      // of a directory

int digit_of(char letter) noexcept {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  return -1;
}

}  // namespace

Digest to_digest(Bytes bytes) noexcept {
  Digest digest;
  if (bytes.size() == sha256_size) std::copy(bytes.begin(), bytes.end(), digest.value.begin());
  return digest;
}

std::string to_string(const Root& root) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * sha256_size);
  for (const std::byte byte : root.value) {
    text += digits[static_cast<unsigned>(byte) >> 4];
    text += digits[static_cast<unsigned>(byte) & 15];
  }
  return text;
}

std::optional<Root> parse_root(std::string_view text) noexcept {
  if (text.size() != 2 * sha256_size) return std::nullopt;
  Root root;
  for (std::size_t i = 0; i < sha256_size; ++i) {
    const int high = digit_of(text[2 * i]);
    const int low = digit_of(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    root.value[i] = static_cast<std::byte>(16 * high + low);
  }
  return root;
}

std::uint64_t short_id(const Root& root) noexcept { return Reader(root.value).integer<std::uint64_t>(); }

bool Geometry::is_valid() const noexcept {
  const bool known_piece =
      std::has_single_bit(piece_size) && piece_size >= smallest_piece && piece_size <= largest_piece;
  return known_piece && size <= std::uint64_t{maximum_pieces} * piece_size;
}

std::vector<std::byte> Manifest::encoded() const {
  std::vector<std::byte> bytes(geometry.manifest_size());
  Writer writer(bytes);
  writer.integers(is_tree ? tree_mark : manifest_mark, geometry.piece_size, geometry.size);
  for (const Digest& piece : pieces) writer.bytes(piece.value);
  return bytes;
}

std::optional<Manifest> Manifest::decode(Bytes bytes) {
  Reader reader(bytes);
  Manifest manifest;
  std::uint16_t mark = 0;
  reader.integers(mark, manifest.geometry.piece_size, manifest.geometry.size);
  manifest.is_tree = mark == tree_mark;
  if ((mark != manifest_mark && !manifest.is_tree) || !manifest.geometry.is_valid()) return std::nullopt;
  if (bytes.size() != manifest.geometry.manifest_size()) return std::nullopt;
  manifest.pieces.reserve(manifest.geometry.pieces());
  while (reader.remaining() > 0) manifest.pieces.push_back(to_digest(reader.bytes(sha256_size)));
  return manifest;
}

bool is_valid_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > maximum_name_size || name == "." || name == "..") return false;
  return std::all_of(name.begin(), name.end(), [](char letter) {
    return static_cast<unsigned char>(letter) >= ' ' && letter != '/' && letter != '\x7f';
  });
}

std::string shown_name(std::string_view name) {
  if (name.empty() || (name.front() != ' ' && name.front() != '"' && name.back() != ' ')) return std::string(name);
  return quoted_name(name);
}

std::string quoted_name(std::string_view name) {
  std::string shown = "\"";
  for (const char letter : name) {
    if (letter == '"' || letter == '\\') shown += '\\';
    shown += letter;
  }
  return shown + '"';
}

std::string typed_name(std::string_view text) {
  if (text.size() < 2 || text.front() != '"') return std::string(text);
  std::string name;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1 == text.size() ? name : std::string(text);
    if (text[i] == '\\' && ++i == text.size()) break;
    name += text[i];
  }
  return std::string(text);
}

}  // namespace peerbed::swarm
