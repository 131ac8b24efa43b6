#include "sim/event_queue.h"

#include <algorithm>
#include <bit>

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

TimingWheel::TimingWheel() : slots_(slots_in_all) {}

void TimingWheel::place(const Event& event) {
  const auto difference = static_cast<std::uint64_t>(event.time ^ position_);
  std::size_t level = 0;
  while (difference >> level_shift[level + 1] != 0) ++level;
  const std::size_t slots = level == 0 ? 256 : 1024;
  const std::size_t index =
      level_base[level] + ((static_cast<std::uint64_t>(event.time) >> level_shift[level]) & (slots - 1));
  Slot& slot = slots_[index];
  const std::size_t in_first = slot.count % chunk_events;
  if (in_first == 0) {
    const std::uint32_t taken = take_chunk();
    chunk(taken).next = slot.first;
    slot.first = taken;
    occupied_[index / 64] |= std::uint64_t{1} << (index % 64);
  }
  chunk(slot.first).events[in_first] = event;
  ++slot.count;
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

// The next occupied slot of a level, or slots_in_all. Slots before the present digit are empty.
std::size_t TimingWheel::next_slot(std::size_t level) const noexcept {
  const std::size_t words = (level == 0 ? 256 : 1024) / 64;
  const std::size_t slots = words * 64;
  const std::size_t present = (static_cast<std::uint64_t>(position_) >> level_shift[level]) & (slots - 1);
  const std::size_t base = level_base[level] / 64;
  for (std::size_t word = present / 64; word < words; ++word)
    if (occupied_[base + word] != 0)
      return level_base[level] + word * 64 + static_cast<std::size_t>(std::countr_zero(occupied_[base + word]));
  return slots_in_all;
}

void TimingWheel::refill() {
  PEERBED_CONTRACT(size_ > 0, "an event is taken from a queue that has one");
  std::size_t level = 0;
  while (true) {
    const std::size_t slot = next_slot(level);
    if (slot == slots_in_all) {
      ++level;
      continue;
    }
    // The present moves to the start of the slot: higher digits stay, this one is the slot's, lower ones are zero.
    const std::int64_t above = (position_ >> level_shift[level + 1]) << level_shift[level + 1];
    position_ = above + (static_cast<std::int64_t>(slot - level_base[level]) << level_shift[level]);
    if (level == 0 || (level == 1 && slots_[slot].count <= spread_above)) {
      front_end_ = position_ + (std::int64_t{1} << level_shift[level]);
      drain(slot);
      return;
    }
    spread(slot);
    level = 0;
  }
}

// Moves a slot's events to front_, sorted.
void TimingWheel::drain(std::size_t index) {
  Slot& slot = slots_[index];
  front_.clear();
  front_next_ = 0;
  std::size_t in_chunk = (slot.count - 1) % chunk_events + 1;
  for (std::uint32_t at = slot.first; at != no_chunk; in_chunk = chunk_events) {
    Chunk& full = chunk(at);
    front_.insert(front_.end(), full.events.begin(), full.events.begin() + static_cast<std::ptrdiff_t>(in_chunk));
    const std::uint32_t next = full.next;
    full.next = free_chunk_;
    free_chunk_ = at;
    at = next;
  }
  slot = {};
  occupied_[index / 64] &= ~(std::uint64_t{1} << (index % 64));
  std::sort(front_.begin(), front_.end(), precedes);
}

// Moves a slot's events down to the levels below, now that the present is at its start.
void TimingWheel::spread(std::size_t index) {
  const Slot slot = slots_[index];
  slots_[index] = {};
  occupied_[index / 64] &= ~(std::uint64_t{1} << (index % 64));
  std::size_t in_chunk = (slot.count - 1) % chunk_events + 1;
  for (std::uint32_t at = slot.first; at != no_chunk; in_chunk = chunk_events) {
    // The chunk is freed only after its events are copied: placing them may take it.
    const Chunk full = chunk(at);
    chunk(at).next = free_chunk_;
    free_chunk_ = at;
    for (std::size_t i = 0; i < in_chunk; ++i) place(full.events[i]);
    at = full.next;
  }
}

void TimingWheel::append_all(std::vector<Event>& out) const {
  out.insert(out.end(), front_.begin() + static_cast<std::ptrdiff_t>(front_next_), front_.end());
  out.insert(out.end(), late_.all().begin(), late_.all().end());
  for (const Slot& slot : slots_) {
    if (slot.count == 0) continue;
    std::size_t in_chunk = (slot.count - 1) % chunk_events + 1;
    for (std::uint32_t at = slot.first; at != no_chunk; at = chunk(at).next, in_chunk = chunk_events) {
      const Chunk& full = chunk(at);
      out.insert(out.end(), full.events.begin(), full.events.begin() + static_cast<std::ptrdiff_t>(in_chunk));
    }
  }
}

std::vector<Event> EventQueue::sorted() const {
  std::vector<Event> all = heap_.all();
  wheel_.append_all(all);
  std::sort(all.begin(), all.end(), precedes);
  return all;
}

}  // namespace peerbed::sim
