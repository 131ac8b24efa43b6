#include "sim/core/large_pages.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace peerbed::sim {

#ifdef __GLIBC__

namespace {

// Makes the heap grow by as many bytes at once: address space, not memory. Returns whether it could.
bool grow_heap(std::size_t bytes) noexcept {
  constexpr std::uintptr_t page = std::uintptr_t{2} << 20;
  void* const ahead = std::malloc(bytes);
  if (ahead == nullptr) return false;
  const auto address = reinterpret_cast<std::uintptr_t>(ahead);
  const std::uintptr_t begin = (address + page - 1) / page * page;
  const std::uintptr_t end = (address + bytes) / page * page;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  // Compilers drop a malloc and free that nothing observes.
  *static_cast<volatile char*>(ahead) = 0;
  std::free(ahead);
  return true;
}

}  // namespace

void prefer_large_pages() noexcept {
  constexpr std::size_t least = std::size_t{64} << 20;
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_size = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_size <= 0) return;
  // Without mmap, even this much is a part of the heap, and stays there as long as the heap is not trimmed.
  mallopt(M_TRIM_THRESHOLD, -1);
  mallopt(M_MMAP_MAX, 0);
  std::size_t ahead = static_cast<std::size_t>(pages) * static_cast<std::size_t>(page_size) / 4 * 3;
  while (ahead >= least && !grow_heap(ahead)) ahead /= 2;
  mallopt(M_MMAP_MAX, 65536);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
}

#else

void prefer_large_pages() noexcept {}

#endif

}  // namespace peerbed::sim
