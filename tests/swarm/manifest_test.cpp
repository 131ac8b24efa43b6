#include "protocols/swarm/base/manifest.h"

#include <rapidcheck.h>

#include <string>
#include <vector>

#include "protocols/swarm/base/bitfield.h"
#include "protocols/swarm/base/options.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::swarm;

namespace {

Manifest manifest_of(std::uint64_t size, std::uint32_t piece_size) {
  Manifest manifest{.geometry = {size, piece_size}, .pieces = {}};
  for (std::uint32_t piece = 0; piece < manifest.geometry.pieces(); ++piece) {
    Digest digest;
    digest.value[0] = static_cast<std::byte>(piece);
    manifest.pieces.push_back(digest);
  }
  return manifest;
}

}  // namespace

TEST_CASE("a manifest is decoded to what was encoded") {
  CHECK(rc::check([] {
    const std::uint32_t piece_size = smallest_piece << *rc::gen::inRange(0, 9);
    const auto size = *rc::gen::inRange<std::uint64_t>(0, 50 * std::uint64_t{piece_size});
    const Manifest manifest = manifest_of(size, piece_size);
    RC_ASSERT(manifest.encoded().size() == manifest.geometry.manifest_size());
    RC_ASSERT(Manifest::decode(manifest.encoded()) == manifest);
  }));
}

TEST_CASE("the pieces of a file cover it, once") {
  CHECK(rc::check([] {
    const std::uint32_t piece_size = smallest_piece << *rc::gen::inRange(0, 9);
    const Geometry geometry{*rc::gen::inRange<std::uint64_t>(0, 100 * std::uint64_t{piece_size}), piece_size};
    std::uint64_t covered = 0;
    for (std::uint32_t piece = 0; piece < geometry.pieces(); ++piece) {
      RC_ASSERT(geometry.offset_of(piece) == covered);
      RC_ASSERT(geometry.size_of(piece) > 0);
      covered += geometry.size_of(piece);
    }
    RC_ASSERT(covered == geometry.size);
  }));
}

TEST_CASE("a manifest that is cut short, too long or absurd is refused") {
  std::vector<std::byte> bytes = manifest_of(100'000, smallest_piece).encoded();
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(Manifest::decode(Bytes(bytes).first(size)));
  bytes.resize(bytes.size() + sha256_size);
  CHECK_FALSE(Manifest::decode(bytes));

  const auto refuses = [](std::uint16_t mark, std::uint32_t piece_size, std::uint64_t size) {
    std::vector<std::byte> absurd(manifest_header_size);
    Writer writer(absurd);
    writer.integers(mark, piece_size, size);
    return !Manifest::decode(absurd).has_value();
  };
  CHECK_FALSE(refuses(0x5D01, smallest_piece, 0));  // an empty file
  CHECK_FALSE(refuses(0x5D02, smallest_piece, 0));  // an empty directory
  CHECK(refuses(0x5D03, smallest_piece, 0));
  CHECK(refuses(0x5D01, 0, 0));
  CHECK(refuses(0x5D01, 3 * smallest_piece, 0));
  CHECK(refuses(0x5D01, 2 * largest_piece, 0));
  CHECK(refuses(0x5D01, smallest_piece, UINT64_MAX));
}

TEST_CASE("the largest manifest fits into one read of content") {
  const Geometry largest{std::uint64_t{maximum_pieces} * largest_piece, largest_piece};
  CHECK(largest.is_valid());
  CHECK(largest.manifest_size() <= maximum_content_read);
  CHECK_FALSE(Geometry{largest.size + 1, largest_piece}.is_valid());
}

TEST_CASE("a root is written as 64 digits, and read back") {
  Root root;
  for (std::size_t i = 0; i < sha256_size; ++i) root.value[i] = static_cast<std::byte>(7 * i);
  CHECK(to_string(root).size() == 64);
  CHECK(parse_root(to_string(root)) == root);
  CHECK_FALSE(parse_root("abc"));
  CHECK_FALSE(parse_root(std::string(63, 'a') + "g"));
}

TEST_CASE("a file's name is one printable component of a path") {
  CHECK(is_valid_name("holiday film.mp4"));
  CHECK(is_valid_name(std::string(maximum_name_size, 'a')));
  for (const std::string& name : {std::string(), std::string("."), std::string(".."), std::string("a/b"),
                                  std::string("a\nb"), std::string(1, '\0'), std::string(maximum_name_size + 1, 'a')})
    CHECK_FALSE(is_valid_name(name));
}

TEST_CASE("a bitfield is decoded to what was encoded, and refused when it does not fit") {
  CHECK(rc::check([] {
    const auto size = *rc::gen::inRange<std::size_t>(0, 300);
    Bitfield bits(size);
    std::size_t count = 0;
    for (std::size_t i = 0; i < size; ++i)
      if (*rc::gen::arbitrary<bool>()) count += bits.set(i) ? 1 : 0;
    std::vector<std::byte> bytes(bits.encoded_size());
    Writer writer(bytes);
    bits.encode(writer);
    Bitfield read(size);
    RC_ASSERT(read.decode(bytes));
    RC_ASSERT(read == bits);
    RC_ASSERT(read.count() == count);
    bytes.push_back(std::byte{0});
    RC_ASSERT(!read.decode(bytes));
  }));
  Bitfield ten(10);
  const std::array past_the_end{std::byte{0xFF}, std::byte{0xE0}};  // eleven pieces
  CHECK_FALSE(ten.decode(past_the_end));
  CHECK(ten.count() == 0);
}
