#include "sim/network/loss.h"

#include <stdexcept>
#include <string>

namespace peerbed::sim {

namespace {

void require_probability(double value, const char* name) {
  if (!(value >= 0 && value <= 1))
    throw std::invalid_argument(std::string("loss: ") + name + " is a probability between 0 and 1, not " +
                                std::to_string(value));
}

}  // namespace

LossModel LossModel::independent(double probability) {
  require_probability(probability, "probability");
  LossModel model;
  model.kind_ = probability > 0 ? Kind::independent : Kind::none;
  model.parameters_.loss_in_good = probability;
  return model;
}

LossModel LossModel::gilbert_elliott(const GilbertElliott& parameters) {
  require_probability(parameters.to_bad, "to_bad");
  require_probability(parameters.to_good, "to_good");
  require_probability(parameters.loss_in_good, "loss_in_good");
  require_probability(parameters.loss_in_bad, "loss_in_bad");
  if (parameters.to_bad > 0 && parameters.to_good == 0)
    throw std::invalid_argument("loss: to_good must be above 0 if to_bad is, otherwise the link never recovers");
  LossModel model;
  model.kind_ = Kind::bursty;
  model.parameters_ = parameters;
  return model;
}

bool LossModel::lost_by_chance(LossState& state, KeyedStream& draws) const noexcept {
  if (kind_ == Kind::bursty) {
    const double change = draws.unit();
    if (change < (state.bad ? parameters_.to_good : parameters_.to_bad)) state.bad = !state.bad;
  }
  return draws.unit() < (state.bad ? parameters_.loss_in_bad : parameters_.loss_in_good);
}

double LossModel::mean() const noexcept {
  if (kind_ == Kind::none) return 0;
  if (kind_ == Kind::independent || parameters_.to_bad == 0) return parameters_.loss_in_good;
  const double bad_share = parameters_.to_bad / (parameters_.to_bad + parameters_.to_good);
  return bad_share * parameters_.loss_in_bad + (1 - bad_share) * parameters_.loss_in_good;
}

}  // namespace peerbed::sim
