#pragma once
// How a protocol describes the commands that its nodes understand, so that a mistyped one is found before a run.

#include <string_view>

namespace peerbed {

// One command, as a user types it: "put NAME VALUE...". Its first word may have several spellings, "quit|Quit". Words
// in brackets are optional; dots after the last word extend it to the end of the line.
struct CommandForm {
  std::string_view form;
  std::string_view meaning;  // a few words, for `list`
};

}  // namespace peerbed
