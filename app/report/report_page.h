#pragma once
// The page that `peerbed report` fills: one HTML file with its style, script and licences, made of analysis/page by npm
// when the program is built. It holds the text <!--PEERBED-DOCUMENT--> once, where the document belongs.

#include <string_view>

namespace peerbed::app {

// Empty when the program was built without npm.
std::string_view report_page() noexcept;

}  // namespace peerbed::app
