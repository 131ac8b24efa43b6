#pragma once
// The queue of pending events. The wheel is the fast one; the short queue is as fast in worlds of a few nodes and costs
// nothing to make; the heap is the simple one that checks both. All give the same order, because the order is in the
// events.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/core/event.h"

namespace peerbed::sim {

enum class EventQueueKind : std::uint8_t { wheel, heap, short_queue };

// A 4-ary heap (LaMarca and Ladner 1996): O(log n), in any order of times.
class QuaternaryHeap {
 public:
  bool empty() const noexcept { return events_.empty(); }
  std::size_t size() const noexcept { return events_.size(); }
  const Event& top() const noexcept { return events_.front(); }
  bool pop_before(std::int64_t end, Event& event) {
    if (empty() || top().time >= end) return false;
    event = pop();
    return true;
  }
  void push(const Event& event);
  Event pop();
  const std::vector<Event>& all() const noexcept { return events_; }
  std::size_t bytes() const noexcept { return events_.capacity() * sizeof(Event); }

 private:
  std::vector<Event> events_;
};

// The next events in a sorted array, and in a heap those that find no room there. While there are few, both operations
// cost a search among them and a move of some; O(log n) otherwise.
class ShortQueue {
 public:
  bool empty() const noexcept { return next_.empty(); }
  std::size_t size() const noexcept { return next_.size() + later_.size(); }
  std::int64_t next_time() const noexcept { return next_.back().time; }
  bool pop_before(std::int64_t end, Event& event) {
    if (empty() || next_.back().time >= end) return false;
    event = next_.back();
    next_.pop_back();
    if (empty() && !later_.empty()) refill();
    return true;
  }
  void push(const Event& event);
  template <class Visit>
  void for_each(Visit&& visit) const {
    std::for_each(next_.begin(), next_.end(), visit);
    std::for_each(later_.all().begin(), later_.all().end(), visit);
  }
  std::size_t bytes() const noexcept { return next_.capacity() * sizeof(Event) + later_.bytes(); }

 private:
  static constexpr std::size_t room = 128;

  void refill();
  void make_room();

  std::vector<Event> next_;  // the latest first; empty only if there are none later
  QuaternaryHeap later_;     // each after all of next_
};

// Events pushed in order wait in a line, which costs next to nothing; the others wait in a heap.
class MostlySorted {
 public:
  void reserve() { line_.reserve(1024); }
  bool empty() const noexcept { return line_next_ == line_.size() && heap_.empty(); }
  void push(const Event& event) {
    if (line_next_ == line_.size()) {
      line_.clear();
      line_next_ = 0;
    } else if (precedes(event, line_.back())) {
      return heap_.push(event);
    }
    line_.push_back(event);
  }
  const Event& top() const noexcept { return line_first() ? line_[line_next_] : heap_.top(); }
  Event pop() { return line_first() ? line_[line_next_++] : heap_.pop(); }
  template <class Visit>
  void for_each(Visit&& visit) const {
    std::for_each(line_.begin() + static_cast<std::ptrdiff_t>(line_next_), line_.end(), visit);
    std::for_each(heap_.all().begin(), heap_.all().end(), visit);
  }
  std::size_t bytes() const noexcept { return line_.capacity() * sizeof(Event) + heap_.bytes(); }
  std::span<const Event> line() const noexcept { return std::span(line_).subspan(line_next_); }

 private:
  bool line_first() const noexcept {
    if (heap_.empty()) return true;
    return line_next_ != line_.size() && precedes(line_[line_next_], heap_.top());
  }

