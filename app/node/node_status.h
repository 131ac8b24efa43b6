#pragma once
// What a real node tells a monitor: its state as JSON, and its numbers in Prometheus's text format 0.0.4.

#include <string>

#include "adapter/host.h"
#include "app/node/node_metrics.h"
#include "app/node/node_view.h"

namespace peerbed::app {

std::string status_as_json(const adapter::Host& host, NodeView& view);
std::string metrics_as_text(const adapter::Host& host, NodeView& view, const NodeMetrics& metrics);

}  // namespace peerbed::app
