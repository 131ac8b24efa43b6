#pragma once
// The exit codes of the program, and how help describes them.

namespace peerbed {

enum ExitCode : int {
  exit_good = 0,
  exit_expectation_failed =
      1,           // or a property was violated, a run exceeded a limit, or a comparison shows that B is worse
  exit_usage = 2,  // or a bad scenario
  exit_io = 3,
  exit_diverged = 4,       // a replay differed from its record
  exit_not_exhausted = 5,  // a check did not see all states
  exit_interrupted = 130,
};

namespace app {

struct ExitCodeMeaning {
  ExitCode code;
  const char* meaning;
};

inline constexpr ExitCodeMeaning exit_code_meanings[] = {
    {exit_good, "success"},
    {exit_expectation_failed,
     "an expectation failed, a property was violated, a run exceeded a limit, or a comparison found a regression"},
    {exit_usage, "invalid usage or an invalid scenario"},
    {exit_io, "a file or network error"},
    {exit_diverged, "a replay diverged"},
    {exit_not_exhausted, "a check did not see all states"},
    {exit_interrupted, "interrupted"},
};

}  // namespace app
}  // namespace peerbed
