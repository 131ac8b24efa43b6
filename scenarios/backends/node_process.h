#pragma once
// A node in its own process, which runs this program again. It takes requests on its standard input and reports on its
// standard output, and it ends when the process that runs the scenario ends.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "adapter/base/child_process.h"
#include "adapter/base/file_descriptor.h"
#include "scenarios/backends/node_report.h"
#include "scenarios/backends/node_request.h"

namespace peerbed::scenarios {

class NodeProcess {
 public:
  // Throws FileError if the process cannot be started.
  explicit NodeProcess(const std::vector<std::string>& words);

  // What cannot be written is dropped.
  void ask(const NodeRequest& request);
  void signal(int number) noexcept { process_.signal(number); }

  // The descriptor to wait on for reports.
  int descriptor() const noexcept { return reports_.number(); }
  // Takes what has arrived and calls `hear` for each report. False once the process has ended and every report was
  // taken.
  bool take(const std::function<void(const NodeReport&)>& hear);

 private:
  adapter::FileDescriptor reports_;  // and requests, the other way
  adapter::ChildProcess process_;
  std::string unread_;
};

}  // namespace peerbed::scenarios
