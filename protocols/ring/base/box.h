#pragma once
// An optional value on the heap: state that most nodes lack costs them one pointer. Copies are deep.

#include <memory>
#include <tuple>
#include <utility>

namespace peerbed::ring {

template <class Value>
class Box {
 public:
  Box() = default;
  Box(const Box& other) : value_(other.value_ ? std::make_unique<Value>(*other.value_) : nullptr) {}
  Box(Box&&) noexcept = default;
  Box& operator=(Box other) noexcept {
    value_ = std::move(other.value_);
    return *this;
  }
  ~Box() = default;

  explicit operator bool() const noexcept { return value_ != nullptr; }
  Value* operator->() noexcept { return value_.get(); }
  const Value* operator->() const noexcept { return value_.get(); }
  Value& operator*() noexcept { return *value_; }
  const Value& operator*() const noexcept { return *value_; }

  // The value, made first when there is none.
  Value& get_or_create() {
    if (!value_) value_ = std::make_unique<Value>();
    return *value_;
  }
  void emplace(Value value) { value_ = std::make_unique<Value>(std::move(value)); }

  auto fields() const { return std::tie(value_); }

 private:
  std::unique_ptr<Value> value_;
};

}  // namespace peerbed::ring
