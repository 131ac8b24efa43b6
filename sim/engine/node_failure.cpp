#include "sim/engine/node_failure.h"

#include <new>

#include "sim/core/out_of_room.h"

namespace peerbed::sim {

void throw_node_failure(const Step& step) {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const OutOfRoom&) {
    throw;
  } catch (const std::exception& exception) {
    throw NodeFailure(step, exception.what());
  } catch (...) {
    throw NodeFailure(step, "of a type of its own");
  }
}

}  // namespace peerbed::sim