  std::vector<Event> line_;  // handed out up to line_next_
  std::size_t line_next_ = 0;
  QuaternaryHeap heap_;
};

// A hierarchical timing wheel (Varghese and Lauck 1987) that sorts only what it is about to hand out. Time is read as
// digits, one level per digit; an event waits at the level of the highest digit in which it differs from the present. A
// slot with few events is sorted and drained; a slot with many is spread over the level below. Amortised O(1).
class TimingWheel {
 public:
  // One that is not used takes no memory.
  explicit TimingWheel(bool is_used = true);
  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  // `event` is due no earlier than the last event popped, and before maximum_time.
  void push(const Event& event) {
    ++size_;
    if (event.time < front_end_)
      late_.push(event);
    else
      insert(event);
  }
  // Pops the next event if it is due before `end`.
  bool pop_before(std::int64_t end, Event& event) {
    if (size_ == 0) return false;
    if (front_next_ == front_.size() && late_.empty()) refill();
    if (late_.empty() || (front_next_ != front_.size() && precedes(front_[front_next_], late_.top()))) {
      if (front_[front_next_].time >= end) return false;
      event = front_[front_next_++];
      came_late_ = false;
    } else {
      if (late_.top().time >= end) return false;
      event = late_.pop();
      came_late_ = true;
    }
    --size_;
    return true;
  }
  // When the next event is due; the queue is not empty.
  std::int64_t next_time() {
    if (front_next_ == front_.size() && late_.empty()) refill();
    if (late_.empty()) return front_[front_next_].time;
    if (front_next_ == front_.size()) return late_.top().time;
    return std::min(front_[front_next_].time, late_.top().time);
  }
  // For prefetching: whether an event due at `time` would join the events that are already sorted, whether the last
  // event popped had done so, and the probable next event of each kind.
  bool is_late(std::int64_t time) const noexcept { return time < front_end_; }
  bool came_late() const noexcept { return came_late_; }
  std::span<const Event> upcoming() const noexcept {
    return came_late_ ? late_.line() : std::span(front_).subspan(front_next_);
  }
  // Visits in no particular order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    std::for_each(front_.begin() + static_cast<std::ptrdiff_t>(front_next_), front_.end(), visit);
    late_.for_each(visit);
    for (const Slot& slot : slots_) {
      if (slot.count == 0) continue;
      std::size_t in_chunk = (slot.count - 1) % chunk_events + 1;
      for (std::uint32_t at = slot.first; at != no_chunk; at = chunk(at).next, in_chunk = chunk_events) {
        const Chunk& full = chunk(at);
        std::for_each(full.events.begin(), full.events.begin() + static_cast<std::ptrdiff_t>(in_chunk), visit);
      }
    }
  }
  std::size_t bytes() const noexcept {
    return blocks_.size() * block_chunks * sizeof(Chunk) + front_.capacity() * sizeof(Event) + late_.bytes();
  }

  static constexpr std::int64_t maximum_time = std::int64_t{1} << 58;  // 9 years

 private:
  static constexpr std::size_t chunk_events = 8;
  static constexpr std::size_t block_chunks = 256;
  static constexpr std::uint32_t no_chunk = UINT32_MAX;
  static constexpr std::size_t levels = 5;
  static constexpr std::array<int, levels + 1> level_shift{10, 18, 28, 38, 48, 58};
  static constexpr std::size_t slots_in_all = 256 + 4 * 1024;
  static constexpr std::array<std::size_t, levels> level_base{0, 256, 256 + 1024, 256 + 2048, 256 + 3072};
  static constexpr std::uint32_t spread_above = 40;    // events in a slot of 0.26 ms; more are spread first
  static constexpr std::size_t enough_to_drain = 128;  // events; slots that follow are drained together until then

  struct Chunk {
    std::array<Event, chunk_events> events;
    std::uint32_t next = no_chunk;
  };
  // A stack of chunks; the first is filled up to `in_first`.
  struct Slot {
    std::uint32_t first = no_chunk;
    std::uint32_t count = 0;
  };

