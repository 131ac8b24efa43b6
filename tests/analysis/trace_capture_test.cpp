// Captures, taken apart again as a pcap reader does.

#include <cstring>
#include <map>

#include "analysis/trace/trace_capture.h"
#include "protocols/environment/stream.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::analysis;

namespace {

Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

struct Packet {
  std::uint64_t time = 0;  // nanoseconds
  std::uint8_t protocol = 0;
  Address from;
  Address to;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledged = 0;
  unsigned flags = 0;
  std::string payload;
  std::size_t missing = 0;  // bytes that were not captured
  bool checksums_hold = false;
};

std::uint32_t ones_complement_sum(Bytes bytes) {
  Reader reader(bytes);
  std::uint32_t sum = 0;
  while (reader.remaining() >= 2) sum += reader.integer<std::uint16_t>();
  if (reader.remaining() == 1) sum += static_cast<std::uint32_t>(reader.integer<std::uint8_t>()) << 8;
  return sum;
}
bool holds(std::uint32_t sum) {
  while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
  return sum == 0xFFFF;
}

Packet packet_in(Bytes bytes, std::size_t original) {
  Packet packet;
  Reader ip(bytes);
  REQUIRE(ip.integer<std::uint8_t>() == 0x45);
  ip.bytes(1);
  REQUIRE(ip.integer<std::uint16_t>() == original);
  ip.bytes(5);
  packet.protocol = ip.integer<std::uint8_t>();
  ip.bytes(2);
  const auto from = ip.integer<std::uint32_t>();
  const auto to = ip.integer<std::uint32_t>();
  const Bytes transport = bytes.subspan(20);
  Reader reader(transport);
  packet.from = Address::ipv4(from, reader.integer<std::uint16_t>());
  packet.to = Address::ipv4(to, reader.integer<std::uint16_t>());
  const std::size_t header = packet.protocol == 17 ? 8 : 20;
  if (packet.protocol == 17) {
    CHECK(reader.integer<std::uint16_t>() == transport.size());
  } else {
    packet.sequence = reader.integer<std::uint32_t>();
    packet.acknowledged = reader.integer<std::uint32_t>();
    CHECK(reader.integer<std::uint8_t>() == 0x50);
    packet.flags = reader.integer<std::uint8_t>();
  }
  const Bytes payload = transport.subspan(header);
  packet.payload.assign(reinterpret_cast<const char*>(payload.data()), payload.size());
  packet.missing = original - bytes.size();
  const std::uint32_t pseudo =
      ones_complement_sum(bytes.subspan(12, 8)) + packet.protocol + static_cast<std::uint32_t>(transport.size());
  packet.checksums_hold = holds(ones_complement_sum(bytes.first(20))) && holds(pseudo + ones_complement_sum(transport));
  return packet;
}

template <class Integer>
Integer little_endian(const std::string& text, std::size_t at) {
  Integer value;
  std::memcpy(&value, text.data() + at, sizeof value);
  return value;
}

std::vector<Packet> packets_in(const std::string& capture) {
  REQUIRE(capture.size() >= 24);
  CHECK(little_endian<std::uint32_t>(capture, 0) == 0xA1B23C4D);
  CHECK(little_endian<std::uint16_t>(capture, 4) == 2);
  CHECK(little_endian<std::uint16_t>(capture, 6) == 4);
  CHECK(little_endian<std::uint32_t>(capture, 20) == 101);
  std::vector<Packet> packets;
  for (std::size_t at = 24; at < capture.size();) {
    REQUIRE(capture.size() - at >= 16);
    const auto size = little_endian<std::uint32_t>(capture, at + 8);
    const auto original = little_endian<std::uint32_t>(capture, at + 12);
    REQUIRE(capture.size() - at - 16 >= size);
    packets.push_back(packet_in(bytes_of(capture).subspan(at + 16, size), original));
    packets.back().time = little_endian<std::uint32_t>(capture, at) * std::uint64_t{1'000'000'000} +
                          little_endian<std::uint32_t>(capture, at + 4);
    at += 16 + size;
  }
  return packets;
}

TraceHeader two_nodes() {
  TraceHeader header;
  header.contents.payloads = true;
  header.first_address = Address::ipv4(0x0A000001, 4000);
  header.protocols = {{"any", {}, {}}};
  header.groups = {{"nodes", 0, 0, 2}};
  return header;
}

std::vector<Packet> captured(const std::vector<TraceRecord>& records) {
  const TraceHeader header = two_nodes();
  TraceCapture capture(header);
  std::string out = capture.heading();
  for (const TraceRecord& record : records) capture.append(out, record, std::nullopt);
  return packets_in(out);
}

TraceRecord told(StreamEventKind kind, std::uint32_t node, std::string_view bytes = {}, std::uint64_t size = 0) {
  const std::uint32_t id = node == 0 ? 1 : 2;  // node 0 opened it
  return {.kind = RecordKind::stream,
          .number = static_cast<std::uint16_t>(kind),
          .node = node,
          .event = 1,
          .time = 5,
          .source = 1 - node,
          .sequence = id,
          .peer_stream = 3 - id,
          .size = bytes.empty() ? size : bytes.size(),
          .bytes = bytes_of(bytes)};
}

}  // namespace

TEST_CASE("a datagram becomes a packet with correct lengths and checksums") {
  for (const std::string_view payload : {"", "a", "ab", "an odd number of bytes....", "\xFF\xFF\xFF"}) {
    CAPTURE(payload);
    const auto packets = captured({{.kind = RecordKind::datagram,
                                    .node = 1,
                                    .event = 70'000,
                                    .time = 61'000'000'007,
                                    .source = 0,
                                    .size = payload.size(),
                                    .bytes = bytes_of(payload)}});
    REQUIRE(packets.size() == 1);
    CHECK(packets[0].time == 61'000'000'007);
    CHECK(packets[0].protocol == 17);
    CHECK(to_string(packets[0].from) == "10.0.0.1:4000");
    CHECK(to_string(packets[0].to) == "10.0.0.2:4000");
    CHECK(packets[0].payload == payload);
    CHECK(packets[0].missing == 0);
    CHECK(packets[0].checksums_hold);
  }
}

TEST_CASE("a stream becomes segments with consecutive numbers in both directions") {
  using enum StreamEventKind;
  constexpr unsigned fin = 1, syn = 2, psh = 8, ack = 16;
  const auto packets =
      captured({told(accepted, 1), told(opened, 0), told(bytes_received, 1, "hello"), told(bytes_received, 0, "hi"),
                told(content_received, 0, {}, 70'000), told(bytes_received, 1, "thanks"), told(half_closed, 0),
                told(closed, 0), told(closed, 1)});
  struct Expected {
    std::uint32_t sequence;
    std::uint32_t acknowledged;
    unsigned flags;
    std::string payload;
    std::size_t missing;
    bool from_opener;
  };
  const std::vector<Expected> expected{{0, 0, syn, "", 0, true},
                                       {0, 1, syn | ack, "", 0, false},
                                       {1, 1, psh | ack, "hello", 0, true},
                                       {1, 6, psh | ack, "hi", 0, false},
                                       {3, 6, psh | ack, "", 32'768, false},
                                       {32'771, 6, psh | ack, "", 32'768, false},
                                       {65'539, 6, psh | ack, "", 4'464, false},
                                       {6, 70'003, psh | ack, "thanks", 0, true},
                                       {70'003, 12, fin | ack, "", 0, false},
                                       {12, 70'004, fin | ack, "", 0, true}};
  REQUIRE(packets.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    CHECK(packets[i].protocol == 6);
    CHECK(packets[i].sequence == expected[i].sequence);
    CHECK(packets[i].acknowledged == expected[i].acknowledged);
    CHECK(packets[i].flags == expected[i].flags);
    CHECK(packets[i].payload == expected[i].payload);
    CHECK(packets[i].missing == expected[i].missing);
    if (expected[i].missing == 0) CHECK(packets[i].checksums_hold);
    CHECK(to_string(packets[i].from) == (expected[i].from_opener ? "10.0.0.1:49152" : "10.0.0.2:4000"));
  }
}

TEST_CASE("what a filter skips keeps its place in a stream") {
  const TraceHeader header = two_nodes();
  TraceCapture capture(header);
  std::string out = capture.heading();
  capture.pass_over(told(StreamEventKind::accepted, 1));
  capture.pass_over(told(StreamEventKind::bytes_received, 1, "hello"));
  capture.append(out, told(StreamEventKind::bytes_received, 1, "again"), std::nullopt);
  const auto packets = packets_in(out);
  REQUIRE(packets.size() == 1);
  CHECK(packets[0].sequence == 6);
}
