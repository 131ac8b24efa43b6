#include "analysis/statistics/formula.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <string_view>

namespace peerbed::analysis {
namespace {

struct Function {
  std::string_view name;
  double (*value)(double);
};
constexpr std::array<Function, 6> functions{{{"log2", [](double x) { return std::log2(x); }},
                                             {"log10", [](double x) { return std::log10(x); }},
                                             {"ln", [](double x) { return std::log(x); }},
                                             {"exp", [](double x) { return std::exp(x); }},
                                             {"sqrt", [](double x) { return std::sqrt(x); }},
                                             {"abs", [](double x) { return std::fabs(x); }}}};
constexpr int deepest = 64;  // nesting of parentheses, minus signs and powers

}  // namespace

// A recursive-descent parser: a sum of products of powers of atoms.
class FormulaReader {
 public:
  explicit FormulaReader(std::string_view text) : text_(text) {}

  std::vector<Formula::Step> read() {
    sum();
    skip_blanks();
    if (position_ != text_.size()) fail("an operator");
    return std::move(steps_);
  }

 private:
  using Step = Formula::Step;

  [[noreturn]] void fail(const std::string& expected) {
    skip_blanks();
    const std::string where =
        position_ == text_.size() ? "at its end" : "before '" + std::string(text_.substr(position_)) + "'";
    throw std::invalid_argument("the formula '" + std::string(text_) + "' needs " + expected + " " + where);
  }

  void skip_blanks() {
    while (position_ < text_.size() && text_[position_] == ' ') ++position_;
  }

  bool take(char wanted) {
    skip_blanks();
    if (position_ == text_.size() || text_[position_] != wanted) return false;
    ++position_;
    return true;
  }

  void add(Step::Kind kind) { steps_.push_back({kind, 0, nullptr}); }

  void sum() {
    product();
    for (;;) {
      if (take('+')) {
        product();
        add(Step::Kind::add);
      } else if (take('-')) {
        product();
        add(Step::Kind::subtract);
      } else {
        return;
      }
    }
  }

  void product() {
    signed_power();
    for (;;) {
      if (take('*')) {
        signed_power();
        add(Step::Kind::multiply);
      } else if (take('/')) {
        signed_power();
        add(Step::Kind::divide);
      } else {
        return;
      }
    }
  }

  void signed_power() {
    if (++depth_ > deepest) fail("simplicity");
    if (take('-')) {
      signed_power();
      add(Step::Kind::negate);
    } else {
      atom();
      if (take('^')) {
        signed_power();
        add(Step::Kind::power);
      }
    }
    --depth_;
  }

  void atom() {
    if (take('(')) {
      sum();
      if (!take(')')) fail("a ')'");
      return;
    }
    const std::string_view rest = text_.substr(position_);
    double number = 0;
    const auto [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::general);
    if (error == std::errc{} && std::isfinite(number)) {
      position_ += static_cast<std::size_t>(end - rest.data());
      steps_.push_back({Step::Kind::number, number, nullptr});
      return;
    }
    for (const Function& function : functions)
      if (rest.starts_with(function.name)) return call(function);
    if (take('x')) return add(Step::Kind::x);
    if (take('y')) return add(Step::Kind::y);
    fail("a number, x, y, or one of log2 log10 ln exp sqrt abs");
  }

  void call(const Function& function) {
    position_ += function.name.size();
    if (!take('(')) fail("a '('");
    sum();
    if (!take(')')) fail("a ')'");
    steps_.push_back({Step::Kind::function, 0, function.value});
  }

  std::string_view text_;
  std::size_t position_ = 0;
  int depth_ = 0;
  std::vector<Step> steps_;
};

Formula::Formula(const std::string& text) : steps_(FormulaReader(text).read()) {}

bool Formula::has_y() const noexcept {
  return std::any_of(steps_.begin(), steps_.end(), [](const Step& step) { return step.kind == Step::Kind::y; });
}

double Formula::at(double x, double y) const {
  std::vector<double> stack;
  const auto pop = [&stack] {
    const double top = stack.back();
    stack.pop_back();
    return top;
  };
  for (const Step& step : steps_) {
    if (step.kind == Step::Kind::number || step.kind == Step::Kind::x || step.kind == Step::Kind::y) {
      stack.push_back(step.kind == Step::Kind::number ? step.number : step.kind == Step::Kind::x ? x : y);
      continue;
    }
    const double right = pop();
    if (step.kind == Step::Kind::function) {
      stack.push_back(step.function(right));
      continue;
    }
    if (step.kind == Step::Kind::negate) {
      stack.push_back(-right);
      continue;
    }
    const double left = pop();
    switch (step.kind) {
      case Step::Kind::add:
        stack.push_back(left + right);
        break;
      case Step::Kind::subtract:
        stack.push_back(left - right);
        break;
      case Step::Kind::multiply:
        stack.push_back(left * right);
        break;
      case Step::Kind::divide:
        stack.push_back(left / right);
        break;
      default:
        stack.push_back(std::pow(left, right));
    }
  }
  return stack.back();
}

}  // namespace peerbed::analysis
