#pragma once
// Asks the kernel for large pages. A world of thousands of nodes spans more pages than a processor's translation tables
// hold, and looking them up may take much of its time. Large pages affect the whole process, so a program asks for
// them, not the world.

namespace peerbed::sim {

// Asks the kernel to back the first GiB of the heap with large pages as they come into use. Called once, early; where
// the system has no such thing, nothing happens.
void prefer_large_pages() noexcept;

}  // namespace peerbed::sim
