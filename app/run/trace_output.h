#pragma once
// The trace of a run in progress: a file in its folder, or JSON lines on stderr. Also the options that request it.

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>

#include "app/cli/options.h"
#include "scenarios/record/trace_recorder.h"

namespace peerbed::app {

extern const Option trace_option;
extern const Option trace_nodes_option;
extern const Option trace_from_option;
extern const Option trace_until_option;

// Nothing if no trace is requested. Throws UsageError.
std::optional<scenarios::TraceSelection> trace_selection(const Arguments& arguments);

// Parses a point in time from an option, such as 10s. Throws UsageError.
std::optional<Duration> time_option(const Arguments& arguments, const Option& option);
// Splits at commas.
std::vector<std::string> words_between_commas(const std::string& text);

class TraceOutput {
 public:
  // Writes to the file, or as lines to `lines` if there is none. Throws std::runtime_error if it cannot be written.
  TraceOutput(const scenarios::Scenario& scenario, const scenarios::TraceSelection& selection, bool simulated,
              const std::optional<std::string>& file, std::ostream& lines);
  ~TraceOutput();
  TraceOutput(const TraceOutput&) = delete;
  TraceOutput& operator=(const TraceOutput&) = delete;

  Observer* observer() noexcept;
  void close();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace peerbed::app
