#pragma once
// What every fuzz target defines: one function that takes any bytes and must neither crash, hang nor break a contract.
// libFuzzer drives it when built by Clang; replay.cpp drives it with the corpus in the ordinary tests.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// A property that every input must keep; a finding when it does not.
#define FUZZ_EXPECT(condition)        \
  ((condition) ? static_cast<void>(0) \
               : (std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition), std::abort()))
