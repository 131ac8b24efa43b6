// Large values. A put stores the parts first and then the record, so that whoever reads the record can read all; a get
// reads the record, then the parts, and begins again when they are no longer there. The owner of a record that was
// replaced discards its parts.

#include <algorithm>

#include "protocols/ring/node.h"
#include "protocols/ring/words.h"

namespace peerbed::ring {

namespace {

std::string too_large(std::string_view name, std::size_t size, std::size_t most) {
  return shown(name) + " cannot be stored: it has " + std::to_string(size) + " bytes, and a value has at most " +
         std::to_string(most);
}

}  // namespace

std::uint32_t Node::put(Environment& environment, std::string_view name, Bytes value, Duration lifetime) {
  const std::size_t most = options_->key_bits < least_key_bits ? maximum_value_size : maximum_large_value;
  const bool is_small = fits_one_datagram(value);
  if (value.size() > most || (!is_small && most == maximum_value_size)) {
    environment.refuse("too-large", too_large(name, value.size(), most));
    return 0;
  }
  if (is_small) {
    Operation operation = operation_on(name, Operation::Kind::put);
    operation.lifetime = lifetime;
    operation.bytes.assign(value.begin(), value.end());
    return start_operation(environment, std::move(operation));
  }
  Transfer transfer{
      .id = next_id(), .kind = Transfer::Kind::put, .key = key_of_name(name, space()), .name = std::string(name)};
  transfer.bytes.assign(value.begin(), value.end());
  transfer.lifetime = lifetime;
  transfer.started = environment.now();
  const std::uint32_t id = transfer.id;
  if (can_transfer(environment, name, "stored")) start_putting(environment, std::move(transfer));
  return id;
}

std::uint32_t Node::remove(Environment& environment, std::string_view name) {
  return start_operation(environment, operation_on(name, Operation::Kind::remove));
}

std::uint32_t Node::fetch(Environment& environment, std::string_view name) {
  if (!can_transfer(environment, name, "fetched")) return 0;
  Operation operation = operation_on(name, Operation::Kind::get);
  operation.kept = true;
  return start_operation(environment, std::move(operation));
}

bool Node::is_pending(std::uint32_t id) const noexcept {
  if (!cold_state_) return false;
  const auto has_id = [id](const auto& entry) { return entry.id == id; };
  const auto& operations = cold_state_->store.operations;
  if (std::any_of(operations.begin(), operations.end(), has_id)) return true;
  if (!cold_state_->transfers) return false;
  const auto& transfers = cold_state_->transfers->under_way;
  return std::any_of(transfers.begin(), transfers.end(), has_id);
}

// What begins and what ends.
std::uint64_t Node::progress() const noexcept {
  return cold_state_ ? 2 * std::uint64_t{cold_state_->store.last_operation} - cold_state_->store.operations.size() : 0;
}

std::optional<std::vector<std::byte>> Node::take_fetched(std::uint32_t id) {
  if (!cold_state_ || !cold_state_->transfers) return std::nullopt;
  auto& fetched = cold_state_->transfers->fetched;
  const auto place =
      std::find_if(fetched.begin(), fetched.end(), [id](const Fetched& entry) { return entry.id == id; });
  if (place == fetched.end()) return std::nullopt;
  std::vector<std::byte> bytes = std::move(place->bytes);
  fetched.erase(place);
  return bytes;
}

bool Node::can_transfer(Environment& environment, std::string_view name, std::string_view what) {
  const Transfers& transfers = cold_state_.get_or_create().transfers.get_or_create();
  if (transfers.under_way.size() + transfers.fetched.size() < maximum_transfers) return true;
  environment.refuse("busy", shown(name) + " could not be " + std::string(what) + ": " +
                                 std::to_string(maximum_transfers) + " large values are under way; try it again later");
  return false;
}

Transfer* Node::transfer_of(std::uint32_t id) {
  if (!cold_state_ || !cold_state_->transfers) return nullptr;
  auto& transfers = cold_state_->transfers->under_way;
  const auto place =
      std::find_if(transfers.begin(), transfers.end(), [id](const Transfer& entry) { return entry.id == id; });
  return place == transfers.end() ? nullptr : &*place;
}

Transfer Node::take_transfer(std::uint32_t id) {
  auto& transfers = cold_state_->transfers->under_way;
  Transfer* place = transfer_of(id);
  Transfer taken = std::move(*place);
  transfers.erase(transfers.begin() + (place - transfers.data()));
  return taken;
}

// In each round under names of its own: those of a round before may have been discarded.
void Node::start_putting(Environment& environment, Transfer transfer) {
  transfer.parts = PartSet::of(name_operation(environment), transfer.bytes);
  start_transfer(environment, std::move(transfer));
}

void Node::start_transfer(Environment& environment, Transfer transfer) {
  const std::uint32_t id = transfer.id;
  cold_state_.get_or_create().transfers.get_or_create().under_way.push_back(std::move(transfer));
  begin_parts(environment, id);
}

// A transfer always has a part under way, and its share of all that may be.
bool Node::may_begin_part(const Transfer& transfer) const noexcept {
  if (transfer.failed || transfer.begun == transfer.parts.count()) return false;
  std::size_t of_all = 0;
  for (const Transfer& each : cold_state_->transfers->under_way) of_all += each.under_way;
  const std::size_t share = maximum_parts_under_way / cold_state_->transfers->under_way.size();
  return transfer.under_way == 0 || (transfer.under_way < share && of_all < maximum_parts_under_way);
}

// A part may end at once, and then ends in here.
void Node::begin_parts(Environment& environment, std::uint32_t id) {
  Transfer* transfer = transfer_of(id);
  transfer->begins_parts = true;
  while (may_begin_part(*transfer)) {
    ++transfer->under_way;
    begin_part(environment, *transfer, transfer->begun++);
    transfer = transfer_of(id);
  }
  transfer->begins_parts = false;
  if (transfer->under_way == 0) end_transfer(environment, id);
}

void Node::begin_part(Environment& environment, const Transfer& transfer, std::uint32_t number) {
  Part part{.value = transfer.key, .set = transfer.parts.name, .number = number};
  Operation operation;
  operation.key = part.key(space());
  operation.transfer = transfer.id;
  operation.part = number;
  switch (transfer.kind) {
    case Transfer::Kind::put:
      operation.kind = Operation::Kind::put;
      part.bytes = Bytes(transfer.bytes).subspan(number * part_size, transfer.parts.size_of(number));
      operation.bytes = part.write();
      if (transfer.lifetime > Duration{0}) operation.lifetime = transfer.lifetime + 2 * longest_transfer;
      break;
    case Transfer::Kind::get:
      operation.kind = Operation::Kind::get;
      break;
    case Transfer::Kind::discard:
      operation.kind = Operation::Kind::remove;
      break;
  }
  start_operation(environment, std::move(operation));
}

void Node::end_part(Environment& environment, const Operation& operation, bool success) {
  Transfer* transfer = transfer_of(operation.transfer);
  if (transfer == nullptr) return;
  --transfer->under_way;
  if (transfer->kind == Transfer::Kind::get && success) {
    const auto part = Part::read(operation.bytes);
    const std::size_t size = transfer->parts.size_of(operation.part);
    success = part && part->value == transfer->key && part->set == transfer->parts.name &&
              part->number == operation.part && part->bytes.size() == size;
    if (success)
      std::copy(part->bytes.begin(), part->bytes.end(),
                transfer->bytes.begin() + static_cast<std::ptrdiff_t>(operation.part * part_size));
  }
  // What could not be discarded is left; the rest goes all the same.
  if (!success && transfer->kind != Transfer::Kind::discard) transfer->failed = true;
  if (!transfer->begins_parts) begin_parts(environment, operation.transfer);
}

void Node::end_transfer(Environment& environment, std::uint32_t id) {
  Transfer transfer = take_transfer(id);
  switch (transfer.kind) {
    case Transfer::Kind::put:
      return finish_putting(environment, std::move(transfer));
    case Transfer::Kind::get:
      return finish_fetching(environment, std::move(transfer));
    case Transfer::Kind::discard:
      return discard_superseded(environment);
  }
}

// All parts are with their holders: now the record may say so. Before it was sent nobody can have read of the parts.
void Node::finish_putting(Environment& environment, Transfer transfer) {
  if (transfer.failed || environment.now() - transfer.started > longest_transfer) {
    report_put(environment, "stored", transfer.name, transfer.key, transfer.started, transfer.rounds + 1u, false);
    PartSet begun = transfer.parts;
    begun.size = static_cast<std::uint32_t>(std::min<std::size_t>(begun.size, transfer.begun * part_size));
    return discard(environment, transfer.key, begun);
  }
  Operation operation = operation_on(transfer.name, Operation::Kind::put);
  operation.id = transfer.id;
  operation.started = transfer.started;
  operation.bytes = transfer.parts.record();
  operation.lifetime = transfer.lifetime;
  operation.rounds = transfer.rounds;
  operation.whole = std::move(transfer.bytes);
  operation.abandoned = std::move(transfer.abandoned);
  operation.state.stamp.time = transfer.least_time;
  start_operation(environment, std::move(operation));
}

// Another put overtook this record after copies of it were sent: one may have been stored, replaced, and its parts
// discarded. So the record that is to follow the other put has parts of its own. Those of this one have to stay until
// then: a late copy of the record may yet be stored.
void Node::put_again(Environment& environment, Operation operation, std::uint64_t least_time) {
  Transfer transfer{.id = operation.id,
                    .kind = Transfer::Kind::put,
                    .rounds = static_cast<std::uint8_t>(operation.rounds + 1),
                    .key = operation.key,
                    .name = operation.name};
  transfer.bytes = std::move(operation.whole);
  transfer.lifetime = operation.lifetime;
  transfer.least_time = least_time;
  transfer.abandoned = std::move(operation.abandoned);
  if (const auto parts = PartSet::read(operation.bytes)) transfer.abandoned.push_back(*parts);
  transfer.started = operation.started;
  start_putting(environment, std::move(transfer));
}

void Node::fetch_parts(Environment& environment, const Operation& operation, const PartSet& parts) {
  if (operation.rounds == 0 && !can_transfer(environment, operation.name, "fetched"))
    return trace_get(environment, operation, false);
  Transfer transfer{.id = operation.id,
                    .kind = Transfer::Kind::get,
                    .rounds = operation.rounds,
                    .kept = operation.kept,
                    .key = operation.key,
                    .name = operation.name,
                    .parts = parts};
  transfer.bytes.resize(parts.size);
  transfer.started = operation.started;
  start_transfer(environment, std::move(transfer));
}

// Parts that are missing have been replaced, as far as is known: the record says by what.
void Node::finish_fetching(Environment& environment, Transfer transfer) {
  Operation operation = operation_on(transfer.name, Operation::Kind::get);
  operation.id = transfer.id;
  operation.started = transfer.started;
  operation.kept = transfer.kept;
  operation.rounds = static_cast<std::uint8_t>(transfer.rounds + 1);
  if (!transfer.failed && transfer.parts.makes(transfer.bytes))
    return hand_over(environment, operation, transfer.bytes);
  if (operation.rounds < maximum_transfer_rounds)
    return static_cast<void>(start_operation(environment, std::move(operation)));
  trace_get(environment, operation, false);
  environment.refuse("not-fetched", shown(transfer.name) + " could not be fetched: parts of it are missing");
}

// ---- the owner of a record
// -------------------------------------------------------------------------------------------

void Node::note_replaced(Key key, Bytes before, Bytes after) {
  const auto parts = PartSet::read(before);
  if (!parts || !is_member() || !owns_key(key)) return;
  const auto next = PartSet::read(after);
  if (next && next->name == parts->name) return;
  auto& superseded = cold_state_.get_or_create().transfers.get_or_create().superseded;
  if (superseded.size() == maximum_superseded) superseded.erase(superseded.begin());
  superseded.push_back({key, *parts});
}

// As long as the new state is not with all holders, the old one may come back.
void Node::discard_superseded(Environment& environment) {
  if (!cold_state_ || !cold_state_->transfers) return;
  auto& superseded = cold_state_->transfers->superseded;
  std::erase_if(superseded, [this](const Superseded& entry) { return !owns_key(entry.key); });
  const auto is_safe = [this](const Superseded& entry) {
    const auto value = cold_state_->store.values.find(entry.key);
    return value == cold_state_->store.values.end() || is_settled(value->second);
  };
  while (cold_state_->transfers->under_way.size() < maximum_transfers) {
    const auto place = std::find_if(superseded.begin(), superseded.end(), is_safe);
    if (place == superseded.end()) return;
    const Superseded entry = *place;
    superseded.erase(place);
    discard(environment, entry.key, entry.parts);
  }
}

void Node::discard(Environment& environment, Key key, const PartSet& parts) {
  Transfer transfer{.id = next_id(), .kind = Transfer::Kind::discard, .key = key, .parts = parts};
  transfer.started = environment.now();
  start_transfer(environment, std::move(transfer));
}

}  // namespace peerbed::ring
