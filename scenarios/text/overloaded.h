#pragma once
// One visitor of a variant made of a function for each of its alternatives.

namespace peerbed::scenarios {

template <class... Cases>
struct overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
overloaded(Cases...) -> overloaded<Cases...>;

}  // namespace peerbed::scenarios
