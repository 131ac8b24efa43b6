#include "app/report/report_page.h"

#include <cstddef>

// Embeds the file as it is: compilers take seconds for an array of its bytes.
asm(R"(
    .pushsection .rodata
    .global peerbed_report_page_begin
    .global peerbed_report_page_end
peerbed_report_page_begin:
    .incbin ")" PEERBED_REPORT_PAGE R"("
peerbed_report_page_end:
    .byte 0
    .popsection
)");

extern "C" const char peerbed_report_page_begin[];
extern "C" const char peerbed_report_page_end[];

namespace peerbed::app {

std::string_view report_page() noexcept {
  return {peerbed_report_page_begin, static_cast<std::size_t>(peerbed_report_page_end - peerbed_report_page_begin)};
}

}  // namespace peerbed::app
