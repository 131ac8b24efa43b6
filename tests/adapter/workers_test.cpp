#include "adapter/loop/workers.h"

#include <thread>
#include <vector>

#include "tests/catch.h"

namespace peerbed::adapter {
namespace {

TEST_CASE("one worker takes jobs in order, and what follows each runs in the loop's thread") {
  EventLoop loop;
  Workers workers(loop, 1);
  const std::thread::id loops = std::this_thread::get_id();
  std::vector<int> worked;
  std::vector<int> followed;
  for (int job = 0; job < 100; ++job)
    workers.run(
        [&, job] {
          if (std::this_thread::get_id() != loops) worked.push_back(job);
        },
        [&, job] {
          if (std::this_thread::get_id() == loops) followed.push_back(job);
          if (job == 99) loop.stop();
        });
  loop.run();
  std::vector<int> all;
  for (int job = 0; job < 100; ++job) all.push_back(job);
  CHECK(worked == all);
  CHECK(followed == all);
}

TEST_CASE("workers that were stopped do nothing more") {
  EventLoop loop;
  Workers workers(loop, 2);
  workers.run([] {}, [&loop] { loop.stop(); });
  loop.run();
  workers.stop();
  bool ran = false;
  workers.run([&ran] { ran = true; }, [] {});
  loop.run_one_until(EventLoop::Clock::now() + std::chrono::milliseconds(20));
  CHECK_FALSE(ran);
}

}  // namespace
}  // namespace peerbed::adapter
