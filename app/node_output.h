#pragma once
// What a real node says, on stdout: the lines that it prints, or with --json one object for each thing that happens.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/node_view.h"
#include "protocols/environment/time.h"

namespace peerbed::app {

class NodeOutput {
 public:
  // Writes one line, given without its end.
  using Print = std::function<void(std::string_view line)>;

  NodeOutput(bool json, Print print) : json_(json), print_(std::move(print)) {}

  void listening(Time now, const std::string& endpoint);
  void line(Time now, std::string_view text);
  void report(Time now, const TraceEventType& type, const TraceValues& values);
  void warning(Time now, std::string_view sentence);
  void status(Time now, const std::vector<Fact>& facts);
  void peers(Time now, const std::vector<std::string>& peers);
  void help(std::span<const Verb> builtin, std::span<const Verb> own);
  void left(Time now);

 private:
  bool json_;
  Print print_;
};

}  // namespace peerbed::app
