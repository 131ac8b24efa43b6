#pragma once
// The canonical form of a node with its timers and its disk, for check/nodes/.

#include <cstddef>
#include <vector>

#include "check/canonical/canonical_form.h"
#include "check/nodes/process.h"

namespace peerbed::check {

// Of any node. Where waits have no lengths, it matters of a timer only whether it is set.
template <class N>
struct NodeForm {
  Scope scope;

  void normalise(Process<N>&) const {}
  void append(std::vector<std::byte>& out, const Process<N>& process, Clock) const {
    CanonicalForm form(out, scope, process.clock);
    form.add(process.status);
    if (!scope.between_exchanges && !scope.starts_alike) form.add(process.starts);
    if (process.runs()) form.add(process.node);
    for (const std::int64_t due : process.due) {
      form.add(due != Process<N>::unset);
      if (scope.timed && due != Process<N>::unset) form.add(due - nanoseconds_since_start(process.clock));
    }
    form.add(process.disk);
  }
};

}  // namespace peerbed::check
