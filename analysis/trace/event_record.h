#pragma once
// The record of a run's events, which a replay is checked against: four bytes of hash per event, in order. The file
// begins with the eight bytes "PBEVENT1"; the hashes follow, little-endian. At most maximum_recorded_events are kept.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace peerbed::analysis {

constexpr std::uint64_t maximum_recorded_events = std::uint64_t{1} << 28;  // a file of 1 GiB

class EventRecordWriter {
 public:
  // Throws std::runtime_error if the file cannot be written.
  explicit EventRecordWriter(const std::string& file);
  void add(std::uint32_t hash);
  void close();

 private:
  struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };
  void flush();

  std::string name_;
  std::unique_ptr<std::FILE, Close> file_;
  std::vector<unsigned char> buffer_;
  std::uint64_t count_ = 0;
};

// Reads all hashes of a record. Throws std::runtime_error if the file is missing or is not an event record.
std::vector<std::uint32_t> read_event_record(const std::string& file);

}  // namespace peerbed::analysis
