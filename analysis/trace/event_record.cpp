#include "analysis/trace/event_record.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string_view>

#include "analysis/results/fault_of_file.h"

namespace peerbed::analysis {
namespace {

constexpr std::string_view magic = "PBEVENT1";
constexpr std::size_t buffer_size = std::size_t{1} << 16;

[[noreturn]] void fail_to_write(const std::string& file) {
  throw std::runtime_error(file + ": cannot be written: " + std::strerror(errno) +
                           "; make room, or choose another folder");
}

}  // namespace

EventRecordWriter::EventRecordWriter(const std::string& file) : name_(file), file_(std::fopen(file.c_str(), "wb")) {
  if (!file_) fail_to_write(file);
  buffer_.reserve(buffer_size);
  buffer_.insert(buffer_.end(), magic.begin(), magic.end());
}

void EventRecordWriter::add(std::uint32_t hash) {
  if (count_++ >= maximum_recorded_events) return;
  for (int shift = 0; shift < 32; shift += 8) buffer_.push_back(static_cast<unsigned char>(hash >> shift));
  if (buffer_.size() + 4 > buffer_size) flush();
}

void EventRecordWriter::flush() {
  const std::size_t written = std::fwrite(buffer_.data(), 1, buffer_.size(), file_.get());
  if (written != buffer_.size()) fail_to_write(name_);
  buffer_.clear();
}

void EventRecordWriter::close() {
  flush();
  if (std::fflush(file_.get()) != 0) fail_to_write(name_);
  file_.reset();
}

std::vector<std::uint32_t> read_event_record(const std::string& file) {
  const std::string fault = fault_of_file(file);
  std::ifstream stream;
  if (fault.empty()) stream.open(file, std::ios::binary | std::ios::ate);
  if (!stream.is_open())
    throw std::runtime_error(file + ": " + (fault == "is missing" ? "no such event record" : fault) +
                             "; run the scenario again with --out");
  const auto size = static_cast<std::uint64_t>(stream.tellg());
  std::array<char, magic.size()> start{};
  stream.seekg(0);
  stream.read(start.data(), start.size());
  if (!stream || std::string_view(start.data(), start.size()) != magic || (size - magic.size()) % 4 != 0 ||
      size > magic.size() + maximum_recorded_events * 4)
    throw std::runtime_error(file + ": this is not an event record; run the scenario again with --out");
  std::vector<unsigned char> bytes(size - magic.size());
  stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!stream) throw std::runtime_error(file + ": cannot be read");
  std::vector<std::uint32_t> hashes(bytes.size() / 4);
  for (std::size_t i = 0; i < hashes.size(); ++i)
    for (std::size_t k = 0; k < 4; ++k) hashes[i] |= static_cast<std::uint32_t>(bytes[4 * i + k]) << (8 * k);
  return hashes;
}

}  // namespace peerbed::analysis
