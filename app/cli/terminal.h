#pragma once
// Terminal handling: colour and rewritten lines only on a terminal. Also handles Ctrl-C.

#include <chrono>
#include <string>
#include <string_view>

#include "analysis/results/table.h"
#include "scenarios/run/run_scenario.h"

namespace peerbed::app {

// Coloured if stdout is a terminal and NO_COLOR is not in the environment (https://no-color.org).
analysis::Style stdout_style();

// Prints a sentence to stderr, as a line. All error messages go through here, because they may quote files.
void complain(std::string_view sentence);

// From the first call on, the first Ctrl-C is remembered instead of ending the process; a second one ends it.
void remember_interrupts();
bool interrupted() noexcept;

// A progress line on stderr: rewritten in place on a terminal, otherwise printed every few seconds. Short runs show
// nothing.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  void show(const scenarios::Progress& progress);
  void clear();

  // For another kind of line: whether it is due, the elapsed time, and how to show it.
  bool is_due() const;
  double seconds() const;
  void write(const std::string& line);

 private:
  using Clock = std::chrono::steady_clock;

  bool on_terminal_;
  bool shown_ = false;
  Clock::time_point begun_;
  Clock::time_point last_;
};

}  // namespace peerbed::app
