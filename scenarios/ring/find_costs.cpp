#include "scenarios/ring/find_costs.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "protocols/environment/random.h"
#include "protocols/ring/base/context.h"
#include "protocols/ring/wire/messages.h"

namespace peerbed::scenarios {

void FindCosts::note(const Step& step) {
  if (message_kind(step.bytes) != ring::Find::kind.number) return;
  const auto find = ring::Wire::decode_as<ring::Find>(step.bytes);
  if (!find || find->purpose == ring::Find::Purpose::introduction) return;
  if (step.time - begun_ >= generation) {
    add(older_, over_);
    older_ = std::exchange(younger_, {});
    begun_ = step.time;
  }
  const std::uint64_t question = key_of(find->asker.value, ring::id_of_first_copy(find->id));
  const auto old = older_.find(question);
  Cost& cost = old != older_.end() ? old->second : younger_[question];
  if (cost.finds++ > 0) return;
  switch (find->purpose) {
    case ring::Find::Purpose::lookup:
      cost.purpose = lookup;
      break;
    case ring::Find::Purpose::join:
      cost.purpose = join;
      break;
    case ring::Find::Purpose::holders:
    case ring::Find::Purpose::copies:
      cost.purpose = value;
      break;
    case ring::Find::Purpose::introduction:
      break;
  }
}

void FindCosts::add(const Costs& costs, Histogram& histogram) {
  for (const auto& [question, cost] : costs) {
    auto& questions = histogram[cost.purpose];
    const std::uint32_t finds = std::min(cost.finds, most_told_apart);
    if (questions.size() <= finds) questions.resize(finds + 1);
    ++questions[finds];
  }
}

void FindCosts::write_to(analysis::Metrics& metrics) const {
  Histogram histogram = over_;
  add(older_, histogram);
  add(younger_, histogram);
  write("lookup.finds", histogram[lookup], metrics);
  write("join.finds", histogram[join], metrics);
  write("value.finds", histogram[value], metrics);
}

void FindCosts::write(std::string_view name, const std::vector<std::uint64_t>& questions, analysis::Metrics& metrics) {
  const std::uint64_t count = std::accumulate(questions.begin(), questions.end(), std::uint64_t{0});
  if (count == 0) return;
  std::uint64_t finds = 0;
  for (std::size_t i = 0; i < questions.size(); ++i) finds += i * questions[i];
  const auto quantile = [&](double share) {
    const auto rank = static_cast<std::uint64_t>(share * static_cast<double>(count - 1));
    std::uint64_t below = 0;
    std::size_t value = 0;
    while ((below += questions[value]) <= rank) ++value;
    return value;
  };
  const std::string prefix(name);
  metrics.set(prefix + ".mean", static_cast<double>(finds) / static_cast<double>(count), Unit::none, Better::less);
  metrics.set(prefix + ".p50", quantile(0.5), Unit::count, Better::less);
  metrics.set(prefix + ".p99", quantile(0.99), Unit::count, Better::less);
  metrics.set(prefix + ".max", questions.size() - 1, Unit::count, Better::less);
}

}  // namespace peerbed::scenarios
