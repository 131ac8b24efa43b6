#pragma once
// What an event trace holds: who took part in a run, and then what happened, record by record. Plain data, which knows
// neither simulator nor protocol. docs/file-formats.md describes the file.

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

// The first ten are steps, and have numbers of their own, from 1. What comes after them belongs to the step in
// progress, and has its number.
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
  report,         // what a node says of itself, by its protocol's table
  line,           // what a node printed
  exit,           // a node left of its own accord
  stream_effect,  // a node opened, filled, closed or reset a stream
  timer_put_off,  // a node set a timer anew that ran already, to a later time
  unrecorded,     // what the node causes from next_sequence on was caused by steps that the trace leaves out
  last = unrecorded
};

constexpr bool is_step(RecordKind kind) noexcept { return kind <= RecordKind::stream; }
// Done from outside, and not by an event under way.
constexpr bool is_from_outside(RecordKind kind) noexcept {
  return is_step(kind) && kind != RecordKind::datagram && kind != RecordKind::timer && kind != RecordKind::content &&
         kind != RecordKind::stream;
}

enum class StreamAction : std::uint8_t { open, write, send_content, close, reset, last = reset };

constexpr std::uint32_t nobody = UINT32_MAX;

struct TraceRecord {
  RecordKind kind{};
  std::uint8_t message = 0;         // of a datagram: Header::kind
  std::uint16_t number = 0;         // which timer, kind of report, StreamEventKind, StreamAction, or outcome of content
  std::uint32_t node = 0;           // that it happens at
  std::uint64_t event = 0;          // its number, or that of the step in progress; 0 before the first
  std::int64_t time = 0;            // ns
  std::uint32_t source = nobody;    // the sender or the stream's peer; the node itself for timers and content
  std::uint32_t sequence = 0;       // the source's, by which the cause is found; of what concerns a stream: its id
  std::uint32_t peer_stream = 0;    // of a stream: what the peer calls it
  std::uint32_t next_sequence = 0;  // the node's, before the step
  std::uint64_t size = 0;           // bytes of the datagram, the content, or what a stream brought or was given
  Bytes bytes{};                    // those that the trace keeps; a view, valid until the next record
  TraceValues values{};             // of a report

  std::string_view text() const noexcept { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
};

// What is chosen to be recorded.
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
  struct Protocol {
    std::string name;
    std::vector<std::string> messages;  // by Header::kind; empty where there is none
    std::vector<Report> reports;
  };
  struct Group {
    std::string name;
    std::uint32_t protocol = 0;
    std::uint32_t first = 0;  // its nodes are numbered one by one from here, behind those of the groups before
    std::uint32_t count = 0;
  };

  std::string scenario;
  std::uint64_t seed = 0;
  bool simulated = true;  // else over sockets, where reports and lines have no known cause
  TraceContents contents;
  Address first_address;  // of node 0; the others follow one by one
  std::vector<Group> groups;
  std::vector<Protocol> protocols;
  std::map<std::uint32_t, std::string> names;  // of nodes that are not called GROUP.PLACE

  std::uint32_t node_count() const noexcept { return groups.empty() ? 0 : groups.back().first + groups.back().count; }
  const Group& group_of(std::uint32_t node) const;
  const Protocol& protocol_of(std::uint32_t node) const { return protocols[group_of(node).protocol]; }
  std::string name_of(std::uint32_t node) const;
  Address address_of(std::uint32_t node) const noexcept { return first_address.plus(node); }
  // The node of this address by its name; of any other the address.
  std::string name_at(Address address) const;
  // How a value is written that is no number to people: an address by its node's name, an identifier in hexadecimal.
  std::optional<std::string> word_of(Unit unit, std::uint64_t value) const;
  // Of a datagram, by its sender's protocol; empty when it has no such message.
  std::string_view message_name(const TraceRecord& record) const;
  // Null when its node's protocol has no such report.
  const Report* report_of(const TraceRecord& record) const;
};

// "datagram", "timer", ... as files and options spell it.
std::string_view name_of(RecordKind kind) noexcept;

// The header as the JSON that a trace begins with.
std::string write_trace_header(const TraceHeader& header);
// Nothing when the text is no such header.
std::optional<TraceHeader> read_trace_header(std::string_view json);

}  // namespace peerbed::analysis
