#pragma once
// Notifies systemd of a service's state (sd_notify(3)) if it was started with Type=notify.

#include <string>

namespace peerbed::app {

// Sends "READY=1" or "STOPPING=1". Does nothing without a service manager.
void tell_service_manager(const std::string& state) noexcept;

}  // namespace peerbed::app
