#pragma once
// The error for an invalid scenario or option: the position, and one sentence that says what is wrong and how to fix
// it.

#include <stdexcept>
#include <string>

namespace peerbed::scenarios {

// A position in a scenario file, or in an override such as "--set seed=x" (then line and column are 0).
struct Position {
  std::string source;
  int line = 0;    // from 1
  int column = 0;  // from 1
};

// "FILE:LINE:COLUMN", or just the source if there is no line.
inline std::string to_string(const Position& position) {
  if (position.line == 0) return position.source;
  return position.source + ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
}

class ScenarioError : public std::runtime_error {
 public:
  ScenarioError(Position position, const std::string& sentence)
      : std::runtime_error(to_string(position) + ": " + sentence),
        position_(std::move(position)),
        sentence_(sentence) {}

  const Position& position() const noexcept { return position_; }
  const std::string& sentence() const noexcept { return sentence_; }

 private:
  Position position_;
  std::string sentence_;
};

// A file that cannot be read or written, or a folder in the way. Exit code 3; an invalid scenario gives 2.
class FileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace peerbed::scenarios
