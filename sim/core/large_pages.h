#pragma once
// A world of thousands of nodes is spread over more pages than a processor's tables hold, and much of its time may
// go into looking them up. Large pages are a matter of the whole process, so a program asks for them, not the world.

namespace peerbed::sim {

// Asks the kernel to back the first GiB of the heap with large pages as they come into use. Called once, early; where
// the system has no such thing, nothing happens.
void prefer_large_pages() noexcept;

}  // namespace peerbed::sim
