#pragma once
// Writes a trace as a capture that Wireshark opens: pcap with nanosecond times and raw IPv4 or IPv6 packets. A packet
// is captured where and when its receiver's node takes it, so packets that were lost or refused on the way are missing.
// Datagrams are complete. Streams show what nodes were told: a handshake when a stream is accepted, segments as large
// as the receiver's requests, FIN and RST. Content that moved by reference takes up sequence numbers but has no bytes.

#include <unordered_map>

#include "analysis/trace/trace_export.h"

namespace peerbed::analysis {

class TraceCapture final : public TraceExport {
 public:
  explicit TraceCapture(const TraceHeader& header) : header_(header) {}

  std::string heading() const override;
  void append(std::string& out, const TraceRecord& record, std::optional<std::uint64_t> cause) override;
  void pass_over(const TraceRecord& record) override;

 private:
  // One direction of a stream, by the end that receives it.
  struct Received {
    std::uint64_t bytes = 0;
    bool is_ended = false;
  };
  // Both ends of a stream as seen from one step: `here` is the step's node.
  struct Ends {
    Address here;
    Address there;
    std::uint64_t key_here = 0;
    std::uint64_t key_there = 0;
  };

  void append_datagram(std::string& out, const TraceRecord& record) const;
  void append_stream(std::string& out, const TraceRecord& record);
  void append_data(std::string& out, const TraceRecord& record, const Ends& ends);
  void append_segment(std::string& out, const TraceRecord& record, const Ends& ends, unsigned flags, Bytes bytes,
                      std::size_t size) const;
  Ends ends_of(const TraceRecord& record) const;

  const TraceHeader& header_;
  std::unordered_map<std::uint64_t, Received> received_;  // by node and stream
};

}  // namespace peerbed::analysis
