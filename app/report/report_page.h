#pragma once
// The page that `peerbed report` fills: one HTML file with its style, script and licences, built by npm from
// analysis/page together with the program. It contains the text <!--PEERBED-DOCUMENT--> once, where the document
// belongs.

#include <string_view>

namespace peerbed::app {

// Empty if the program was built without npm.
std::string_view report_page() noexcept;

}  // namespace peerbed::app
