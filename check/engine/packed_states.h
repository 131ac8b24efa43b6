#pragma once
// States one after another in as few bytes as they need. A state is copied as it is if its type allows; otherwise it
// gives and takes 32-bit words.

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace peerbed::check {

template <class State>
concept WordState = requires(State& state, const State& constant, std::span<const std::uint32_t> words) {
  { constant.words() } -> std::convertible_to<std::span<const std::uint32_t>>;
  state.assign(words);
};

template <class State>
class PackedStates {
  static_assert(WordState<State> || std::is_trivially_copyable_v<State>,
                "a state is copied byte by byte, or has words() and assign()");

 public:
  std::size_t size() const noexcept { return size_; }
  void append(const State& state) {
    ++size_;
    if constexpr (WordState<State>) {
      const std::span<const std::uint32_t> words = state.words();
      items_.push_back(static_cast<std::uint32_t>(words.size()));
      items_.insert(items_.end(), words.begin(), words.end());
    } else {
      items_.push_back(state);
    }
  }
  void clear() noexcept {
    items_.clear();
    size_ = 0;
  }
  // Makes room for states of the same kind.
  void reserve_like(const PackedStates& other) { items_.reserve(other.items_.size()); }
  std::size_t memory() const noexcept { return items_.capacity() * sizeof(Item) + sizeof *this; }

  // Reads the states in their order.
  class Cursor {
   public:
    explicit Cursor(const PackedStates& states) noexcept : states_(&states) {}
    void skip() noexcept { place_ += WordState<State> ? 1 + length() : 1; }
    // Moves the state here to the end of another list, without unpacking it.
    void append_to(PackedStates& other) {
      const std::size_t count = WordState<State> ? 1 + length() : 1;
      const auto first = states_->items_.begin() + static_cast<std::ptrdiff_t>(place_);
      other.items_.insert(other.items_.end(), first, first + static_cast<std::ptrdiff_t>(count));
      ++other.size_;
      place_ += count;
    }
    void read(State& state) {
      if constexpr (WordState<State>) {
        const std::size_t count = length();
        state.assign(std::span(states_->items_).subspan(place_ + 1, count));
        place_ += 1 + count;
      } else {
        state = states_->items_[place_++];
      }
    }

   private:
    std::size_t length() const noexcept {
      if constexpr (WordState<State>) return states_->items_[place_];
      return 1;
    }

    const PackedStates* states_;
    std::size_t place_ = 0;
  };

 private:
  using Item = std::conditional_t<WordState<State>, std::uint32_t, State>;
  std::vector<Item> items_;
  std::size_t size_ = 0;
};

}  // namespace peerbed::check
