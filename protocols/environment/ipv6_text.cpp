#include "protocols/environment/ipv6_text.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

namespace peerbed {

namespace {

constexpr std::size_t group_count = 8;
using Groups = std::array<std::uint16_t, group_count>;

Groups groups_of(const Ipv6Host& host) noexcept {
  Groups groups{};
  for (std::size_t i = 0; i < group_count; ++i)
    groups[i] = static_cast<std::uint16_t>(host[2 * i] << 8 | host[2 * i + 1]);
  return groups;
}

// The longest run of zeros (the first of several): its index and length.
std::pair<std::size_t, std::size_t> longest_zeros(const Groups& groups) noexcept {
  std::pair<std::size_t, std::size_t> longest{0, 0};
  for (std::size_t begin = 0; begin < group_count; ++begin) {
    std::size_t size = 0;
    while (begin + size < group_count && groups[begin + size] == 0) ++size;
    if (size > longest.second) longest = {begin, size};
  }
  return longest;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text, int base, std::size_t digits) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{} || end != text.data() + text.size() || text.size() > digits) return std::nullopt;
  return number;
}

// Parses groups separated by colons; the last two may be an IPv4 address at the end. An empty text has no groups.
std::optional<std::vector<std::uint16_t>> parse_groups(std::string_view text, bool ends) {
  std::vector<std::uint16_t> groups;
  while (!text.empty()) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const std::string_view word = text.substr(0, colon);
    const bool is_last = colon == text.size();
    if (const auto ipv4 = ends && is_last ? parse_ipv4(word) : std::nullopt) {
      groups.push_back(static_cast<std::uint16_t>(*ipv4 >> 16));
      groups.push_back(static_cast<std::uint16_t>(*ipv4));
    } else if (const auto group = parse_number<std::uint16_t>(word, 16, 4)) {
      groups.push_back(*group);
    } else {
      return std::nullopt;
    }
    text.remove_prefix(is_last ? text.size() : colon + 1);
    if (!is_last && text.empty()) return std::nullopt;  // trailing colon
  }
  return groups;
}

}  // namespace

std::string to_text(const Ipv6Host& host) {
  const Groups groups = groups_of(host);
  const auto [begin, size] = longest_zeros(groups);
  std::string text;
  for (std::size_t i = 0; i < group_count; ++i) {
    if (size >= 2 && i == begin) {
      text += "::";
      i += size - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    char digits[4];
    text.append(digits, std::to_chars(digits, digits + sizeof digits, groups[i], 16).ptr);
  }
  return text;
}

std::optional<Ipv6Host> parse_ipv6(std::string_view text) {
  const std::size_t gap = text.find("::");
  const bool has_gap = gap != std::string_view::npos;
  const auto head = parse_groups(has_gap ? text.substr(0, gap) : text, !has_gap);
  const auto tail = parse_groups(has_gap ? text.substr(gap + 2) : std::string_view(), true);
  if (!head || !tail) return std::nullopt;
  const std::size_t count = head->size() + tail->size();
  if (has_gap ? count >= group_count : count != group_count) return std::nullopt;
  Groups groups{};
  std::copy(head->begin(), head->end(), groups.begin());
  std::copy(tail->begin(), tail->end(), groups.end() - static_cast<std::ptrdiff_t>(tail->size()));
  Ipv6Host host{};
  for (std::size_t i = 0; i < host.size(); ++i)
    host[i] = static_cast<std::uint8_t>(groups[i / 2] >> (i % 2 == 0 ? 8 : 0));
  return host;
}

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  std::uint32_t host = 0;
  for (int part = 0; part < 4; ++part) {
    const std::size_t dot = part < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return std::nullopt;
    const std::string_view word = text.substr(0, dot);
    const auto number = parse_number<std::uint8_t>(word, 10, 3);
    if (!number || (word.size() > 1 && word.front() == '0')) return std::nullopt;
    host = host << 8 | *number;
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return host;
}

}  // namespace peerbed
