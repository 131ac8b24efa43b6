#pragma once
// The output of a real node on stdout: its printed lines, or with --json one object per event. Clients of its control
// socket get the same objects.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/node/node_screen.h"
#include "app/node/node_view.h"
#include "protocols/environment/time.h"

namespace peerbed::app {

class NodeControl;

class NodeOutput {
 public:
  NodeOutput(bool json, NodeScreen& screen) : json_(json), screen_(screen) {}

  // Clients of a control socket receive all events too.
  void use(NodeControl* control) noexcept { control_ = control; }

  void listening(Time now, const std::string& endpoint);
  void line(Time now, std::string_view text);
  void report(Time now, const TraceEventType& type, const TraceValues& values);
  // Why a request was not carried out.
  void refusal(Time now, std::string_view code, std::string_view sentence);
  // A problem that is not the answer to a request.
  void trouble(Time now, std::string_view code, std::string_view sentence);
  // A counterpart that was silent is heard again.
  void answers(Time now, const std::string& name);
  void warning(Time now, std::string_view sentence);
  void status(Time now, const std::vector<Fact>& facts);
  void peers(Time now, const std::vector<std::string>& peers);
  void help(std::span<const Verb> builtin, std::span<const Verb> own);
  void left(Time now);

 private:
  bool is_heard_as_json() const noexcept;
  void tell(const std::string& event);
  void tell_error(Time now, std::string_view code, std::string_view sentence);

  bool json_;
  NodeScreen& screen_;
  NodeControl* control_ = nullptr;
};

}  // namespace peerbed::app
