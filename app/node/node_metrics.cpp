#include "app/node/node_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

namespace peerbed::app {
namespace {

std::string text_of(double value) {
  std::array<char, 32> digits;
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

std::string metric_name(std::string name) {
  std::replace(name.begin(), name.end(), '.', '_');
  return "peerbed_" + name;
}

void append_head(std::string& text, const std::string& name, const char* type, const std::string& help) {
  text += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

void append_value(std::string& text, const std::string& name, const char* type, const char* help, double value) {
  append_head(text, name, type, help);
  text += name + " " + text_of(value) + "\n";
}

// The fields of /proc/self/stat from the third on, as numbered in proc(5).
std::vector<std::string> process_fields() {
  std::ifstream file("/proc/self/stat");
  const std::string line{std::istreambuf_iterator<char>(file), {}};
  const std::size_t end = line.rfind(')');
  std::istringstream words(end == std::string::npos ? "" : line.substr(end + 1));
  return {std::istream_iterator<std::string>(words), {}};
}

double boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;)
    if (word == "btime") {
      double seconds = 0;
      file >> seconds;
      return seconds;
    }
  return 0;
}

}  // namespace

void NodeMetrics::note(const TraceEventType& type, const TraceValues& values) {
  ++counts_[std::string(type.name)];
  for (std::size_t i = 0; i < type.field_count(); ++i) {
    if (type.fields[i].unit != Unit::nanoseconds) continue;
    Histogram& histogram = histograms_[std::string(type.name) + "." + std::string(type.fields[i].name)];
    const double seconds = static_cast<double>(values[i]) / 1e9;
    const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin();
    ++histogram.counts[static_cast<std::size_t>(bucket)];
    histogram.sum += seconds;
  }
}

void NodeMetrics::append_text(std::string& text) const {
  if (!counts_.empty()) append_head(text, "peerbed_events_total", "counter", "What the node reported, by event.");
  for (const auto& [event, count] : counts_)
    text += "peerbed_events_total{event=\"" + event + "\"} " + std::to_string(count) + "\n";
  for (const auto& [field, histogram] : histograms_) {
    const std::string name = metric_name(field) + "_seconds";
    append_head(text, name, "histogram", "What the node reported as " + field + ", in seconds.");
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
      below += histogram.counts[i];
      const std::string bound = i < bounds.size() ? text_of(bounds[i]) : "+Inf";
      text += name + "_bucket{le=\"" + bound + "\"} " + std::to_string(below) + "\n";
    }
    text += name + "_sum " + text_of(histogram.sum) + "\n" + name + "_count " + std::to_string(below) + "\n";
  }
}

void append_process_metrics(std::string& text) {
  const std::vector<std::string> fields = process_fields();
  if (fields.size() < 24) return;
  const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const auto field = [&](std::size_t number) { return std::stod(fields[number - 3]); };
  append_value(text, "process_cpu_seconds_total", "counter", "Processor time of this process, in seconds.",
               (field(14) + field(15)) / ticks);
  append_value(text, "process_start_time_seconds", "gauge", "When this process started, in seconds since 1970.",
               boot_time() + field(22) / ticks);
  append_value(text, "process_virtual_memory_bytes", "gauge", "Virtual memory of this process.", field(23));
  append_value(text, "process_resident_memory_bytes", "gauge", "Resident memory of this process.",
               field(24) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  std::error_code ignored;
  const std::filesystem::directory_iterator open("/proc/self/fd", ignored);
  append_value(text, "process_open_fds", "gauge", "Descriptors that this process has open.",
               static_cast<double>(std::distance(begin(open), end(open))));
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  append_value(text, "process_max_fds", "gauge", "Descriptors that this process may have open.",
               static_cast<double>(limit.rlim_cur));
}

}  // namespace peerbed::app
