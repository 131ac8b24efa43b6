#include "analysis/statistics/significance.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numeric>

namespace peerbed::analysis {
namespace {

constexpr std::size_t exact_rank_pairs = 2'500;
constexpr std::uint64_t exact_distribution_pairs = 1'000'000;

struct Ranked {
  double value = 0;
  bool first = false;  // belongs to the first sample
};

// Sum of the first sample's ranks, where equal values share their mean rank, and the sum of t^3 - t over ties.
struct RankSum {
  double ranks = 0;
  double ties = 0;
};

RankSum rank_sum(std::span<const double> a, std::span<const double> b) {
  std::vector<Ranked> all;
  for (const double value : a) all.push_back({value, true});
  for (const double value : b) all.push_back({value, false});
  std::sort(all.begin(), all.end(), [](const Ranked& x, const Ranked& y) { return x.value < y.value; });
  RankSum sum;
  for (std::size_t begin = 0; begin < all.size();) {
    std::size_t end = begin;
    std::size_t of_first = 0;
    for (; end < all.size() && all[end].value == all[begin].value; ++end) of_first += all[end].first ? 1 : 0;
    const auto tied = static_cast<double>(end - begin);
    sum.ranks += static_cast<double>(of_first) * (static_cast<double>(begin + end) + 1) / 2;
    sum.ties += tied * tied * tied - tied;
    begin = end;
  }
  return sum;
}

// P(U >= u) if all orders of m + n different values are equally likely: the largest value belongs to the first sample
// with probability m / (m + n), and is then above all n of the other.
double rank_tail(std::size_t m, std::size_t n, double u) {
  std::vector<std::vector<double>> shares(n + 1, std::vector<double>{1});  // of U, for i and 0 to n
  for (std::size_t i = 1; i <= m; ++i) {
    std::vector<std::vector<double>> next(n + 1);
    next[0] = {1};
    for (std::size_t j = 1; j <= n; ++j) {
      next[j].assign(i * j + 1, 0);
      const double first = static_cast<double>(i) / static_cast<double>(i + j);
      for (std::size_t k = 0; k < shares[j].size(); ++k) next[j][k + j] += first * shares[j][k];
      for (std::size_t k = 0; k < next[j - 1].size(); ++k) next[j][k] += (1 - first) * next[j - 1][k];
    }
    shares = std::move(next);
  }
  double tail = 0;
  for (std::size_t k = shares[n].size(); k-- > 0 && static_cast<double>(k) >= u;) tail += shares[n][k];
  return tail;
}

// P(the largest |i n - j m| on a random path from (0, 0) to (m, n) is at least `distance`): the share of paths that
// have strayed that far, computed point by point.
double strayed_share(std::uint64_t m, std::uint64_t n, std::int64_t distance) {
  std::vector<double> row(n + 1);
  for (std::uint64_t i = 0; i <= m; ++i) {
    for (std::uint64_t j = 0; j <= n; ++j) {
      const auto apart = static_cast<std::int64_t>(i * n) - static_cast<std::int64_t>(j * m);
      const double steps = static_cast<double>(i + j);
      if (std::abs(apart) >= distance)
        row[j] = 1;
      else if (i + j == 0)
        row[j] = 0;
      else
        row[j] = (i == 0 ? 0 : row[j] * static_cast<double>(i) / steps) +
                 (j == 0 ? 0 : row[j - 1] * static_cast<double>(j) / steps);
    }
  }
  return row[n];
}

double kolmogorov_tail(double lambda) {
  if (lambda < 0.2) return 1;  // the series cannot be told from 1 below this
  double sum = 0;
  for (int k = 1; k <= 100; ++k) {
    const double term = std::exp(-2.0 * k * k * lambda * lambda);
    sum += k % 2 == 1 ? term : -term;
    if (term < 1e-17) break;
  }
  return std::clamp(2 * sum, 0.0, 1.0);
}

std::uint64_t total(std::span<const Bar> bars) {
  return std::accumulate(bars.begin(), bars.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Bar& bar) { return sum + bar.count; });
}

// Indices from the least p to the largest.
std::vector<std::size_t> ascending(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) { return p[x] < p[y]; });
  return order;
}

}  // namespace

RankTest mann_whitney(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return {};
  const auto m = static_cast<double>(a.size());
  const auto n = static_cast<double>(b.size());
  const RankSum sum = rank_sum(a, b);
  RankTest test{.u = sum.ranks - m * (m + 1) / 2};
  const double larger = std::max(test.u, m * n - test.u);
  if (sum.ties == 0 && a.size() * b.size() <= exact_rank_pairs) {
    test.p = std::min(1.0, 2 * rank_tail(a.size(), b.size(), larger));
    return test;
  }
  const double all = m + n;
  const double variance = m * n / 12 * (all + 1 - sum.ties / (all * (all - 1)));
  if (variance <= 0) return test;  // all values are equal
  const double z = (larger - m * n / 2 - 0.5) / std::sqrt(variance);
  test.p = std::min(1.0, 2 * boost::math::cdf(boost::math::complement(boost::math::normal(), z)));
  return test;
}

DistributionTest kolmogorov_smirnov(std::span<const Bar> a, std::span<const Bar> b) {
  const std::uint64_t m = total(a);
  const std::uint64_t n = total(b);
  if (m == 0 || n == 0) return {};
  __extension__ using Wide = __int128;
  Wide largest = 0;
  std::uint64_t below_a = 0;
  std::uint64_t below_b = 0;
  for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    const std::uint64_t at =
        std::min(i < a.size() ? a[i].at_most : UINT64_MAX, j < b.size() ? b[j].at_most : UINT64_MAX);
    while (i < a.size() && a[i].at_most == at) below_a += a[i++].count;
    while (j < b.size() && b[j].at_most == at) below_b += b[j++].count;
    const Wide apart = static_cast<Wide>(below_a) * n - static_cast<Wide>(below_b) * m;
    largest = std::max(largest, apart < 0 ? -apart : apart);
  }
  const double pairs = static_cast<double>(m) * static_cast<double>(n);
  DistributionTest test{.distance = static_cast<double>(largest) / pairs};
  if (largest == 0) return test;
  if (pairs <= static_cast<double>(exact_distribution_pairs)) {
    test.p = strayed_share(m, n, static_cast<std::int64_t>(largest));
  } else {
    const double root = std::sqrt(pairs / static_cast<double>(m + n));
    test.p = kolmogorov_tail(test.distance * (root + 0.12 + 0.11 / root));
  }
  return test;
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<double> adjusted(p.size());
  double least = 0;
  std::size_t left = p.size();
  for (const std::size_t i : ascending(p)) {
    least = std::max(least, std::min(1.0, p[i] * static_cast<double>(left--)));
    adjusted[i] = least;
  }
  return adjusted;
}

std::vector<double> benjamini_hochberg(std::span<const double> p) {
  const std::vector<std::size_t> order = ascending(p);
  std::vector<double> adjusted(p.size());
  double most = 1;
  for (std::size_t rank = order.size(); rank > 0; --rank) {
    const std::size_t i = order[rank - 1];
    most = std::min(most, p[i] * static_cast<double>(p.size()) / static_cast<double>(rank));
    adjusted[i] = most;
  }
  return adjusted;
}

}  // namespace peerbed::analysis
