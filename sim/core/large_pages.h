#pragma once
// Asks the kernel for large pages. A world of thousands of nodes spans more pages than a processor's TLB holds, and TLB
// misses can take much of its time. Large pages affect the whole process, so the program asks for them, not the world.

namespace peerbed::sim {

// Asks the kernel to back the heap with large pages as they are touched, as far as three quarters of the machine's
// memory. Takes address space, not memory. Call once, early. Does nothing on systems without large pages.
void prefer_large_pages() noexcept;

}  // namespace peerbed::sim
