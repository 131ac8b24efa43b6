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
  // Throws FileError when no process can be made.
  explicit NodeProcess(const std::vector<std::string>& words);
  // SIGKILL, unless it has ended.
  ~NodeProcess();
  NodeProcess(const NodeProcess&) = delete;
  NodeProcess& operator=(const NodeProcess&) = delete;

  // A line for it, without its newline. What cannot be written is for nobody.
  void tell(std::string_view line) noexcept;
  void signal(int number) noexcept;

  // To wait for reports at.
  int descriptor() const noexcept { return reports_.number(); }
  // Takes what has come, and calls `hear` for each report; false when the process has ended and all is heard.
  bool take(const std::function<void(const NodeReport&)>& hear);

 private:
  pid_t process_ = -1;
  adapter::FileDescriptor reports_;  // and commands, the other way
  std::string unread_;
};

}  // namespace peerbed::scenarios
