#pragma once
// Messages by which peers learn what others offer.

#include <tuple>

#include "protocols/environment/message_list.h"
#include "protocols/swarm/base/manifest.h"
#include "protocols/swarm/wire/wire.h"

namespace peerbed::swarm {

struct OfferedFile {
  Root root{};
  std::uint64_t size = 0;  // bytes; 0 also while the offerer has not seen the manifest
  bool complete = false;
  ByteView name{};  // a valid name
  static constexpr auto members =
      std::tuple(&OfferedFile::root, &OfferedFile::size, &OfferedFile::complete, &OfferedFile::name);
  friend bool operator==(const OfferedFile&, const OfferedFile&) = default;
  std::size_t encoded_size() const noexcept { return sha256_size + 8 + 1 + 2 + name.bytes.size(); }
};

// What do you offer, from the first-th file on?
struct OffersQuery {
  static constexpr MessageKind kind{8, "offers_query"};
  std::uint32_t id = 0;
  std::uint32_t first = 0;
  static constexpr auto members = std::tuple(&OffersQuery::id, &OffersQuery::first);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const OffersQuery&, const OffersQuery&) = default;
};

// As many files as fit one datagram.
struct Offers {
  static constexpr MessageKind kind{9, "offers"};
  using List = BoundedList<OfferedFile, 32>;
  std::uint32_t id = 0;
  std::uint32_t first = 0;
  std::uint32_t total = 0;
  List files{};
  static constexpr auto members = std::tuple(&Offers::id, &Offers::first, &Offers::total, &Offers::files);
  static constexpr std::size_t room = maximum_datagram_size - header_size - 13 - codec::check_size;  // for the files
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Offers&, const Offers&) = default;
};

// Have you this file? By its root when that is not zero, else by its name.
struct Find {
  static constexpr MessageKind kind{10, "find"};
  std::uint32_t id = 0;
  Root root{};
  ByteView name{};
  static constexpr auto members = std::tuple(&Find::id, &Find::root, &Find::name);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Find&, const Find&) = default;
};

// The answer; with a zero root: no.
struct Found {
  static constexpr MessageKind kind{11, "found"};
  std::uint32_t id = 0;
  OfferedFile file;
  static constexpr auto members = std::tuple(&Found::id, &Found::file);
  void encode(Writer& writer) const noexcept { Wire::encode(*this, writer); }
  friend bool operator==(const Found&, const Found&) = default;
};

}  // namespace peerbed::swarm
