#include "analysis/trace/trace_capture.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "protocols/environment/stream.h"

namespace peerbed::analysis {
namespace {

constexpr std::uint8_t udp = 17;
constexpr std::uint8_t tcp = 6;
constexpr std::size_t ipv4_header_size = 20;
constexpr std::size_t ipv6_header_size = 40;
constexpr std::size_t udp_header_size = 8;
constexpr std::size_t tcp_header_size = 20;
constexpr std::size_t largest_packet = 65'535;
constexpr std::size_t largest_segment = 32'768;
constexpr std::uint64_t largest_content = std::uint64_t{1} << 30;  // shown as segments

enum Flags : unsigned { fin = 1, syn = 2, rst = 4, psh = 8, ack = 16 };

template <class Integer>
void put_little_endian(std::string& out, Integer value) {
  for (std::size_t i = 0; i < sizeof value; ++i) out += static_cast<char>(value >> (8 * i));
}

// The one's complement sum of RFC 1071, of an even number of bytes or the last ones.
std::uint32_t sum_of(Bytes bytes, std::uint32_t sum = 0) noexcept {
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += static_cast<std::uint32_t>(bytes[i]) << (i % 2 == 0 ? 8 : 0);
  return sum;
}
std::uint16_t folded(std::uint32_t sum) noexcept {
  while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

// A transport header and its payload, before IP and capture headers are added.
struct Packet {
  std::int64_t time = 0;
  std::uint64_t event = 0;
  Address from;
  Address to;
  std::uint8_t protocol = 0;
  std::array<std::byte, tcp_header_size> header{};
  std::size_t header_size = 0;
  std::size_t checksum_at = 0;  // offset in the header
  Bytes payload;
  std::size_t payload_size = 0;  // original size; more than `payload` if some bytes are unknown
};

// Writes 4 or 16 bytes.
void write_host(Writer& writer, Address address) {
  if (!address.is_ipv6()) return writer.integer(address.host());
  const Ipv6Host host = address.ipv6_host().value_or(Ipv6Host{});
  writer.bytes(std::as_bytes(std::span(host)));
}

std::size_t network_header_size(const Packet& packet) noexcept {
  return packet.from.is_ipv6() ? ipv6_header_size : ipv4_header_size;
}

// `size`: of everything after this header.
std::array<std::byte, ipv6_header_size> ipv6_header(const Packet& packet, std::size_t size) {
  std::array<std::byte, ipv6_header_size> header{};
  Writer writer(header);
  writer.integers(std::uint32_t{6} << 28, static_cast<std::uint16_t>(size), packet.protocol, std::uint8_t{64});
  write_host(writer, packet.from);
  write_host(writer, packet.to);
  return header;
}

// `size`: of this header and everything after it.
std::array<std::byte, ipv4_header_size> ipv4_header(const Packet& packet, std::size_t size) {
  std::array<std::byte, ipv4_header_size> header{};
  Writer writer(header);
  writer.integers(std::uint8_t{0x45}, std::uint8_t{0}, static_cast<std::uint16_t>(size));
  writer.integers(static_cast<std::uint16_t>(packet.event), std::uint16_t{0x4000});  // do not fragment
  writer.integers(std::uint8_t{64}, packet.protocol, std::uint16_t{0});
  writer.integers(packet.from.host(), packet.to.host());
  const std::uint16_t checksum = in_network_order(folded(sum_of(header)));
  std::memcpy(header.data() + 10, &checksum, sizeof checksum);
  return header;
}

// Covers the transport header, the payload, and the pseudo-header (RFC 768, RFC 9293; RFC 8200, 8.1).
std::uint16_t transport_checksum(const Packet& packet) {
  std::array<std::byte, ipv6_header_size> pseudo_header{};
  Writer writer(pseudo_header);
  write_host(writer, packet.from);
  write_host(writer, packet.to);
  writer.integers(std::uint16_t{packet.protocol},
                  static_cast<std::uint16_t>(packet.header_size + packet.payload.size()));
  std::uint32_t sum = sum_of(writer.written());
  sum = sum_of(Bytes(packet.header.data(), packet.header_size), sum);
  const std::uint16_t checksum = folded(sum_of(packet.payload, sum));
  return checksum == 0 && packet.protocol == udp ? std::uint16_t{0xFFFF} : checksum;
}

void put(std::string& out, Packet packet) {
  if (packet.payload.size() == packet.payload_size) {
    const std::uint16_t checksum = in_network_order(transport_checksum(packet));
    std::memcpy(packet.header.data() + packet.checksum_at, &checksum, sizeof checksum);
  }
  const std::size_t behind = packet.header_size + packet.payload_size;
  const std::size_t size = network_header_size(packet) + behind;
  put_little_endian(out, static_cast<std::uint32_t>(packet.time / 1'000'000'000));
  put_little_endian(out, static_cast<std::uint32_t>(packet.time % 1'000'000'000));
  put_little_endian(out, static_cast<std::uint32_t>(size - packet.payload_size + packet.payload.size()));
  put_little_endian(out, static_cast<std::uint32_t>(size));
  const auto append = [&out](Bytes bytes) { out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size()); };
  if (packet.from.is_ipv6())
    append(ipv6_header(packet, behind));
  else
    append(ipv4_header(packet, size));
  append(Bytes(packet.header.data(), packet.header_size));
  append(packet.payload);
}

std::uint64_t key_of(std::uint32_t node, std::uint32_t stream) noexcept { return (std::uint64_t{node} << 32) | stream; }

}  // namespace

std::string TraceCapture::heading() const {
  constexpr std::uint32_t magic_of_nanoseconds = 0xA1B23C4D;
  constexpr std::uint32_t raw_ip = 101;
  std::string out;
  put_little_endian(out, magic_of_nanoseconds);
  put_little_endian(out, std::uint16_t{2});
  put_little_endian(out, std::uint16_t{4});
  put_little_endian(out, std::uint64_t{0});  // UTC
  put_little_endian(out, static_cast<std::uint32_t>(largest_packet));
  put_little_endian(out, raw_ip);
  return out;
}

void TraceCapture::append(std::string& out, const TraceRecord& record, std::optional<std::uint64_t>) {
  if (record.kind == RecordKind::datagram) append_datagram(out, record);
  if (record.kind == RecordKind::stream) append_stream(out, record);
}

void TraceCapture::pass_over(const TraceRecord& record) {
  std::string unwanted;
  if (record.kind == RecordKind::stream) append_stream(unwanted, record);
}

void TraceCapture::append_datagram(std::string& out, const TraceRecord& record) const {
  const Bytes payload = record.bytes.first(std::min(record.bytes.size(), maximum_datagram_size));
  Packet packet{.time = record.time,
                .event = record.event,
                .from = header_.address_of(record.source),
                .to = header_.address_of(record.node),
                .protocol = udp,
                .header_size = udp_header_size,
                .checksum_at = 6,
                .payload = payload,
                .payload_size = payload.size()};
  Writer(packet.header)
      .integers(packet.from.port(), packet.to.port(), static_cast<std::uint16_t>(udp_header_size + payload.size()),
                std::uint16_t{0});
  put(out, packet);
}

// Streams that a node opened have odd ids; the port that its host chose for them is unknown.
TraceCapture::Ends TraceCapture::ends_of(const TraceRecord& record) const {
  const bool opened_here = record.sequence % 2 == 1;
  const std::uint32_t id = opened_here ? record.sequence : record.peer_stream;
  const auto chosen = static_cast<std::uint16_t>(49'152 + id / 2 % 16'384);
  Address here = header_.address_of(record.node);
  Address there = header_.address_of(record.source);
  Address& opener = opened_here ? here : there;
  opener = opener.with_port(chosen);
  return {here, there, key_of(record.node, record.sequence), key_of(record.source, record.peer_stream)};
}

void TraceCapture::append_stream(std::string& out, const TraceRecord& record) {
  Ends ends = ends_of(record);
  const auto kind = static_cast<StreamEventKind>(record.number);
  switch (kind) {
    case StreamEventKind::accepted:
      received_[ends.key_here] = received_[ends.key_there] = {};
      append_segment(out, record, ends, syn, {}, 0);
      std::swap(ends.here, ends.there);
      append_segment(out, record, ends, syn | ack, {}, 0);
      return;
    case StreamEventKind::bytes_received:
    case StreamEventKind::content_received:
    case StreamEventKind::content_lost:
      return append_data(out, record, ends);
    case StreamEventKind::half_closed:
    case StreamEventKind::closed:
      if (std::exchange(received_[ends.key_here].is_ended, true)) return;
      return append_segment(out, record, ends, fin | ack, {}, 0);
    case StreamEventKind::reset:
      return append_segment(out, record, ends, rst | ack, {}, 0);
    case StreamEventKind::opened:
    case StreamEventKind::content_sent:
      return;
  }
}

void TraceCapture::append_data(std::string& out, const TraceRecord& record, const Ends& ends) {
  // A larger piece of content is shown as a gap.
  if (record.size > largest_content) {
    received_[ends.key_here].bytes += record.size;
    return;
  }
  for (std::uint64_t done = 0; done < record.size;) {
    const std::size_t size = std::min<std::uint64_t>(record.size - done, largest_segment);
    const std::size_t from = std::min<std::uint64_t>(done, record.bytes.size());
    append_segment(out, record, ends, psh | ack, record.bytes.subspan(from, std::min(size, record.bytes.size() - from)),
                   size);
    received_[ends.key_here].bytes += size;
    done += size;
  }
}

// A segment from the peer to this node. Each direction begins at sequence number 0, which is the SYN's.
void TraceCapture::append_segment(std::string& out, const TraceRecord& record, const Ends& ends, unsigned flags,
                                  Bytes bytes, std::size_t size) const {
  const auto next_of = [this](std::uint64_t key) {
    const auto found = received_.find(key);
    if (found == received_.end()) return std::uint32_t{1};
    return static_cast<std::uint32_t>(1 + found->second.bytes + (found->second.is_ended ? 1 : 0));
  };
  const bool begins = (flags & syn) != 0;
  const std::uint32_t sequence = begins ? 0 : next_of(ends.key_here) - ((flags & fin) != 0 ? 1 : 0);
  const std::uint32_t acknowledged = (flags & ack) == 0 ? 0 : next_of(ends.key_there);
  Packet packet{.time = record.time,
                .event = record.event,
                .from = ends.there,
                .to = ends.here,
                .protocol = tcp,
                .header_size = tcp_header_size,
                .checksum_at = 16,
                .payload = bytes,
                .payload_size = size};
  Writer(packet.header)
      .integers(packet.from.port(), packet.to.port(), sequence, acknowledged, std::uint8_t{5 << 4},
                static_cast<std::uint8_t>(flags), std::uint16_t{0xFFFF}, std::uint32_t{0});
  put(out, packet);
}

}  // namespace peerbed::analysis
