#pragma once
// The contents of an event trace: who took part in a run, and what happened, record by record. Plain data that depends
// on neither the simulator nor a protocol. docs/file-formats.md describes the file.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/environment/address.h"
#include "protocols/environment/codec.h"
#include "protocols/environment/trace.h"

namespace peerbed::analysis {

// The first ten are steps, and are numbered from 1. Later kinds belong to the step in progress and carry its number.
enum class RecordKind : std::uint8_t {
  datagram,
  timer,
  start,
  leave,
  command,
  content,
  crash,
  pause,
  resume,
  stream,
  report,         // what a node reports about itself, by its protocol's table
  line,           // what a node printed
  exit,           // a node left by itself
  stream_effect,  // a node opened, filled, closed or reset a stream
  timer_put_off,  // a node set a running timer again, to a later time
  unrecorded,     // the node's effects from next_sequence on were caused by steps that the trace omits
  last = unrecorded
};

constexpr bool is_step(RecordKind kind) noexcept { return kind <= RecordKind::stream; }
// Whether it was done from outside rather than by an event.
constexpr bool is_from_outside(RecordKind kind) noexcept {
  return is_step(kind) && kind != RecordKind::datagram && kind != RecordKind::timer && kind != RecordKind::content &&
         kind != RecordKind::stream;
}

enum class StreamAction : std::uint8_t { open, write, send_content, close, reset, last = reset };

constexpr std::uint32_t nobody = UINT32_MAX;

struct TraceRecord {
  RecordKind kind{};
  std::uint8_t message = 0;         // for a datagram: Header::kind
  std::uint16_t number = 0;         // of the timer, report, StreamEventKind or StreamAction, or the outcome of content
  std::uint32_t node = 0;           // where it happens
  std::uint64_t event = 0;          // its number, or that of the step in progress; 0 before the first step
  std::int64_t time = 0;            // nanoseconds
  std::uint32_t source = nobody;    // the sender or the stream's peer; for timers and content the node itself
  std::uint32_t sequence = 0;       // the source's, which identifies the cause; for streams: the stream's id
  std::uint32_t peer_stream = 0;    // for streams: the peer's name for the stream
  std::uint32_t next_sequence = 0;  // the node's, before the step
  std::uint64_t size = 0;           // bytes of the datagram or content, or of what a stream brought or was given
  Bytes bytes{};                    // the bytes that the trace keeps; a view, valid until the next record
  TraceValues values{};             // for a report

  std::string_view text() const noexcept { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
};

// Selects what is recorded.
struct TraceContents {
  bool steps = true;
  bool reports = true;
  bool lines = true;
  bool payloads = false;  // of datagrams and streams
};

struct TraceHeader {
  struct Field {
    std::string name;
    Unit unit = Unit::none;
  };
  struct Report {
    std::string name;
    std::vector<Field> fields;  // at most maximum_trace_fields
  };
  struct Timer {
    std::string name;          // empty: the protocol does not say what it is for
    bool is_patience = false;  // it fires when an answer is overdue, and not periodically
  };
  struct Protocol {
    std::string name;
    std::vector<std::string> messages;  // by Header::kind; empty if there is no such kind
    std::vector<Report> reports;
    std::vector<Timer> timers{};  // by number; none in traces of earlier versions
  };
  struct Group {
    std::string name;
    std::uint32_t protocol = 0;
    std::uint32_t first = 0;  // number of its first node; nodes are numbered consecutively, group after group
    std::uint32_t count = 0;
  };

  std::string scenario;
  std::uint64_t seed = 0;
  bool simulated = true;  // otherwise over sockets, where reports and lines have no known cause
  TraceContents contents;
  Address first_address;  // of node 0; the others follow consecutively
  std::vector<Group> groups;
  std::vector<Protocol> protocols;
  std::map<std::uint32_t, std::string> names;  // of nodes that are not called GROUP.NUMBER

  std::uint32_t node_count() const noexcept { return groups.empty() ? 0 : groups.back().first + groups.back().count; }
  const Group& group_of(std::uint32_t node) const;
  const Protocol& protocol_of(std::uint32_t node) const { return protocols[group_of(node).protocol]; }
  std::string name_of(std::uint32_t node) const;
  Address address_of(std::uint32_t node) const noexcept { return first_address.plus(node); }
  // The name of the node with this address; for any other address, the address itself.
  std::string name_at(Address address) const;
  // How a value that is not a plain number is written: an address as its node's name, an identifier in hexadecimal.
  std::optional<std::string> word_of(Unit unit, std::uint64_t value) const;
  // The name of a datagram's message, by its sender's protocol; empty if there is no such message.
  std::string_view message_name(const TraceRecord& record) const;
  // Null if its node's protocol does not say what the timer is for.
  const Timer* timer_of(const TraceRecord& record) const;
  // Its name, or else its number.
  std::string timer_name(const TraceRecord& record) const;
  // Null if its node's protocol has no such report.
  const Report* report_of(const TraceRecord& record) const;
};

// "datagram", "timer", ... as files and options spell it.
std::string_view name_of(RecordKind kind) noexcept;

// The header as the JSON at the beginning of a trace.
std::string write_trace_header(const TraceHeader& header);
// Nothing if the text is not a valid header.
std::optional<TraceHeader> read_trace_header(std::string_view json);

}  // namespace peerbed::analysis
