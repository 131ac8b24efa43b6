#pragma once
// What this node puts, removes and gets for a person or a program, values of any size. A put of a large one stores the
// parts first and then the record, so that whoever reads the record can read all; a get reads the record, then the
// parts, and begins again when they are no longer there.
//
// It composes operations and transfers, and keeps what is yet to be begun. After each call that may begin something the
// caller calls next_sought() until it returns nothing, looks up what that says, and says in found() who was found. A
// lookup may end at once: what it leads to is begun before what was waiting.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocols/ring/requests/operations.h"
#include "protocols/ring/requests/request_context.h"
#include "protocols/ring/requests/transfers.h"
#include "protocols/ring/storage/storage_context.h"
#include "protocols/ring/storage/store.h"

namespace peerbed::ring {

class Requests {
 public:
  // An operation, and its key, whose owner is to be looked up.
  struct Sought {
    std::uint32_t operation = 0;
    Key key;
  };

  // Says to the person when a value is too large.
  static bool may_put(const Context& context, std::string_view name, Bytes value);
  // They return the id; if nothing is pending or kept under it, the operation was refused. What `fetch` gets is not
  // printed but kept until it is taken.
  std::uint32_t put(const RequestContext& context, std::string_view name, Bytes value, Duration lifetime);
  std::uint32_t remove(const RequestContext& context, std::string_view name);
  std::uint32_t get(const RequestContext& context, std::string_view name);
  std::uint32_t fetch(const RequestContext& context, std::string_view name);
  bool is_pending(std::uint32_t id) const noexcept { return operations_.find(id) != nullptr || is_transferred(id); }
  std::optional<std::vector<std::byte>> take_fetched(std::uint32_t id) { return transfers_.take_fetched(id); }
  // The parts of records that the store knows to be superseded are to go.
  void discard_superseded() { work_.push_back({Work::Kind::discard_superseded}); }

  // Nothing when nothing is left to be looked up now, and while an earlier call of the same input is answered.
  bool begin_pursuit() noexcept;
  std::optional<Sought> next_sought(const RequestContext& context, const StorageContext& storage_context, Store& store);
  // The owner, and whom to ask in turn; without these the lookup found nobody.
  void found(const RequestContext& context, std::uint32_t operation, Contact owner, std::span<const Contact> holders);
  // Whether it is a get that has not failed yet: any node that knows all holders of its key may name them.
  bool is_first_try_of_get(std::uint32_t operation) const noexcept;

  void take(const RequestContext& context, Address from, const PutDone& done);
  void take(const RequestContext& context, Address from, const Value& value);

  // Each that is overdue is handled on its own, and whom it calls late are noted before.
  std::vector<std::uint32_t> overdue(Time now) const { return operations_.overdue(now); }
  std::span<const Contact> late_holders(const RequestContext& context, std::uint32_t operation) const noexcept {
    return operations_.late_holders(context, operation);
  }
  void handle_overdue(const RequestContext& context, std::uint32_t operation);
  Time earliest_deadline() const noexcept { return operations_.earliest_deadline(); }

  std::size_t operation_count() const noexcept { return operations_.size(); }
  // Grows whenever an operation begins or ends.
  std::uint64_t progress() const noexcept { return 2 * std::uint64_t{operations_.count()} - operations_.size(); }

  auto fields() const { return std::tie(operations_, transfers_); }

 private:
  // What is to be begun.
  struct Work {
    enum class Kind : std::uint8_t { locate, begin_parts, discard, discard_superseded };
    Kind kind{};
    std::uint32_t id = 0;  // of an operation or a transfer
    Key key{};             // of the value whose
    PartSet parts{};       // are to be discarded
  };

  bool is_transferred(std::uint32_t id) const noexcept { return transfers_.is_under_way(id); }
  bool can_transfer(const RequestContext& context, std::string_view name, std::string_view what) const;
  std::uint32_t begin(const RequestContext& context, Operation operation);
  void begin(Transfer transfer);
  void follow(const RequestContext& context, std::uint32_t id, Operations::Next next);
  void end_operation(const RequestContext& context, std::uint32_t id, bool success);
  void end_get(const RequestContext& context, const Operation& operation);
  void end_part(const Operation& operation, bool success);
  void end_transfer(const RequestContext& context, std::uint32_t id);
  void end_putting(const RequestContext& context, Transfer transfer);
  void end_fetching(const RequestContext& context, Transfer transfer);
  void put_parts(const RequestContext& context, Transfer transfer);
  void put_again(const RequestContext& context, Operation operation);
  void fetch_parts(const RequestContext& context, const Operation& operation, const PartSet& parts);
  void discard(const RequestContext& context, Key key, const PartSet& parts);
  void hand_over(const RequestContext& context, const Operation& operation, std::vector<std::byte> bytes);

  Operations operations_;
  Transfers transfers_;
  // Nothing is left of these between two inputs.
  std::vector<Work> work_;  // what is to be begun first, last
  bool is_pursued_ = false;
};

}  // namespace peerbed::ring