  // Which of a level's slots `time` belongs to.
  static std::size_t digit(std::int64_t time, std::size_t level) noexcept {
    return (static_cast<std::uint64_t>(time) >> level_shift[level]) & (level == 0 ? 255 : 1023);
  }
  void insert(const Event& event);
  void refill();
  void set_occupied(std::size_t level, std::size_t slot) noexcept;
  void set_empty(std::size_t level, std::size_t slot) noexcept;
  std::size_t first_slot(std::size_t level) const noexcept;
  void drain(Slot& slot);
  bool is_drainable(std::size_t level, const Slot& slot) const noexcept {
    return level == 0 || (level == 1 && slot.count <= spread_above);
  }
  void spread(Slot slot);
  Chunk& chunk(std::uint32_t index) noexcept { return blocks_[index / block_chunks][index % block_chunks]; }
  const Chunk& chunk(std::uint32_t index) const noexcept { return blocks_[index / block_chunks][index % block_chunks]; }
  std::uint32_t take_chunk();

  std::vector<Event> front_;  // sorted; all events before front_end_ are here or in late_
  std::size_t front_next_ = 0;
  std::int64_t front_end_ = 0;
  MostlySorted late_;          // events that came after front_ was sorted
  bool came_late_ = false;     // whether the last event popped came from late_
  std::int64_t position_ = 0;  // the present, to which levels refer; always the start of a slot
  std::vector<Slot> slots_;
  std::array<std::uint64_t, slots_in_all / 64> occupied_{};  // one bit per slot
  std::array<std::uint16_t, levels> occupied_words_{};       // one bit per word of a level's part of occupied_
  std::vector<std::vector<Chunk>> blocks_;
  std::uint32_t free_chunk_ = no_chunk;
  std::size_t size_ = 0;
};

class EventQueue {
 public:
  explicit EventQueue(EventQueueKind kind) : kind_(kind), wheel_(kind == EventQueueKind::wheel) {}
  bool empty() const noexcept { return size() == 0; }
  std::size_t size() const noexcept { return wheel_.size() + short_.size() + heap_.size(); }
  // An event due after maximum_time, such as the answer of a disk that takes decades, is clamped to it.
  void push(const Event& event) {
    if (event.time >= TimingWheel::maximum_time) [[unlikely]]
      return push_at_the_end(event);
    if (kind_ == EventQueueKind::wheel) return wheel_.push(event);
    kind_ == EventQueueKind::heap ? heap_.push(event) : short_.push(event);
  }
  bool pop_before(std::int64_t end, Event& event) {
    if (kind_ == EventQueueKind::wheel) return wheel_.pop_before(end, event);
    return kind_ == EventQueueKind::heap ? heap_.pop_before(end, event) : short_.pop_before(end, event);
  }
  // When the next event is due; INT64_MAX if there is none.
  std::int64_t next_time() {
    if (empty()) return INT64_MAX;
    if (kind_ == EventQueueKind::wheel) return wheel_.next_time();
    return kind_ == EventQueueKind::heap ? heap_.top().time : short_.next_time();
  }
  // Whether upcoming() ever shows anything.
  bool has_prospect() const noexcept { return kind_ == EventQueueKind::wheel; }
  bool is_late(std::int64_t time) const noexcept { return wheel_.is_late(time); }
  bool came_late() const noexcept { return wheel_.came_late(); }
  std::span<const Event> upcoming() const noexcept { return wheel_.upcoming(); }
  // All pending events, in order: for digests.
  std::vector<Event> sorted() const;
  // Visits the pending events in no particular order, without allocating.
  template <class Visit>
  void for_each(Visit&& visit) const {
    wheel_.for_each(visit);
    short_.for_each(visit);
    std::for_each(heap_.all().begin(), heap_.all().end(), visit);
  }
  std::size_t bytes() const noexcept { return wheel_.bytes() + short_.bytes() + heap_.bytes(); }

 private:
  void push_at_the_end(Event event);

  EventQueueKind kind_;
  TimingWheel wheel_;
  ShortQueue short_;
  QuaternaryHeap heap_;
};

}  // namespace peerbed::sim
