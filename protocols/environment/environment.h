#pragma once
// Everything that a node may know about the world while it handles one input, and everything that it may do to it. What
// it does is recorded and happens after the handler returns; meanwhile time stands still.

#include <span>
#include <string_view>

#include "protocols/environment/address.h"
#include "protocols/environment/codec.h"
#include "protocols/environment/content.h"
#include "protocols/environment/contract.h"
#include "protocols/environment/effects.h"
#include "protocols/environment/random.h"
#include "protocols/environment/stream.h"
#include "protocols/environment/time.h"
#include "protocols/environment/trace.h"

namespace peerbed {

// A protocol numbers its timers from 0. Setting a running timer replaces it.
using TimerId = std::uint16_t;

template <class Message>
concept EncodableMessage = requires(const Message& message, Writer& writer) {
  message.encode(writer);
};

class Environment {
 public:
  // `random_key` is derived from the node and the seed; `draws` counts the node's draws by purpose and outlives the
  // handler.
  Environment(Time now, Address self, std::uint64_t random_key, DrawCounts& draws, Effects& effects) noexcept
      : now_(now), self_(self), random_key_(random_key), draws_(draws), effects_(effects) {}

  Time now() const noexcept { return now_; }
  Address self() const noexcept { return self_; }

  // Datagrams may be lost, delayed, duplicated or overtaken. At most maximum_datagram_size bytes: more is our bug.
  template <EncodableMessage Message>
  void send(Address to, const Message& message) {
    Writer writer = effects_.lend(maximum_datagram_size);
    message.encode(writer);
    PEERBED_CONTRACT(writer.ok(), "a message fits into one datagram");
    effects_.record_lent({.kind = EffectKind::send_datagram, .argument = to.value}, writer);
  }
  void send(Address to, Bytes payload) {
    PEERBED_CONTRACT(payload.size() <= maximum_datagram_size, "a message fits into one datagram");
    effects_.record({.kind = EffectKind::send_datagram, .argument = to.value}, payload);
  }

  // A timer fires once, `delay` from now (a negative delay counts as zero).
  void set_timer(TimerId timer, Duration delay) {
    effects_.record({.kind = EffectKind::set_timer,
                     .number = timer,
                     .argument = delay.count() < 0 ? 0 : static_cast<std::uint64_t>(delay.count())});
  }
  void cancel_timer(TimerId timer) { effects_.record({.kind = EffectKind::cancel_timer, .number = timer}); }

  // Randomness, keyed by this node and the purpose (below maximum_purposes).
  std::uint64_t draw(std::size_t purpose) noexcept {
    PEERBED_CONTRACT(purpose < maximum_purposes, "a purpose of draws is below maximum_purposes");
    return key_of(random_key_, purpose, draws_[purpose]++);
  }
  std::uint64_t draw_below(std::size_t purpose, std::uint64_t bound) noexcept { return to_below(draw(purpose), bound); }
  double draw_unit(std::size_t purpose) noexcept { return to_unit(draw(purpose)); }

  // Reports a fact for analysis: `type` is an index into the protocol's trace_events.
  void trace(std::uint16_t type, const TraceValues& values) {
    effects_.record({.kind = EffectKind::trace, .number = type}, std::as_bytes(std::span(values)));
  }
  // Prints a line for the user, without its newline.
  void print(std::string_view line) { effects_.record({.kind = EffectKind::print_line}, as_text(line)); }
  // Prints a line that says why a request of the user was not carried out. `code` says the same to programs: a few
  // words, joined by hyphens.
  void refuse(std::string_view code, std::string_view sentence) {
    Writer writer = effects_.lend(code.size() + sentence.size());
    writer.bytes(as_text(code));
    writer.bytes(as_text(sentence));
    effects_.record_lent({.kind = EffectKind::print_line, .number = static_cast<std::uint16_t>(code.size())}, writer);
  }
  // Ends the process after this handler; its graceful leave is done.
  void exit() { effects_.record({.kind = EffectKind::exit_process}); }

  // Content on this node's disk. write_content replaces the whole content; read, hash, import and export are answered
  // by on_content. An import gives the key to a file of this host, without copying it; an export makes content a file
  // with that name, all at once, or a directory if it is a tree. A name is one component of a path: the host refuses
  // any other. Later a host may report, by ContentAction::changed, that such a file has changed.
  void write_content(ContentKey key, Bytes bytes) {
    effects_.record({.kind = EffectKind::write_content, .argument = key.value}, bytes);
  }
  void erase_content(ContentKey key) { effects_.record({.kind = EffectKind::erase_content, .argument = key.value}); }
  void read_content(ContentKey key) { effects_.record({.kind = EffectKind::read_content, .argument = key.value}); }
  void hash_content(const ContentRange& range) {
    effects_.record({.kind = EffectKind::hash_content}, std::as_bytes(std::span(&range, 1)));
  }
  void import_content(ContentKey key, std::string_view name) {
    effects_.record({.kind = EffectKind::import_content, .argument = key.value}, as_text(name));
  }
  void export_content(ContentKey key, std::string_view name, bool is_tree = false) {
    effects_.record({.kind = EffectKind::export_content, .number = is_tree, .argument = key.value}, as_text(name));
  }

  // Streams; answered by on_stream. The node chooses an odd id for a stream that it opens. Writes and sends leave in
  // order; requests to receive are answered in order.
  void open_stream(StreamId stream, Address to) {
    effects_.record({.kind = EffectKind::open_stream, .argument = to.value, .stream = stream});
  }
  void write_stream(StreamId stream, Bytes bytes) {
    effects_.record({.kind = EffectKind::write_stream, .stream = stream}, bytes);
  }
  template <EncodableMessage Message>
  void write_stream(StreamId stream, const Message& message) {
    Writer writer = effects_.lend(maximum_stream_request);
    message.encode(writer);
    PEERBED_CONTRACT(writer.ok(), "a message on a stream fits into one request");
    effects_.record_lent({.kind = EffectKind::write_stream, .stream = stream}, writer);
  }
  void send_content(StreamId stream, const ContentRange& range) {
    effects_.record({.kind = EffectKind::send_content, .stream = stream}, std::as_bytes(std::span(&range, 1)));
  }
  void receive_bytes(StreamId stream, std::size_t count) {
    PEERBED_CONTRACT(count > 0 && count <= maximum_stream_request, "a request for bytes of a stream is bounded");
    effects_.record({.kind = EffectKind::receive_bytes, .argument = count, .stream = stream});
  }
  void receive_content(StreamId stream, const ContentRange& range) {
    effects_.record({.kind = EffectKind::receive_content, .stream = stream}, std::as_bytes(std::span(&range, 1)));
  }
  void close_stream(StreamId stream) { effects_.record({.kind = EffectKind::close_stream, .stream = stream}); }
  void reset_stream(StreamId stream) { effects_.record({.kind = EffectKind::reset_stream, .stream = stream}); }

 private:
  static Bytes as_text(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

  Time now_;
  Address self_;
  std::uint64_t random_key_;
  DrawCounts& draws_;
  Effects& effects_;
};

}  // namespace peerbed
