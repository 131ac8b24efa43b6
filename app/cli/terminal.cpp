#include "app/cli/terminal.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "analysis/results/one_line.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t longest_complaint = 4000;  // bytes

volatile std::sig_atomic_t interrupt_seen = 0;

extern "C" void on_interrupt(int) {
  interrupt_seen = 1;
  std::signal(SIGINT, SIG_DFL);
}

bool is_dumb(const char* terminal) { return terminal != nullptr && std::string(terminal) == "dumb"; }

}  // namespace

analysis::Style stdout_style() {
  const char* no_color = std::getenv("NO_COLOR");
  const bool refused = no_color != nullptr && *no_color != '\0';
  return {.color = !refused && isatty(STDOUT_FILENO) != 0 && !is_dumb(std::getenv("TERM"))};
}

void complain(std::string_view sentence) {
  std::cerr << analysis::one_line(sentence, longest_complaint) << '\n' << std::flush;
}

void remember_interrupts() { std::signal(SIGINT, on_interrupt); }

bool interrupted() noexcept { return interrupt_seen != 0; }

ProgressLine::ProgressLine()
    : on_terminal_(isatty(STDERR_FILENO) != 0 && !is_dumb(std::getenv("TERM"))), begun_(Clock::now()), last_(begun_) {}

void ProgressLine::show(const scenarios::Progress& progress) {
  if (!is_due()) return;
  const double share = static_cast<double>(progress.now.count()) / static_cast<double>(progress.end.count());
  const double rate = static_cast<double>(progress.events) / seconds();
  std::string line = std::to_string(static_cast<int>(share * 100)) + "%  " +
                     scenarios::show_duration(static_cast<double>(progress.now.count())) + " of " +
                     scenarios::show_duration(static_cast<double>(progress.end.count())) + "  " +
                     scenarios::show_count(progress.events) + " events  " +
                     scenarios::show_count(static_cast<std::uint64_t>(rate)) + " events/s";
  if (share > 0) line += "  " + scenarios::show_duration((1 - share) / share * seconds() * 1e9) + " left";
  write(line);
}

bool ProgressLine::is_due() const {
  const auto now = Clock::now();
  return now - begun_ >= 1s && now - last_ >= (on_terminal_ ? 200ms : 5s);
}

double ProgressLine::seconds() const { return std::chrono::duration<double>(Clock::now() - begun_).count(); }

void ProgressLine::write(const std::string& line) {
  last_ = Clock::now();
  std::cerr << (on_terminal_ ? "\r\033[K" : "") << line << (on_terminal_ ? "" : "\n") << std::flush;
  shown_ = on_terminal_;
}

void ProgressLine::clear() {
  if (shown_) std::cerr << "\r\033[K" << std::flush;
  shown_ = false;
}

}  // namespace peerbed::app
