#pragma once
// The nodes of a checked state, as checks of a run see them.

#include <memory>
#include <typeinfo>

#include "check/nodes/view.h"
#include "protocols/environment/contract.h"
#include "scenarios/protocol/state_view.h"

namespace peerbed::scenarios {

template <class N>
class CheckedStates final : public StateView {
 public:
  explicit CheckedStates(const check::View<N>& view) : view_(view) {}

  bool is_up(NodeIndex node) const override { return view_.runs(node); }
  std::unique_ptr<StoredBytes> stored(NodeIndex, ContentKey) const override { return nullptr; }
  sim::LinkLimit uplink(NodeIndex) const override { return {}; }
  sim::LinkLimit downlink(NodeIndex) const override { return {}; }

 private:
  const void* state(NodeIndex node, const std::type_info& type) const override {
    PEERBED_CONTRACT(type == typeid(N), "a node is asked for by its own type");
    return &view_.node(node);
  }

  const check::View<N>& view_;
};

}  // namespace peerbed::scenarios
