#pragma once
// Large values on their way: their parts, each of which is an operation of its own, and the values that a program
// fetched and has yet to take. At most maximum_transfers of both together, and maximum_parts_under_way.

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "protocols/environment/time.h"
#include "protocols/ring/base/key.h"
#include "protocols/ring/requests/operations.h"
#include "protocols/ring/wire/parts.h"

namespace peerbed::ring {

constexpr std::size_t maximum_transfers = 16;
constexpr std::size_t maximum_parts_under_way = 64;  // of all transfers; each may have one all the same

struct Transfer {
  enum class Kind : std::uint8_t { put, get, discard };
  std::uint32_t id = 0;
  Kind kind{};
  std::uint8_t rounds = 0;  // begun before this one
  bool kept = false;        // what is fetched is not printed but kept
  bool failed = false;      // a part of it
  std::uint32_t begun = 0;  // parts
  std::uint32_t under_way = 0;
  Key key{};  // of the value
  std::string name{};
  PartSet parts{};
  std::vector<std::byte> bytes{};
  Duration lifetime{};
  std::uint64_t least_time = 0;      // a stamp's, of another put that this one has to follow
  std::vector<PartSet> abandoned{};  // of earlier rounds: they go when this one is done
  Time started{};
  auto fields() const {
    return std::tie(id, kind, rounds, kept, failed, begun, under_way, key, name, parts, bytes, lifetime, least_time,
                    abandoned, started);
  }
};

// A value that a program asked for and has yet to take.
struct Fetched {
  std::uint32_t id = 0;
  std::vector<std::byte> bytes;
  auto fields() const { return std::tie(id, bytes); }
};

class Transfers {
 public:
  bool has_room() const noexcept { return under_way_.size() + fetched_.size() < maximum_transfers; }
  bool may_discard() const noexcept { return under_way_.size() < maximum_transfers; }
  bool is_under_way(std::uint32_t id) const noexcept;
  void add(Transfer transfer);
  Transfer take(std::uint32_t id);  // one that ends

  // The operation for the transfer's next part, if one may begin now.
  std::optional<Operation> begin_part(std::uint32_t id, KeySpace space);
  // An operation for a part has ended; a get has seen a value.
  void end_part(const Operation& operation, bool success);
  // Whether no part is under way: the transfer ends when none may begin either.
  bool is_idle(std::uint32_t id) const noexcept;

  void keep(std::uint32_t id, std::vector<std::byte> bytes) { fetched_.push_back({id, std::move(bytes)}); }
  std::optional<std::vector<std::byte>> take_fetched(std::uint32_t id);

  auto fields() const { return std::tie(under_way_, fetched_); }

 private:
  bool may_begin_part(const Transfer& transfer) const noexcept;

  std::vector<Transfer> under_way_;
  std::vector<Fetched> fetched_;
};

}  // namespace peerbed::ring
