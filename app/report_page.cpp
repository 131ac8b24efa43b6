#include "app/report_page.h"

namespace peerbed::app {

std::string_view report_page() noexcept { return {}; }

}  // namespace peerbed::app
