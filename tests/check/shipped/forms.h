#pragma once
// Forms to compare the canonical one with.

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <vector>

#include "check/nodes/node_form.h"
#include "check/nodes/process.h"
#include "protocols/environment/state.h"

namespace peerbed::check {

// Tells apart whatever differs at all.
template <class N>
struct ConcreteForm {
  void normalise(Process<N>&) const {}
  void append(std::vector<std::byte>& out, const Process<N>& process, Clock) const {
    append_state(out, process.status);
    if (process.runs()) append_state(out, process.node);
    append_state(out, process.starts);
    append_state(out, process.clock);
    append_state(out, process.due);
    append_state(out, process.disk);
  }
};

// A form that is told to forget something.
template <class N>
struct ForgetfulForm {
  NodeForm<N> form;
  void (*forget)(N&);

  void normalise(Process<N>&) const {}
  void append(std::vector<std::byte>& out, Process<N> process, Clock clock) const {
    if (process.runs()) forget(process.node);
    form.append(out, process, clock);
  }
};

// A field of a node, by its place among the fields.
template <std::size_t place, class N>
auto& field_of(N& node) {
  auto& field = std::get<place>(node.fields());
  return const_cast<std::remove_cvref_t<decltype(field)>&>(field);
}

}  // namespace peerbed::check
