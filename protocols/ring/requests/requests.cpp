#include "protocols/ring/requests/requests.h"

#include <algorithm>
#include <string>

#include "protocols/ring/base/trace.h"
#include "protocols/ring/base/words.h"

namespace peerbed::ring {

namespace {

std::string too_large(std::string_view name, std::size_t size, std::size_t most) {
  return shown(name) + " cannot be stored: it has " + std::to_string(size) + " bytes, and a value has at most " +
         std::to_string(most);
}

void report_put(const RequestContext& context, std::string_view done, std::string_view name, Key key, Time started,
                unsigned attempts, bool success) {
  const auto latency = static_cast<std::uint64_t>((context.now() - started).count());
  context.environment.trace(index_of(TraceEvent::put_done), {key.value, latency, attempts, success ? 1u : 0u});
  if (success) return context.environment.print(shown(name) + " is " + std::string(done));
  context.environment.refuse("not-" + std::string(done), shown(name) + " could not be " + std::string(done));
}

void trace_get(const RequestContext& context, const Operation& operation, bool is_here) {
  const auto latency = static_cast<std::uint64_t>((context.now() - operation.started).count());
  context.environment.trace(index_of(TraceEvent::get_done),
                            {operation.key.value, latency, operation.attempts, is_here ? 1u : 0u});
}

// An owner that gave less than another node is told.
void repair_read(const RequestContext& context, const Operation& operation) {
  if (!operation.owner_answered || operation.owner_stamp >= operation.state.stamp) return;
  const ValueCopy copy = ValueCopy::of(operation.key, operation.state, operation.bytes);
  context.environment.send(operation.owner.address, Replicate{.context = {}, .key = operation.key, .copy = copy});
}

}  // namespace

bool Requests::may_put(const Context& context, std::string_view name, Bytes value) {
  const std::size_t most = context.options.key_bits < least_key_bits ? maximum_value_size : maximum_large_value;
  if (value.size() <= most && (fits_one_datagram(value) || most > maximum_value_size)) return true;
  context.environment.refuse("too-large", too_large(name, value.size(), most));
  return false;
}

std::uint32_t Requests::put(const RequestContext& context, std::string_view name, Bytes value, Duration lifetime) {
  if (fits_one_datagram(value)) {
    Operation operation = Operations::on(name, Operation::Kind::put, context.space());
    operation.lifetime = lifetime;
    operation.bytes.assign(value.begin(), value.end());
    return begin(context, std::move(operation));
  }
  PEERBED_CONTRACT(value.size() <= maximum_large_value, "a value that is put is not too large");
  Transfer transfer{.id = context.ids.next(),
                    .kind = Transfer::Kind::put,
                    .key = key_of_name(name, context.space()),
                    .name = std::string(name)};
  transfer.bytes.assign(value.begin(), value.end());
  transfer.lifetime = lifetime;
  transfer.started = context.now();
  const std::uint32_t id = transfer.id;
  if (can_transfer(context, name, "stored")) put_parts(context, std::move(transfer));
  return id;
}

std::uint32_t Requests::remove(const RequestContext& context, std::string_view name) {
  return begin(context, Operations::on(name, Operation::Kind::remove, context.space()));
}

std::uint32_t Requests::get(const RequestContext& context, std::string_view name) {
  return begin(context, Operations::on(name, Operation::Kind::get, context.space()));
}

std::uint32_t Requests::fetch(const RequestContext& context, std::string_view name) {
  if (!can_transfer(context, name, "fetched")) return 0;
  Operation operation = Operations::on(name, Operation::Kind::get, context.space());
  operation.kept = true;
  return begin(context, std::move(operation));
}

bool Requests::can_transfer(const RequestContext& context, std::string_view name, std::string_view what) const {
  if (transfers_.has_room()) return true;
  context.environment.refuse("busy", shown(name) + " could not be " + std::string(what) + ": " +
                                         std::to_string(maximum_transfers) +
                                         " large values are under way; try it again later");
  return false;
}

std::uint32_t Requests::begin(const RequestContext& context, Operation operation) {
  const std::uint32_t id = operations_.begin(context, std::move(operation));
  if (operations_.are_too_many()) {
    end_operation(context, id, false);
  } else {
    work_.push_back({Work::Kind::locate, id});
  }
  return id;
}

void Requests::begin(Transfer transfer) {
  work_.push_back({Work::Kind::begin_parts, transfer.id});
  transfers_.add(std::move(transfer));
}

bool Requests::begin_pursuit() noexcept {
  if (is_pursued_) return false;
  is_pursued_ = true;
  return true;
}

std::optional<Requests::Sought> Requests::next_sought(const RequestContext& context,
                                                      const StorageContext& storage_context, Store& store) {
  PEERBED_CONTRACT(is_pursued_, "requests are pursued by one caller at a time");
  while (!work_.empty()) {
    const Work work = work_.back();
    switch (work.kind) {
      case Work::Kind::locate:
        work_.pop_back();
        return Sought{work.id, operations_.locate(work.id)};
      case Work::Kind::begin_parts:
        if (auto part = transfers_.begin_part(work.id, context.space())) {
          begin(context, std::move(*part));
        } else {
          work_.pop_back();
          if (transfers_.is_idle(work.id)) end_transfer(context, work.id);
        }
        break;
      case Work::Kind::discard:
        work_.pop_back();
        discard(context, work.key, work.parts);
        break;
      case Work::Kind::discard_superseded: {
        store.forget_superseded_of_others(storage_context);
        const auto superseded = transfers_.may_discard() ? store.take_superseded(storage_context) : std::nullopt;
        if (superseded) {
          discard(context, superseded->key, superseded->parts);
        } else {
          work_.pop_back();
        }
        break;
      }
    }
  }
  is_pursued_ = false;
  return std::nullopt;
}

void Requests::found(const RequestContext& context, std::uint32_t id, Contact owner, std::span<const Contact> holders) {
  follow(context, id, operations_.ask(context, id, owner, holders));
}

bool Requests::is_first_try_of_get(std::uint32_t id) const noexcept {
  const Operation* operation = operations_.find(id);
  return operation != nullptr && operation->is_get() && operation->attempts == 1;
}

void Requests::take(const RequestContext& context, Address from, const PutDone& done) {
  follow(context, done.id, operations_.take(context, from, done));
}

void Requests::take(const RequestContext& context, Address from, const Value& value) {
  follow(context, value.id, operations_.take(context, from, value));
}

void Requests::handle_overdue(const RequestContext& context, std::uint32_t id) {
  follow(context, id, operations_.handle_overdue(context, id));
}

void Requests::follow(const RequestContext& context, std::uint32_t id, Operations::Next next) {
  switch (next) {
    case Operations::Next::wait:
      return;
    case Operations::Next::locate:
      return work_.push_back({Work::Kind::locate, id});
    case Operations::Next::succeed:
      return end_operation(context, id, true);
    case Operations::Next::fail:
      return end_operation(context, id, false);
    case Operations::Next::put_again:
      return put_again(context, operations_.take(id));
  }
}

void Requests::end_operation(const RequestContext& context, std::uint32_t id, bool success) {
  const Operation operation = operations_.take(id);
  if (operation.is_get()) return end_get(context, operation);
  if (operation.transfer != 0) return end_part(operation, success);
  const std::string_view done = operation.kind == Operation::Kind::put ? "stored" : "removed";
  report_put(context, done, operation.name, operation.key, operation.started, operation.attempts, success);
  if (!success) return;
  for (auto parts = operation.abandoned.rbegin(); parts != operation.abandoned.rend(); ++parts)
    work_.push_back({Work::Kind::discard, 0, operation.key, *parts});
}

void Requests::end_get(const RequestContext& context, const Operation& operation) {
  const ValueState& state = operation.state;
  const bool is_seen = state.stamp.time > 0;
  const bool is_here = is_seen && !state.is_gone(context.clock);
  const bool is_absent = !is_here && (is_seen || Operations::is_absent(operation));
  if (is_seen) repair_read(context, operation);
  if (is_here || is_absent) {
    context.environment.trace(
        index_of(TraceEvent::get_returned),
        {operation.name_of_all, operation.key.value, is_here ? state.stamp.time : 0, state.stamp.operation});
  }
  if (operation.transfer != 0) return end_part(operation, is_here);
  if (is_here) {
    if (const auto parts = PartSet::read(operation.bytes)) return fetch_parts(context, operation, *parts);
    return hand_over(context, operation, operation.bytes);
  }
  trace_get(context, operation, false);
  if (is_absent) return context.environment.refuse("not-found", shown(operation.name) + " was not found");
  context.environment.refuse("not-fetched", shown(operation.name) + " could not be fetched");
}

// A value that does not fit into a line is not printed, but said to be there.
void Requests::hand_over(const RequestContext& context, const Operation& operation, std::vector<std::byte> bytes) {
  trace_get(context, operation, true);
  if (operation.kept) return transfers_.keep(operation.id, std::move(bytes));
  if (bytes.size() > maximum_value_size)
    return context.environment.print(shown(operation.name) + " has " + std::to_string(bytes.size()) + " bytes");
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  context.environment.print(shown(operation.name) + " = " + shown(text));
}

// A part may end while its transfer begins others, and then these go on.
void Requests::end_part(const Operation& operation, bool success) {
  transfers_.end_part(operation, success);
  const bool begins_parts = std::any_of(work_.begin(), work_.end(), [&](const Work& work) {
    return work.kind == Work::Kind::begin_parts && work.id == operation.transfer;
  });
  if (!begins_parts) work_.push_back({Work::Kind::begin_parts, operation.transfer});
}

void Requests::end_transfer(const RequestContext& context, std::uint32_t id) {
  Transfer transfer = transfers_.take(id);
  switch (transfer.kind) {
    case Transfer::Kind::put:
      return end_putting(context, std::move(transfer));
    case Transfer::Kind::get:
      return end_fetching(context, std::move(transfer));
    case Transfer::Kind::discard:
      return discard_superseded();
  }
}

// In each round under names of its own: those of a round before may have been discarded.
void Requests::put_parts(const RequestContext& context, Transfer transfer) {
  transfer.parts = PartSet::of(operations_.next_name(context), transfer.bytes);
  begin(std::move(transfer));
}

// All parts are with their holders: now the record may say so. Before it was sent nobody can have read of the parts.
void Requests::end_putting(const RequestContext& context, Transfer transfer) {
  if (transfer.failed || context.now() - transfer.started > longest_transfer) {
    report_put(context, "stored", transfer.name, transfer.key, transfer.started, transfer.rounds + 1u, false);
    PartSet begun = transfer.parts;
    begun.size = static_cast<std::uint32_t>(std::min<std::size_t>(begun.size, transfer.begun * part_size));
    return discard(context, transfer.key, begun);
  }
  Operation operation = Operations::on(transfer.name, Operation::Kind::put, context.space());
  operation.id = transfer.id;
  operation.started = transfer.started;
  operation.bytes = transfer.parts.record();
  operation.lifetime = transfer.lifetime;
  operation.rounds = transfer.rounds;
  operation.whole = std::move(transfer.bytes);
  operation.abandoned = std::move(transfer.abandoned);
  operation.state.stamp.time = transfer.least_time;
  begin(context, std::move(operation));
}

// Another put overtook this record after copies of it were sent: one may have been stored, replaced, and its parts
// discarded. So the record that is to follow the other put has parts of its own. Those of this one have to stay until
// then: a late copy of the record may yet be stored.
void Requests::put_again(const RequestContext& context, Operation operation) {
  Transfer transfer{.id = operation.id,
                    .kind = Transfer::Kind::put,
                    .rounds = static_cast<std::uint8_t>(operation.rounds + 1),
                    .key = operation.key,
                    .name = operation.name};
  transfer.bytes = std::move(operation.whole);
  transfer.lifetime = operation.lifetime;
  transfer.least_time = operation.state.stamp.time;
  transfer.abandoned = std::move(operation.abandoned);
  if (const auto parts = PartSet::read(operation.bytes)) transfer.abandoned.push_back(*parts);
  transfer.started = operation.started;
  put_parts(context, std::move(transfer));
}

void Requests::fetch_parts(const RequestContext& context, const Operation& operation, const PartSet& parts) {
  if (operation.rounds == 0 && !can_transfer(context, operation.name, "fetched"))
    return trace_get(context, operation, false);
  Transfer transfer{.id = operation.id,
                    .kind = Transfer::Kind::get,
                    .rounds = operation.rounds,
                    .kept = operation.kept,
                    .key = operation.key,
                    .name = operation.name,
                    .parts = parts};
  transfer.bytes.resize(parts.size);
  transfer.started = operation.started;
  begin(std::move(transfer));
}

// Parts that are missing have been replaced, as far as is known: the record says by what.
void Requests::end_fetching(const RequestContext& context, Transfer transfer) {
  Operation operation = Operations::on(transfer.name, Operation::Kind::get, context.space());
  operation.id = transfer.id;
  operation.started = transfer.started;
  operation.kept = transfer.kept;
  operation.rounds = static_cast<std::uint8_t>(transfer.rounds + 1);
  if (!transfer.failed && transfer.parts.makes(transfer.bytes))
    return hand_over(context, operation, std::move(transfer.bytes));
  if (operation.rounds < maximum_transfer_rounds) return static_cast<void>(begin(context, std::move(operation)));
  trace_get(context, operation, false);
  context.environment.refuse("not-fetched", shown(transfer.name) + " could not be fetched: parts of it are missing");
}

void Requests::discard(const RequestContext& context, Key key, const PartSet& parts) {
  Transfer transfer{.id = context.ids.next(), .kind = Transfer::Kind::discard, .key = key, .parts = parts};
  transfer.started = context.now();
  begin(std::move(transfer));
}

}  // namespace peerbed::ring
