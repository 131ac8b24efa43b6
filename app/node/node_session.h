#pragma once
// Runs a real node from start to end: reads its commands, prints its lines and handles signals.
// SIGINT, SIGTERM and SIGHUP ask the node to leave; a second signal ends it at once. When its commands run out, a node
// continues to serve unless it was told to leave then.

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapter/host.h"
#include "app/node/name_watch.h"
#include "app/node/node_control.h"
#include "app/node/node_input.h"
#include "app/node/node_metrics.h"
#include "app/node/node_output.h"
#include "app/node/node_progress.h"
#include "app/node/node_signals.h"
#include "app/node/node_view.h"

namespace peerbed::app {

struct SessionOptions {
  std::optional<std::string> script{};   // a file, or "-"; by default standard input, if there is any
  std::optional<std::string> control{};  // where to listen for commands from other programs
  bool exit_at_end = false;
  bool json = false;
  Duration patience = std::chrono::seconds(10);  // with exit_at_end, time for others to be found
};

class NodeSession final : private Observer {
 public:
  // All must live until run() has returned.
  NodeSession(adapter::Host& host, NodeView& view, NodeScreen& screen, const NodeSignals& signals, NodeMetrics& metrics,
              const SessionOptions& options);

  // Starts the node; returns an exit code when its process has ended. Throws std::runtime_error if the script cannot be
  // read.
  int run();

 private:
  void on_trace(Time time, NodeIndex, std::uint16_t type, const TraceValues& values) override;
  void on_line(Time time, NodeIndex, std::string_view line) override;
  void on_refusal(Time time, NodeIndex, std::string_view code, std::string_view sentence) override;
  void on_exit(Time time, NodeIndex) override;
  void on_warning(Time time, NodeIndex, std::string_view sentence) override { output_.warning(time, sentence); }

  // A request from another program.
  struct OpenRequest {
    NodeControl::Request request;
    std::optional<std::vector<std::string>> tasks{};  // that it started; nothing: it waits until the node is idle
    bool failed = false;
  };

  bool open_prompt();
  void open_input();
  void watch_progress();
  std::vector<std::string> completions(std::string_view typed) const;
  std::optional<std::string> next_line();
  void await_readiness();
  void refuse(std::string_view code, std::string_view sentence);
  void watch_counterparts();
  bool loses_patience();
  void note_refused(Time time, Address from, std::uint64_t version);
  void take_signals();
  void take_commands();
  void handle_end();
  void handle_command(const std::string& line);
  bool handle_builtin(const std::string& verb, const std::string& rest);
  void handle_request(const NodeControl::Request& request);
  bool is_under_way(const OpenRequest& open) const;
  void answer_requests();
  void note_failure() noexcept;
  void judge_tasks();
  void pause_until_idle();
  void pause_for(Duration duration);
  void resume();
  void leave();

  adapter::Host& host_;
  NodeView& view_;
  NodeScreen& screen_;
  NodeOutput output_;
  const NodeSignals& signals_;
  NodeMetrics& metrics_;
  SessionOptions options_;
  std::unique_ptr<NodeInput> input_;  // null if there is a prompt
  std::unique_ptr<NodeReadiness> keyboard_;
  std::deque<std::string> typed_;      // lines not yet handled
  std::vector<OpenRequest> requests_;  // not yet answered
  std::set<std::string> begun_;        // tasks started by commands, until the node is idle
  OpenRequest* current_ = nullptr;     // the request being handled
  std::unique_ptr<NodeControl> control_;
  NodeProgress progress_;
  std::set<std::string> silent_;  // counterparts reported as silent
  Time ready_{};                  // when it was last ready
  bool answers_later_ = false;
  bool is_announced_ = false;  // to the service manager
  bool paused_ = false;
  bool ending_ = false;   // the commands have ended, and the node will leave
  bool leaving_ = false;  // it was asked to leave
  bool left_ = false;     // it has left
  static constexpr std::size_t maximum_refused = 64;
  std::set<Address> refused_;  // hosts reported as refused
  bool failed_ = false;        // some command failed
  bool killed_ = false;        // by Ctrl-C at its prompt
  unsigned signalled_ = 0;
  NameWatch names_;
};

}  // namespace peerbed::app
