#include "sim/streams/send_queue.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "protocols/environment/contract.h"
#include "protocols/environment/state.h"

namespace peerbed::sim {

void SendQueue::begin() {
  SendQueue fresh;
  fresh.items_ = std::move(items_);
  fresh.items_.clear();
  *this = std::move(fresh);
}

void SendQueue::add(const Item& item) {
  PEERBED_CONTRACT(items_.empty() || items_.back().end < item.end, "each write and range adds to its stream");
  items_.push_back(item);
}

void SendQueue::write(std::uint64_t end, std::uint64_t size) {
  PEERBED_CONTRACT(has_room_for(size), "what a node writes fits into the backlog");
  waiting_ += size;
  add({end, size, {}, false});
}

void SendQueue::send(std::uint64_t end, const ContentRange& range) { add({end, 0, range, true}); }

void SendQueue::drop_written(std::uint64_t next) {
  while (!items_.empty() && !items_.front().is_content && items_.front().end <= next) {
    waiting_ -= items_.front().size;
    items_.pop_front();
  }
}

ContentRange SendQueue::take_sent_content(std::uint64_t next) {
  PEERBED_CONTRACT(has_sent_content(next), "the range that is taken has left");
  const ContentRange range = items_.front().range;
  items_.pop_front();
  return range;
}

std::uint64_t SendQueue::read_ahead(std::uint64_t next, HostDisk& disk, Time now) {
  constexpr std::uint64_t far_enough = 4 * HostDisk::chunk;
  if (read_at_ <= now) {
    read_end_ = reading_end_;
    read_at_ = Time::max();
  }
  read_end_ = std::max(read_end_, next);
  for (std::size_t i = 0; i < items_.size() && read_at_ == Time::max(); ++i) {
    const Item& item = items_[i];
    if (item.end <= read_end_) continue;
    if (!item.is_content) {
      read_end_ = item.end;
      continue;
    }
    if (read_end_ >= next + far_enough) break;
    const std::uint64_t size = std::min(item.end - read_end_, HostDisk::chunk);
    reading_end_ = read_end_ + size;
    read_at_ = disk.pass(size, now);
  }
  return read_end_;
}

void SendQueue::append_state(std::vector<std::byte>& out) const {
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const Item& item = items_[i];
    peerbed::append_state(out, std::tie(item.range.content, item.range.offset, item.range.size, item.end));
  }
}

}  // namespace peerbed::sim
