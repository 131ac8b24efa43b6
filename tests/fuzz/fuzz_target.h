#pragma once
// What every fuzz target defines: one function that takes any bytes and must not crash, hang or violate a contract.
// libFuzzer drives it when built by Clang; replay.cpp drives it with the corpus in the ordinary tests.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// A property that must hold for every input; otherwise it is a finding.
#define FUZZ_EXPECT(condition)        \
  ((condition) ? static_cast<void>(0) \
               : (std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition), std::abort()))
