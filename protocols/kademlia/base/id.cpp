#include "protocols/kademlia/base/id.h"

#include <array>
#include <span>

namespace peerbed::kademlia {
namespace {

constexpr std::size_t hex_digits = id_bits / 4;

std::optional<std::uint64_t> value_of(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return static_cast<std::uint64_t>(digit - '0');
  if (digit >= 'a' && digit <= 'f') return static_cast<std::uint64_t>(digit - 'a' + 10);
  if (digit >= 'A' && digit <= 'F') return static_cast<std::uint64_t>(digit - 'A' + 10);
  return std::nullopt;
}

}  // namespace

Id with_prefix_of(const Id& id, unsigned prefix, const Id& noise) noexcept {
  Id other = id;
  const auto flip = [&other](unsigned place) {
    if (place < 64)
      other.high ^= std::uint64_t{1} << (63 - place);
    else if (place < 128)
      other.middle ^= std::uint64_t{1} << (127 - place);
    else
      other.low ^= std::uint32_t{1} << (159 - place);
  };
  flip(prefix);
  for (unsigned place = prefix + 1; place < id_bits; ++place)
    if (bit(id, place) != bit(noise, place)) flip(place);
  return other;
}

Id key_of_name(std::string_view name) noexcept {
  if (const auto id = from_hex(name)) return *id;
  const Bytes bytes = std::as_bytes(std::span(name.data(), name.size()));
  return {hash_bytes(bytes), hash_bytes(bytes, 1), static_cast<std::uint32_t>(hash_bytes(bytes, 2))};
}

std::string to_hex(const Id& id) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned shift = 64; shift > 0; shift -= 4) text += digits[id.high >> (shift - 4) & 15];
  for (unsigned shift = 64; shift > 0; shift -= 4) text += digits[id.middle >> (shift - 4) & 15];
  for (unsigned shift = 32; shift > 0; shift -= 4) text += digits[id.low >> (shift - 4) & 15];
  return text;
}

std::optional<Id> from_hex(std::string_view text) noexcept {
  if (text.size() != hex_digits) return std::nullopt;
  std::array<std::uint64_t, 3> words{};
  for (std::size_t i = 0; i < hex_digits; ++i) {
    const auto digit = value_of(text[i]);
    if (!digit) return std::nullopt;
    words[i / 16] = words[i / 16] << 4 | *digit;
  }
  return Id{words[0], words[1], static_cast<std::uint32_t>(words[2])};
}

}  // namespace peerbed::kademlia
