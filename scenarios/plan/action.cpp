#include "scenarios/plan/action.h"

namespace peerbed::scenarios {

sim::DiskModel StorageChange::applied_to(sim::DiskModel model) const {
  if (rate) model.rate = *rate;
  if (latency) model.latency = *latency;
  if (capacity) model.capacity = *capacity;
  if (failing) model.failing = *failing;
  return model;
}

}  // namespace peerbed::scenarios
