#pragma once
// Writes a trace as the JSON of Chrome's trace viewer, which ui.perfetto.dev opens: a track for each node with its
// steps, arrows from causes to effects, and the number of nodes that are up. Its times are in microseconds.

#include <unordered_map>
#include <vector>

#include "analysis/results/json_text.h"
#include "analysis/trace/trace_export.h"

namespace peerbed::analysis {

class TraceTimeline final : public TraceExport {
 public:
  explicit TraceTimeline(const TraceHeader& header) : header_(header) {}

  std::string heading() const override;
  void append(std::string& out, const TraceRecord& record, std::optional<std::uint64_t> cause) override;
  void finish(std::string& out) override;

 private:
  struct Step {
    std::uint64_t event = 0;
    std::uint64_t cause = 0;  // 0: none
    std::int64_t time = 0;
    std::int64_t length = longest;
    std::uint32_t node = 0;
    std::string_view name;  // a string in the header, or a constant
  };
  // A step takes no virtual time. It is drawn this long, or up to its node's next step.
  static constexpr std::int64_t longest = 1000;

  void note_step(const TraceRecord& record, std::optional<std::uint64_t> cause);
  void add_position(JsonText& json, std::uint32_t node, std::int64_t time) const;
  void append_step(std::string& out, const Step& step) const;
  void append_arrow(std::string& out, const Step& from, const Step& to) const;
  void append_report(std::string& out, const TraceRecord& record) const;
  void append_count(std::string& out, std::int64_t time) const;

  const TraceHeader& header_;
  std::vector<Step> steps_;
  std::unordered_map<std::uint64_t, std::size_t> index_of_;  // index in steps_, by event
  std::unordered_map<std::uint32_t, std::size_t> last_of_;   // index in steps_, by node
  std::unordered_map<std::uint32_t, bool> is_up_;
  std::uint64_t up_ = 0;
};

}  // namespace peerbed::analysis
