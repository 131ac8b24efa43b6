// What nodes have to send and what they wait for, with and without a slow disk.

#include "sim/streams/request_queue.h"
#include "sim/streams/send_queue.h"
#include "tests/catch.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t chunk = HostDisk::chunk;
constexpr Time at(Duration time) { return time_zero + time; }
constexpr ContentRange range(std::uint64_t size) { return {{1}, 0, size}; }

// A chunk takes a second.
HostDisk slow_disk() {
  HostDisk disk;
  disk.model.rate = {8 * chunk};
  return disk;
}

}  // namespace

TEST_CASE("a node hears of content that has left, in order, and of nothing else") {
  SendQueue queue;
  queue.write(10, 10);
  queue.send(110, range(100));
  queue.send(160, range(50));
  queue.write(165, 5);
  CHECK_FALSE(queue.has_sent_content(9));
  queue.drop_written(10);
  CHECK_FALSE(queue.has_sent_content(109));
  REQUIRE(queue.has_sent_content(160));
  CHECK(queue.take_sent_content(160) == range(100));
  CHECK(queue.take_sent_content(160) == range(50));
  CHECK_FALSE(queue.has_sent_content(165));
  queue.drop_written(165);
  CHECK_FALSE(queue.has_sent_content(UINT64_MAX));
}

TEST_CASE("a node's own bytes fill the backlog until they have left, and content does not") {
  SendQueue queue;
  queue.write(maximum_stream_backlog - 1, maximum_stream_backlog - 1);
  CHECK(queue.has_room_for(1));
  CHECK_FALSE(queue.has_room_for(2));
  queue.send(2 * maximum_stream_backlog, range(maximum_stream_backlog + 1));
  CHECK(queue.has_room_for(1));
  queue.drop_written(maximum_stream_backlog - 2);
  CHECK_FALSE(queue.has_room_for(2));
  queue.drop_written(maximum_stream_backlog - 1);
  CHECK(queue.has_room_for(maximum_stream_backlog));
}

TEST_CASE("a slow disk is read chunk by chunk, ahead of what has left, and written bytes need no reading") {
  SendQueue queue;
  HostDisk disk = slow_disk();
  queue.write(100, 100);
  queue.send(100 + 10 * chunk, range(10 * chunk));
  CHECK(queue.read_ahead(0, disk, at(0s)) == 100);
  CHECK(queue.read_at() == at(1s));
  CHECK(queue.read_ahead(0, disk, at(999ms)) == 100);
  CHECK(queue.read_ahead(0, disk, at(1s)) == 100 + chunk);
  CHECK(queue.read_at() == at(2s));
  // Nothing leaves: it stops four chunks ahead.
  std::uint64_t read = 0;
  for (int second = 2; second < 20; ++second) read = queue.read_ahead(0, disk, at(std::chrono::seconds(second)));
  CHECK(read >= 4 * chunk);
  CHECK(read < 5 * chunk + 100);
  CHECK(queue.read_at() == Time::max());
  queue.read_ahead(2 * chunk, disk, at(20s));
  CHECK(queue.read_at() == at(21s));
}

TEST_CASE("a queue that begins again is empty, with the whole backlog free") {
  SendQueue queue;
  HostDisk disk = slow_disk();
  queue.write(1000, 1000);
  queue.send(2000, range(1000));
  queue.read_ahead(0, disk, at(0s));
  queue.begin();
  CHECK_FALSE(queue.has_sent_content(UINT64_MAX));
  CHECK(queue.has_room_for(maximum_stream_backlog));
  CHECK(queue.read_at() == Time::max());
  CHECK(queue.read_ahead(0, disk, at(5s)) == 0);
}

TEST_CASE("requests are answered first in, first out, and end with the peer's last byte") {
  RequestQueue requests;
  requests.add({10, {}, false});
  requests.add({20, range(20), true});
  CHECK(requests.front().size == 10);
  requests.pop_front();
  CHECK(requests.front().to_content);
  CHECK_FALSE(requests.is_closed());
  requests.close();
  CHECK(requests.empty());
  CHECK(requests.is_closed());
  requests.begin();
  CHECK_FALSE(requests.is_closed());
}

TEST_CASE("a request is written as it arrives, chunk by chunk, and done when its last byte is on the disk") {
  RequestQueue requests;
  HostDisk disk = slow_disk();
  requests.add({2 * chunk + 10, range(2 * chunk + 10), true});
  CHECK_FALSE(requests.is_written(0, chunk - 1, disk, at(0s)));
  CHECK(requests.written_at() == Time::max());
  CHECK_FALSE(requests.is_written(0, chunk, disk, at(0s)));
  CHECK(requests.written_at() == at(1s));
  CHECK_FALSE(requests.is_written(0, chunk + 5, disk, at(1s)));
  CHECK(requests.written_at() == at(1s));
  CHECK_FALSE(requests.is_written(0, 5 * chunk, disk, at(1s)));  // more than it asked for has come
  const Time done = requests.written_at();
  CHECK(done > at(2s));
  CHECK(done < at(2100ms));
  CHECK_FALSE(requests.is_written(0, 5 * chunk, disk, done - 1ns));
  CHECK(requests.is_written(0, 5 * chunk, disk, done));
  CHECK(requests.written_at() == Time::max());
}

}  // namespace peerbed::sim::testing
