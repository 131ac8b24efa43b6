#include "scenarios/search/trial_report.h"

#include <cstring>

namespace peerbed::scenarios {
namespace {

template <class Number>
void append(std::string& out, Number number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}
void append(std::string& out, const std::string& text) {
  append(out, static_cast<std::uint64_t>(text.size()));
  out += text;
}

// Both processes run this very program, so numbers have one form.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : bytes_(bytes) {}

  template <class Number>
  Number take() {
    Number number{};
    if (const std::string_view part = bytes_of(sizeof number); part.size() == sizeof number)
      std::memcpy(&number, part.data(), sizeof number);
    return number;
  }
  std::string_view bytes_of(std::uint64_t size) {
    if (size > bytes_.size()) {
      failed_ = true;
      return {};
    }
    const std::string_view part = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return part;
  }
  std::string text() { return std::string(bytes_of(take<std::uint64_t>())); }
  bool failed() const noexcept { return failed_; }
  std::string_view rest() const noexcept { return bytes_; }

 private:
  std::string_view bytes_;
  bool failed_ = false;
};

}  // namespace

std::string TrialReport::bytes() const {
  std::string out;
  append(out, number);
  append(out, events);
  append(out, digest);
  append(out, static_cast<std::uint64_t>(reached.size()));
  for (const Bucket bucket : reached) append(out, bucket);
  append(out, static_cast<std::uint64_t>(moments.size()));
  for (const Moment& moment : moments) {
    append(out, moment.at.count());
    append(out, moment.node);
    append(out, moment.source);
    append(out, moment.message);
    append(out, moment.traced);
  }
  append(out, static_cast<std::uint8_t>(violation ? 1 : 0));
  if (violation) {
    append(out, violation->property);
    append(out, violation->at.count());
    append(out, violation->what);
  }
  return out;
}

std::optional<TrialReport> TrialReport::take(std::string_view& bytes) {
  Taker from(bytes);
  TrialReport report;
  report.number = from.take<std::uint64_t>();
  report.events = from.take<std::uint64_t>();
  report.digest = from.take<std::uint64_t>();
  for (auto left = from.take<std::uint64_t>(); left > 0 && !from.failed(); --left)
    report.reached.push_back(from.take<Bucket>());
  for (auto left = from.take<std::uint64_t>(); left > 0 && !from.failed(); --left) {
    Moment moment{.at = Duration(from.take<std::int64_t>())};
    moment.node = from.take<NodeIndex>();
    moment.source = from.take<NodeIndex>();
    moment.message = from.take<std::uint8_t>();
    moment.traced = from.take<std::uint16_t>();
    report.moments.push_back(moment);
  }
  if (from.take<std::uint8_t>() != 0) {
    TrialViolation violation;
    violation.property = from.text();
    violation.at = Duration(from.take<std::int64_t>());
    violation.what = from.text();
    report.violation = std::move(violation);
  }
  if (from.failed()) return std::nullopt;
  bytes = from.rest();
  return report;
}

}  // namespace peerbed::scenarios
