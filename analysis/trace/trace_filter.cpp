#include "analysis/trace/trace_filter.h"

#include <stdexcept>

#include "analysis/results/pattern.h"

namespace peerbed::analysis {

std::vector<bool> nodes_called(const TraceHeader& header, const std::vector<std::string>& patterns) {
  std::vector<bool> nodes(header.node_count());
  for (const std::string& pattern : patterns) {
    bool found = false;
    for (std::uint32_t node = 0; node < nodes.size(); ++node) {
      if (!matches_pattern(pattern, header.name_of(node))) continue;
      nodes[node] = found = true;
    }
    if (!found)
      throw std::invalid_argument("no node is called '" + pattern + "'; the first one is called '" + header.name_of(0) +
                                  "', and '*' matches any text");
  }
  return nodes;
}

TraceFilter::TraceFilter(const TraceHeader& header, const TraceChoice& choice)
    : header_(header), from_(choice.from), until_(choice.until) {
  if (!choice.nodes.empty()) nodes_ = nodes_called(header, choice.nodes);
  if (!choice.kinds.empty()) choose_kinds(choice.kinds);
}

void TraceFilter::choose_kinds(const std::vector<std::string>& patterns) {
  kinds_.resize(static_cast<std::size_t>(RecordKind::last) + 1);
  for (const TraceHeader::Protocol& protocol : header_.protocols)
    by_name_.push_back({std::vector<bool>(protocol.messages.size()), std::vector<bool>(protocol.reports.size())});
  for (const std::string& pattern : patterns) {
    bool found = false;
    const auto look_at = [&](std::vector<bool>& wanted, std::size_t index, std::string_view name) {
      if (!name.empty() && matches_pattern(pattern, name)) wanted[index] = found = true;
    };
    for (std::size_t kind = 0; kind < kinds_.size(); ++kind)
      look_at(kinds_, kind, name_of(static_cast<RecordKind>(kind)));
    for (std::size_t i = 0; i < by_name_.size(); ++i) {
      const TraceHeader::Protocol& protocol = header_.protocols[i];
      for (std::size_t m = 0; m < protocol.messages.size(); ++m) look_at(by_name_[i].messages, m, protocol.messages[m]);
      for (std::size_t r = 0; r < protocol.reports.size(); ++r)
        look_at(by_name_[i].reports, r, protocol.reports[r].name);
    }
    if (!found)
      throw std::invalid_argument(
          "unknown kind of record '" + pattern +
          "'; write a kind such as datagram, timer, report or line, or the name of a message or "
          "report; '*' matches any text");
  }
}

bool TraceFilter::is_wanted_kind(const TraceRecord& record) const {
  if (kinds_[static_cast<std::size_t>(record.kind)]) return true;
  const bool is_datagram = record.kind == RecordKind::datagram;
  if (!is_datagram && record.kind != RecordKind::report) return false;
  const WantedNames& wanted = by_name_[header_.group_of(is_datagram ? record.source : record.node).protocol];
  const std::vector<bool>& names = is_datagram ? wanted.messages : wanted.reports;
  const std::size_t index = is_datagram ? record.message : record.number;
  return index < names.size() && names[index];
}

bool TraceFilter::operator()(const TraceRecord& record) const {
  if (record.time < from_ || record.time >= until_) return false;
  if (!nodes_.empty() && !nodes_[record.node] && !(record.source < nodes_.size() && nodes_[record.source]))
    return false;
  return kinds_.empty() || is_wanted_kind(record);
}

}  // namespace peerbed::analysis
