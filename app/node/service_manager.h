#pragma once
// What a service tells systemd of itself (sd_notify(3)), where it was started with Type=notify.

#include <string>

namespace peerbed::app {

// "READY=1", "STOPPING=1". Does nothing without a service manager.
void tell_service_manager(const std::string& state) noexcept;

}  // namespace peerbed::app
