#pragma once
// What a real node says, on stdout: the lines that it prints, or with --json one object for each thing that happens.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/node_screen.h"
#include "app/node_view.h"
#include "protocols/environment/time.h"

namespace peerbed::app {

class NodeOutput {
 public:
  NodeOutput(bool json, NodeScreen& screen) : json_(json), screen_(screen) {}

  void listening(Time now, const std::string& endpoint);
  void line(Time now, std::string_view text);
  void report(Time now, const TraceEventType& type, const TraceValues& values);
  void warning(Time now, std::string_view sentence);
  void status(Time now, const std::vector<Fact>& facts);
  void peers(Time now, const std::vector<std::string>& peers);
  void help(std::span<const Verb> builtin, std::span<const Verb> own);
  void left(Time now);

 private:
  void print(std::string_view line) { screen_.print(line); }

  bool json_;
  NodeScreen& screen_;
};

}  // namespace peerbed::app
