#pragma once
// Combines one function per alternative into a visitor of a variant.

namespace peerbed::scenarios {

template <class... Cases>
struct overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
overloaded(Cases...) -> overloaded<Cases...>;

}  // namespace peerbed::scenarios
