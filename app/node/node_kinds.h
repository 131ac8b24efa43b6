#pragma once
// The kinds of nodes that `peerbed node` runs. Each reads its own options and adds its node, not yet started, to a
// host. Throws UsageError for a bad option and std::system_error for what cannot be opened.

#include <functional>
#include <memory>

#include "adapter/host.h"
#include "app/cli/command.h"
#include "app/node/node_view.h"

namespace peerbed::app {

using NodeMaker = std::function<std::unique_ptr<NodeView>(adapter::Host& host, const Arguments& arguments)>;

std::unique_ptr<NodeView> make_tracker_node(adapter::Host& host, const Arguments& arguments);
std::unique_ptr<NodeView> make_peer_node(adapter::Host& host, const Arguments& arguments);
std::unique_ptr<NodeView> make_ring_node(adapter::Host& host, const Arguments& arguments);
std::unique_ptr<NodeView> make_coursework_node(adapter::Host& host, const Arguments& arguments);
// For a protocol that has members. The protocol must outlive the node.
std::unique_ptr<NodeView> make_member_node(adapter::Host& host, const Arguments& arguments,
                                           const scenarios::Protocol& protocol);

// Their descriptions and options, except those that all share.
Command tracker_node_command();
Command peer_node_command();
Command ring_node_command();
Command coursework_node_command();
Command member_node_command(const scenarios::Protocol& protocol);

}  // namespace peerbed::app
