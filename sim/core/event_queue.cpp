#include "sim/core/event_queue.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "protocols/environment/contract.h"

namespace peerbed::sim {

void QuaternaryHeap::push(const Event& event) {
  std::size_t hole = events_.size();
  events_.push_back(event);
  while (hole > 0) {
    const std::size_t parent = (hole - 1) / 4;
    if (!precedes(event, events_[parent])) break;
    events_[hole] = events_[parent];
    hole = parent;
  }
  events_[hole] = event;
}

Event QuaternaryHeap::pop() {
  const Event top = events_.front();
  const Event last = events_.back();
  events_.pop_back();
  const std::size_t size = events_.size();
  if (size == 0) return top;
  std::size_t hole = 0;
  for (std::size_t child = 1; child < size; child = 4 * hole + 1) {
    std::size_t least = child;
    for (std::size_t other = child + 1; other < std::min(child + 4, size); ++other)
      if (precedes(events_[other], events_[least])) least = other;
    if (!precedes(events_[least], last)) break;
    events_[hole] = events_[least];
    hole = least;
  }
  events_[hole] = last;
  return top;
}

void ShortQueue::push(const Event& event) {
  if (next_.size() == room) make_room();
  if (!later_.empty() && precedes(later_.top(), event)) return later_.push(event);
  // A search without branches that chance decides: how many are due later, then those that are due at the same time.
  std::size_t place = 0;
  for (std::size_t left = next_.size(); left > 0;) {
    const std::size_t half = (left + 1) / 2;
    place += next_[place + half - 1].time > event.time ? half : 0;
    left -= half;
  }
  while (place < next_.size() && precedes(event, next_[place])) ++place;
  next_.insert(next_.begin() + static_cast<std::ptrdiff_t>(place), event);
}

// Half of the events, the latest, become later ones.
void ShortQueue::make_room() {
  const auto half = next_.begin() + room / 2;
  std::for_each(next_.begin(), half, [this](const Event& event) { later_.push(event); });
  next_.erase(next_.begin(), half);
}

void ShortQueue::refill() {
  while (!later_.empty() && next_.size() < room / 2) next_.push_back(later_.pop());
  std::reverse(next_.begin(), next_.end());
}

TimingWheel::TimingWheel(bool is_used) {
  if (!is_used) return;
  slots_.resize(slots_in_all);
  front_.reserve(1024);
  late_.reserve();
}

void TimingWheel::insert(const Event& event) {
  // The level of the highest bit in which the event's time differs from the present.
  static constexpr auto level_of_bit = [] {
    std::array<std::uint8_t, 64> level{};
    for (int bit = 0; bit < 64; ++bit)
      while (level[bit] + 1U < levels && bit >= level_shift[level[bit] + 1U]) ++level[bit];
    return level;
  }();
  const auto difference = static_cast<std::uint64_t>(event.time ^ position_);
  const std::size_t level = level_of_bit[static_cast<std::size_t>(std::bit_width(difference | 1)) - 1];
  const std::size_t index = digit(event.time, level);
  Slot& slot = slots_[level_base[level] + index];
  const std::size_t in_first = slot.count++ % chunk_events;
  if (in_first == 0) {
    const std::uint32_t taken = take_chunk();
    chunk(taken).next = slot.first;
    slot.first = taken;
    set_occupied(level, index);
  }
  chunk(slot.first).events[in_first] = event;
}

void TimingWheel::set_occupied(std::size_t level, std::size_t index) noexcept {
  occupied_[level_base[level] / 64 + index / 64] |= std::uint64_t{1} << (index % 64);
  occupied_words_[level] = static_cast<std::uint16_t>(occupied_words_[level] | (1U << (index / 64)));
}

void TimingWheel::set_empty(std::size_t level, std::size_t index) noexcept {
  std::uint64_t& word = occupied_[level_base[level] / 64 + index / 64];
  word &= ~(std::uint64_t{1} << (index % 64));
  if (word == 0) occupied_words_[level] = static_cast<std::uint16_t>(occupied_words_[level] & ~(1U << (index / 64)));
}

std::uint32_t TimingWheel::take_chunk() {
  if (free_chunk_ == no_chunk) {
    const auto first = static_cast<std::uint32_t>(blocks_.size() * block_chunks);
    blocks_.emplace_back(block_chunks);
    for (std::uint32_t i = block_chunks; i-- > 0;) {
      chunk(first + i).next = free_chunk_;
      free_chunk_ = first + i;
    }
  }
  const std::uint32_t taken = free_chunk_;
  free_chunk_ = chunk(taken).next;
  return taken;
}

// The first occupied slot of a level that has one. Slots before the present digit are always empty.
std::size_t TimingWheel::first_slot(std::size_t level) const noexcept {
  const auto word = static_cast<std::size_t>(std::countr_zero(occupied_words_[level]));
  return word * 64 + static_cast<std::size_t>(std::countr_zero(occupied_[level_base[level] / 64 + word]));
}

// Refills front_ from the earliest slots. If slots hold few events, several are drained together: events pushed
// meanwhile go to late_, which then stays very small. That is cheaper than a refill per slot.
void TimingWheel::refill() {
  PEERBED_CONTRACT(size_ > 0, "an event is taken from a queue that has one");
  front_.clear();
  front_next_ = 0;
  while (true) {
    std::size_t level = 0;
    while (occupied_words_[level] == 0) ++level;
    const std::size_t index = first_slot(level);
    Slot& slot = slots_[level_base[level] + index];
    if (!front_.empty() && !is_drainable(level, slot)) return;
    // The present moves to the start of the slot: higher digits stay, this one becomes the slot's, lower ones become
    // zero.
    const std::int64_t above = (position_ >> level_shift[level + 1]) << level_shift[level + 1];
    position_ = above + (static_cast<std::int64_t>(index) << level_shift[level]);
    set_empty(level, index);
    if (!is_drainable(level, slot)) {
      spread(std::exchange(slot, {}));
      continue;
    }
    front_end_ = position_ + (std::int64_t{1} << level_shift[level]);
    drain(slot);
    if (front_.size() >= enough_to_drain || occupied_words_[level] == 0) return;
  }
}

// Moves a slot's events to the end of front_, sorted.
void TimingWheel::drain(Slot& slot) {
  const std::size_t before = front_.size();
  front_.resize(before + slot.count);
  Event* out = front_.data() + before;
  std::size_t in_chunk = (slot.count - 1) % chunk_events + 1;
  for (std::uint32_t at = slot.first; at != no_chunk; in_chunk = chunk_events) {
    Chunk& full = chunk(at);
    for (std::size_t i = 0; i < in_chunk; ++i) *out++ = full.events[i];
    at = std::exchange(full.next, std::exchange(free_chunk_, at));
  }
  if (slot.count > 1) std::sort(front_.begin() + static_cast<std::ptrdiff_t>(before), front_.end(), precedes);
  slot = {};
}

// Moves a slot's events down to the levels below, now that the present is at its start.
void TimingWheel::spread(Slot slot) {
  std::size_t in_chunk = (slot.count - 1) % chunk_events + 1;
  for (std::uint32_t at = slot.first; at != no_chunk; in_chunk = chunk_events) {
    // Copy the chunk: placing its events may reuse it.
    const Chunk full = chunk(at);
    chunk(at).next = std::exchange(free_chunk_, at);
    for (std::size_t i = 0; i < in_chunk; ++i) insert(full.events[i]);
    at = full.next;
  }
}

void EventQueue::push_at_the_end(Event event) {
  event.time = TimingWheel::maximum_time - 1;
  push(event);
}

std::vector<Event> EventQueue::sorted() const {
  std::vector<Event> all;
  all.reserve(size());
  for_each([&all](const Event& event) { all.push_back(event); });
  std::sort(all.begin(), all.end(), precedes);
  return all;
}

}  // namespace peerbed::sim
