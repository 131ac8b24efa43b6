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
  // The heap grows by so much at once: addresses, not memory. An allocation just below what is mapped by itself makes
  // it grow now.
  if (mallopt(M_TOP_PAD, ahead) == 0) return;
  const auto before = reinterpret_cast<std::uintptr_t>(sbrk(0));
  void* const probe = std::malloc(120 * 1024);
  // A later growth is by what is needed; and what is freed and needed again is not given back in between.
  mallopt(M_TOP_PAD, 1 << 20);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  if (probe == nullptr) return;
  *static_cast<volatile char*>(probe) = 0;  // a pair of malloc and free that nothing observes is left out by compilers
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
