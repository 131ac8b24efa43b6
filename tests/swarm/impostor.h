#pragma once
// A node that speaks the swarm's language in bad faith, for tests: it enrols, claims to have a file, and on every
// stream says what its script tells it to.

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "protocols/environment/node.h"
#include "protocols/swarm/base/trace.h"
#include "protocols/swarm/wire/frame.h"
#include "protocols/swarm/wire/messages.h"

namespace peerbed::swarm {

struct Script {
  Address tracker{};                // where to enrol; nowhere: it does not
  Root claimed{};                   // the file that it says it has when somebody asks
  std::vector<Address> victims{};   // to whom it opens a stream when it is told "open"
  std::vector<std::byte> speech{};  // what it says on each stream that opens
};

class Impostor {
 public:
  static constexpr std::size_t timer_count = 1;
  static constexpr std::span<const TraceEventType> trace_events{trace_table};
  static constexpr std::span<const std::string_view> message_kinds{Messages::names};

  explicit Impostor(std::shared_ptr<const Script> script) : script_(std::move(script)) {}

  void on_start(Environment& environment, Start) {
    if (script_->tracker) environment.send(script_->tracker, Enrol{});
  }
  void on_datagram(Environment& environment, Address from, Bytes payload) {
    const auto message = decode(payload);
    if (!message) return;
    if (const auto* heartbeat = std::get_if<Heartbeat>(&*message))
      environment.send(from, Alive{heartbeat->version.epoch, heartbeat->number});
    if (const auto* find = std::get_if<Find>(&*message))
      environment.send(from,
                       Found{find->id, {.root = script_->claimed, .size = 1, .complete = true, .name = find->name}});
  }
  void on_timer(Environment&, TimerId) {}
  void on_leave(Environment& environment) { environment.exit(); }
  void on_command(Environment& environment, std::string_view) {
    for (const Address victim : script_->victims) {
      environment.open_stream(StreamId{next_stream_}, victim);
      next_stream_ += 2;
    }
  }
  void on_stream(Environment& environment, const StreamEvent& event) {
    if (event.kind == StreamEventKind::opened || event.kind == StreamEventKind::accepted) {
      ++open;
      environment.write_stream(event.stream, Bytes(script_->speech));
      environment.receive_bytes(event.stream, 1);
    }
    if (event.kind == StreamEventKind::bytes_received) environment.receive_bytes(event.stream, 1);
    if (event.kind == StreamEventKind::reset || event.kind == StreamEventKind::half_closed) ++reset;
  }

  std::size_t open = 0;   // streams that were
  std::size_t reset = 0;  // streams that the other side ended, with a word or without

 private:
  std::shared_ptr<const Script> script_;
  std::uint32_t next_stream_ = 1;

 public:
  auto fields() const { return std::tie(open, reset, next_stream_); }
};

}  // namespace peerbed::swarm
