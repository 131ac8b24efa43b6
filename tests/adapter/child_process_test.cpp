#include "adapter/base/child_process.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "adapter/base/file_descriptor.h"
#include "tests/catch.h"

namespace peerbed::adapter {
namespace {

TEST_CASE("a child process exits with what its function returns") {
  ChildProcess child([] { return 7; });
  REQUIRE(child);
  const ChildProcess::End end = child.wait();
  CHECK(end.code == 7);
  CHECK(end.signal == 0);
  CHECK_FALSE(child);
}

TEST_CASE("a child process that a signal ends names the signal") {
  ChildProcess child([] {
    while (true) ::pause();
    return 0;
  });
  child.signal(SIGKILL);
  const ChildProcess::End end = child.wait();
  CHECK(end.code == 0);
  CHECK(end.signal == SIGKILL);
}

TEST_CASE("Ctrl-C does not end a child process") {
  ChildProcess child([] {
    ::raise(SIGINT);
    return 3;
  });
  CHECK(child.wait().code == 3);
}

TEST_CASE("a child process dies with the object that holds it") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const FileDescriptor ours(ends[0]);
  FileDescriptor theirs(ends[1]);
  const auto wait_for_ever = [] {
    while (true) ::pause();
    return 0;
  };
  ChildProcess held{wait_for_ever};
  REQUIRE(held);
  theirs.reset();
  ChildProcess moved = std::move(held);
  CHECK_FALSE(held);
  REQUIRE(moved);
  moved = ChildProcess();
  char byte = 0;
  CHECK(::read(ours.number(), &byte, 1) == 0);  // nobody holds the other end
}

}  // namespace
}  // namespace peerbed::adapter
