// Feeds a fuzz target with the files of a corpus, with truncated copies and with damaged ones: what a fuzzer once found
// is tried in every ordinary run, with any compiler. The damage is keyed, so that all runs are alike.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "protocols/environment/random.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using Input = std::vector<char>;

constexpr std::size_t cuts_per_file = 64;
constexpr std::size_t damaged_copies_per_file = 64;

Input read(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// The copy exactly fills its allocation, so that a sanitizer catches a read past its end.
void feed(const Input& input, std::size_t size) {
  const std::vector<std::uint8_t> exact(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(size));
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

void feed_cut_short(const Input& input) {
  const std::size_t step = std::max<std::size_t>(1, input.size() / cuts_per_file);
  for (std::size_t size = 0; size < input.size(); size += step) feed(input, size);
}

void feed_damaged(const Input& input, std::uint64_t key) {
  if (input.empty()) return;
  peerbed::KeyedStream draws(key);
  for (std::size_t copy = 0; copy < damaged_copies_per_file; ++copy) {
    Input damaged = input;
    for (std::uint64_t left = 1 + draws.below(4); left > 0; --left)
      damaged[draws.below(damaged.size())] = static_cast<char>(draws.next());
    feed(damaged, damaged.size());
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i)
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) files.push_back(entry.path());
  std::sort(files.begin(), files.end());

  for (std::size_t i = 0; i < files.size(); ++i) {
    const Input input = read(files[i]);
    feed(input, input.size());
    feed_cut_short(input);
    feed_damaged(input, peerbed::key_of(2026, i));
  }
  std::printf("%zu files replayed\n", files.size());
  return files.empty() ? 1 : 0;
}
