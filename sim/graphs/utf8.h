#pragma once
// Code points as bytes in UTF-8.

#include <cstdint>
#include <string>

namespace peerbed::sim {

// Appends a code point, of at most 0x10FFFF.
inline void append_utf8(std::string& out, std::uint32_t code) {
  const auto add = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return add(code);
  if (code < 0x800) return add(0xC0 | code >> 6), add(0x80 | (code & 0x3F));
  if (code >= 0x10000) {
    add(0xF0 | code >> 18);
    add(0x80 | (code >> 12 & 0x3F));
  } else {
    add(0xE0 | code >> 12);
  }
  add(0x80 | (code >> 6 & 0x3F));
  add(0x80 | (code & 0x3F));
}

}  // namespace peerbed::sim
