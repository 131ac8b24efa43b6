#include "sim/core/large_pages.h"

#include <climits>
#include <cstdint>
#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace peerbed::sim {

#ifdef __GLIBC__

void prefer_large_pages() noexcept {
  constexpr std::uintptr_t page = std::uintptr_t{2} << 20;
  constexpr int ahead = 1 << 30;
  // Makes the heap grow by this many bytes at once: address space, not memory. An allocation just below the mmap
  // threshold makes it grow now.
  if (mallopt(M_TOP_PAD, ahead) == 0) return;
  const auto before = reinterpret_cast<std::uintptr_t>(sbrk(0));
  void* const probe = std::malloc(120 * 1024);
  // Later growth is by what is needed, and memory freed and needed again is not returned to the kernel in between.
  mallopt(M_TOP_PAD, 1 << 20);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  if (probe == nullptr) return;
  *static_cast<volatile char*>(probe) = 0;  // compilers drop a malloc and free that nothing observes
  std::free(probe);
  const auto after = reinterpret_cast<std::uintptr_t>(sbrk(0));
  const std::uintptr_t begin = (before + page - 1) / page * page;
  const std::uintptr_t end = after / page * page;
  if (after > before && begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

#else

void prefer_large_pages() noexcept {}

#endif

}  // namespace peerbed::sim
