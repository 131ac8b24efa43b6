#pragma once
// Cluster keys for tests.

#include <memory>

#include "adapter/crypto/cluster_key.h"

namespace peerbed::adapter {

inline std::shared_ptr<const ClusterKey> cluster_key(char name) {
  ClusterKey::Secret secret;
  secret.fill(static_cast<std::byte>(name));
  return std::make_shared<const ClusterKey>(secret);
}

}  // namespace peerbed::adapter
