#include "sim/network/loss.h"

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "tests/catch.h"

namespace peerbed::sim {

namespace {

constexpr int packet_count = 1'000'000;

std::vector<bool> fates(const LossModel& model) {
  LossState state;
  KeyedStream draws(key_of(11, 5));
  std::vector<bool> fates;
  for (int i = 0; i < packet_count; ++i) fates.push_back(model.lost(state, draws));
  return fates;
}

double share_lost(const std::vector<bool>& fates) {
  std::int64_t lost = 0;
  for (const bool fate : fates) lost += fate ? 1 : 0;
  return static_cast<double>(lost) / static_cast<double>(fates.size());
}

double mean_burst(const std::vector<bool>& fates) {
  std::int64_t bursts = 0;
  for (std::size_t i = 0; i < fates.size(); ++i) bursts += fates[i] && (i == 0 || !fates[i - 1]) ? 1 : 0;
  return share_lost(fates) * static_cast<double>(fates.size()) / static_cast<double>(bursts);
}

}  // namespace

TEST_CASE("a network without loss loses nothing and takes no draw") {
  LossState state;
  KeyedStream draws(3);
  CHECK_FALSE(LossModel().lost(state, draws));
  CHECK_FALSE(LossModel::independent(0).lost(state, draws));
  CHECK(draws.next() == KeyedStream(3).next());
}

TEST_CASE("independent loss loses its share and does not come in bursts") {
  const auto model = LossModel::independent(0.1);
  const auto fate = fates(model);
  CHECK(model.mean() == 0.1);
  CHECK_FALSE(model.has_memory());
  CHECK(std::abs(share_lost(fate) - 0.1) < 4 * std::sqrt(0.09 / packet_count));
  CHECK(mean_burst(fate) == Approx(1 / 0.9).epsilon(0.02));
  CHECK(share_lost(fates(LossModel::independent(1))) == 1);
}

TEST_CASE("Gilbert-Elliott loss has the share and the burst length of its chain") {
  const auto model = LossModel::gilbert_elliott({.to_bad = 0.01, .to_good = 0.2});
  const auto fate = fates(model);
  CHECK(model.has_memory());
  CHECK(model.mean() == Approx(0.01 / 0.21));
  // The variance of the mean is that of independent packets times (1 + rho) / (1 - rho), rho = 1 - 0.01 - 0.2.
  const double variance = model.mean() * (1 - model.mean()) * (1.79 / 0.21) / packet_count;
  CHECK(std::abs(share_lost(fate) - model.mean()) < 4 * std::sqrt(variance));
  CHECK(mean_burst(fate) == Approx(1 / 0.2).epsilon(0.03));
}

TEST_CASE("Gilbert-Elliott also loses in the good state, and not everything in the bad one") {
  const auto model =
      LossModel::gilbert_elliott({.to_bad = 0.05, .to_good = 0.15, .loss_in_good = 0.02, .loss_in_bad = 0.6});
  CHECK(model.mean() == Approx(0.75 * 0.02 + 0.25 * 0.6));
  CHECK(share_lost(fates(model)) == Approx(model.mean()).epsilon(0.02));
}

TEST_CASE("a packet's fate takes the same number of draws whatever the outcome") {
  const auto model = LossModel::gilbert_elliott({.to_bad = 0.5, .to_good = 0.5});
  KeyedStream draws(9);
  KeyedStream reference(9);
  LossState state;
  for (int i = 0; i < 100; ++i) model.lost(state, draws);
  for (int i = 0; i < 200; ++i) reference.next();
  CHECK(draws.next() == reference.next());
}

TEST_CASE("an invalid probability is refused, and so is a link that never recovers") {
  CHECK_THROWS_AS(LossModel::independent(-0.1), std::invalid_argument);
  CHECK_THROWS_AS(LossModel::independent(1.1), std::invalid_argument);
  CHECK_THROWS_AS(LossModel::independent(std::nan("")), std::invalid_argument);
  CHECK_THROWS_AS(LossModel::gilbert_elliott({.to_bad = 2}), std::invalid_argument);
  CHECK_THROWS_AS(LossModel::gilbert_elliott({.to_bad = 0.1, .to_good = 0}), std::invalid_argument);
}

}  // namespace peerbed::sim
