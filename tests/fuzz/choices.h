#pragma once
// A fuzzer's input, read as the choices of a hostile world. When its bytes are used up, every further choice is 0.

#include <algorithm>

#include "protocols/environment/codec.h"

namespace peerbed {

class Choices {
 public:
  explicit Choices(Bytes input) : reader_(input) {}
  bool over() const { return reader_.remaining() == 0; }
  // A number below `bound`, which is at most 256.
  std::size_t below(std::size_t bound) { return over() ? 0 : reader_.integer<std::uint8_t>() % bound; }
  // At most 255 bytes, copied from the input.
  Bytes bytes() { return reader_.bytes(std::min(below(256), reader_.remaining())); }

 private:
  Reader reader_;
};

}  // namespace peerbed
