#pragma once
// A formula as a person types a theory: "0.5*log2(x)", "exp(-40*0.05^x)". It knows numbers, x and y, + - * / ^,
// parentheses, and the functions log2, log10, ln, exp, sqrt and abs. '^' binds to the right, and tighter than a
// minus sign before it.

#include <string>
#include <vector>

namespace peerbed::analysis {

class Formula {
 public:
  // Throws std::invalid_argument, which says what was expected and where.
  explicit Formula(const std::string& text);
  // Not a number, or infinite, where it has no value.
  double at(double x, double y = 0) const;
  bool has_y() const noexcept;

 private:
  friend class FormulaReader;
  struct Step {
    enum class Kind : unsigned char { number, x, y, add, subtract, multiply, divide, power, negate, function };
    Kind kind = Kind::number;
    double number = 0;
    double (*function)(double) = nullptr;
  };
  std::vector<Step> steps_;  // in reverse Polish notation
};

}  // namespace peerbed::analysis
