#include "protocols/ring/requests/transfers.h"

#include <algorithm>

namespace peerbed::ring {

namespace {

template <class Entries>
auto entry_of(Entries& entries, std::uint32_t id) noexcept {
  return std::find_if(entries.begin(), entries.end(), [id](const auto& entry) { return entry.id == id; });
}

// A part that was fetched, if it is this one.
std::optional<Part> part_in(const Operation& operation, const Transfer& transfer) noexcept {
  const auto part = Part::read(operation.bytes);
  const std::size_t size = transfer.parts.size_of(operation.part);
  const bool is_right = part && part->value == transfer.key && part->set == transfer.parts.name &&
                        part->number == operation.part && part->bytes.size() == size;
  return is_right ? part : std::nullopt;
}

}  // namespace

bool Transfers::is_under_way(std::uint32_t id) const noexcept { return entry_of(under_way_, id) != under_way_.end(); }

void Transfers::add(Transfer transfer) {
  PEERBED_CONTRACT(!is_under_way(transfer.id), "a transfer has an id of its own");
  under_way_.push_back(std::move(transfer));
}

Transfer Transfers::take(std::uint32_t id) {
  const auto found = entry_of(under_way_, id);
  PEERBED_CONTRACT(found != under_way_.end(), "a transfer ends once");
  Transfer taken = std::move(*found);
  under_way_.erase(found);
  return taken;
}

// A transfer always has a part under way, and its share of all that may be.
bool Transfers::may_begin_part(const Transfer& transfer) const noexcept {
  if (transfer.failed || transfer.begun == transfer.parts.count()) return false;
  std::size_t of_all = 0;
  for (const Transfer& each : under_way_) of_all += each.under_way;
  const std::size_t share = maximum_parts_under_way / under_way_.size();
  return transfer.under_way == 0 || (transfer.under_way < share && of_all < maximum_parts_under_way);
}

std::optional<Operation> Transfers::begin_part(std::uint32_t id, KeySpace space) {
  const auto transfer = entry_of(under_way_, id);
  PEERBED_CONTRACT(transfer != under_way_.end(), "a part belongs to a transfer that is under way");
  if (!may_begin_part(*transfer)) return std::nullopt;
  ++transfer->under_way;
  const std::uint32_t number = transfer->begun++;
  Part part{.value = transfer->key, .set = transfer->parts.name, .number = number};
  Operation operation;
  operation.key = part.key(space);
  operation.transfer = transfer->id;
  operation.part = number;
  switch (transfer->kind) {
    case Transfer::Kind::put:
      operation.kind = Operation::Kind::put;
      part.bytes = Bytes(transfer->bytes).subspan(number * part_size, transfer->parts.size_of(number));
      operation.bytes = part.write();
      if (transfer->lifetime > Duration{0}) operation.lifetime = transfer->lifetime + 2 * longest_transfer;
      break;
    case Transfer::Kind::get:
      operation.kind = Operation::Kind::get;
      break;
    case Transfer::Kind::discard:
      operation.kind = Operation::Kind::remove;
      break;
  }
  return operation;
}

void Transfers::end_part(const Operation& operation, bool success) {
  const auto transfer = entry_of(under_way_, operation.transfer);
  PEERBED_CONTRACT(transfer != under_way_.end() && transfer->under_way > 0, "a part that ends has begun");
  --transfer->under_way;
  if (transfer->kind == Transfer::Kind::get && success) {
    const auto part = part_in(operation, *transfer);
    success = part.has_value();
    if (part)
      std::copy(part->bytes.begin(), part->bytes.end(),
                transfer->bytes.begin() + static_cast<std::ptrdiff_t>(operation.part * part_size));
  }
  // What could not be discarded is left; the rest goes all the same.
  if (!success && transfer->kind != Transfer::Kind::discard) transfer->failed = true;
}

bool Transfers::is_idle(std::uint32_t id) const noexcept {
  const auto transfer = entry_of(under_way_, id);
  return transfer != under_way_.end() && transfer->under_way == 0;
}

std::optional<std::vector<std::byte>> Transfers::take_fetched(std::uint32_t id) {
  const auto found = entry_of(fetched_, id);
  if (found == fetched_.end()) return std::nullopt;
  std::vector<std::byte> bytes = std::move(found->bytes);
  fetched_.erase(found);
  return bytes;
}

}  // namespace peerbed::ring
