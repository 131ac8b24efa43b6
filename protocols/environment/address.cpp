#include "protocols/environment/address.h"

namespace peerbed {

std::string to_string(Address address) {
  const std::uint32_t host = address.host();
  return std::to_string(host >> 24) + '.' + std::to_string((host >> 16) & 255) + '.' +
         std::to_string((host >> 8) & 255) + '.' + std::to_string(host & 255) + ':' + std::to_string(address.port());
}

}  // namespace peerbed
