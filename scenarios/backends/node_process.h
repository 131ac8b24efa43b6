#pragma once
// A node in its own process, which runs this program again. It takes lines on its standard input and reports on its
// standard output, and it ends when the process that runs the scenario ends.

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/base/file_descriptor.h"
#include "scenarios/backends/node_report.h"

namespace peerbed::scenarios {

class NodeProcess {
 public:
  // Throws FileError if the process cannot be started.
  explicit NodeProcess(const std::vector<std::string>& words);
  // SIGKILL, unless it has ended.
  ~NodeProcess();
  NodeProcess(const NodeProcess&) = delete;
  NodeProcess& operator=(const NodeProcess&) = delete;

  // Sends it a line, given without its newline. What cannot be written is dropped.
  void tell(std::string_view line) noexcept;
  void signal(int number) noexcept;

  // The descriptor to wait on for reports.
  int descriptor() const noexcept { return reports_.number(); }
  // Takes what has arrived and calls `hear` for each report. False once the process has ended and every report was
  // taken.
  bool take(const std::function<void(const NodeReport&)>& hear);

 private:
  pid_t process_ = -1;
  adapter::FileDescriptor reports_;  // and commands, the other way
  std::string unread_;
};

}  // namespace peerbed::scenarios
