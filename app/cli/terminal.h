#pragma once
// What the program may do with its outputs: colour and rewritten lines only on a terminal. Also handles Ctrl-C.

#include <chrono>
#include <string>
#include <string_view>

#include "analysis/results/table.h"
#include "scenarios/run/run_scenario.h"

namespace peerbed::app {

// Colour on stdout: a terminal, and no NO_COLOR in the environment (https://no-color.org).
analysis::Style stdout_style();

// Prints a sentence to stderr, as a line. Whatever tells a person what went wrong goes through here: it may quote
// files.
void complain(std::string_view sentence);

// From the first call on, Ctrl-C no longer ends the process but is remembered; a second one ends it.
void remember_interrupts();
bool interrupted() noexcept;

// A line on stderr that says how far a run has come: rewritten in place on a terminal, else every few seconds. Short
// runs show nothing.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  void show(const scenarios::Progress& progress);
  void clear();

  // For a line of another kind: whether it is time for it, how long it has been, and what it says.
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
