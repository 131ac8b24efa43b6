#pragma once
// Runs jobs in their own processes, a limited number at a time. A job that crashes or is killed loses only itself, and
// all its memory returns to the system when it ends. The caller must have only one thread.

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "adapter/base/child_process.h"
#include "adapter/base/file_descriptor.h"

namespace peerbed::app {

// How a job ended.
struct JobEnd {
  std::size_t job = 0;
  int code = 0;        // what it returned, unless a signal ended it
  int signal = 0;      // the signal that ended it; 0 for none
  std::string remark;  // what it wrote to stderr
  double seconds = 0;  // how long it took
};

// Called by a job from time to time, with the fraction of it that is done (0 to 1).
using ReportShare = std::function<void(double share)>;

class WorkerPool {
 public:
  // Runs in the worker and returns a code from 0 to 255. An exception becomes its remark and exit_io. The worker
  // ignores Ctrl-C, which the caller handles, and dies with the caller.
  using Job = std::function<int(std::size_t job, const ReportShare& report)>;

  WorkerPool(std::size_t workers, Job job) : workers_(workers), job_(std::move(job)) {}

  // Asked whenever a worker is free: the job that it is to run, or nothing if no job is left.
  using Next = std::function<std::optional<std::size_t>()>;

  // Runs the jobs in the order in which `next` gives them. Calls `go_on` several times per second with the completed
  // fractions of the running jobs; if it returns false, they are killed and the rest is skipped. Throws FileError if no
  // process can be started.
  void run(const Next& next, const std::function<void(const JobEnd&)>& on_end,
           const std::function<bool(double under_way)>& go_on);

 private:
  using Clock = std::chrono::steady_clock;

  struct Worker {
    adapter::ChildProcess process;
    std::size_t job = 0;
    adapter::FileDescriptor shares;  // the read end of the pipe on which it reports; closed by its death
    adapter::FileDescriptor remark;  // an unnamed file that is its stderr
    double share = 0;
    Clock::time_point begun{};
  };

  void start(std::size_t job);
  void wait_for_news();
  // Reads what a worker reported; false if it has ended.
  static bool read_share(Worker& worker);
  static JobEnd bury(Worker& worker);
  void kill_all() noexcept;
  int work(std::size_t job, int shares, int remark) const;

  std::size_t workers_;
  Job job_;
  std::vector<Worker> running_;
};

}  // namespace peerbed::app
