#pragma once
// A formula of one variable, as a person types a theory: "0.5*log2(x)", "exp(-40*0.05^x)". It knows numbers, x, + - * /
// ^, parentheses, and the functions log2, log10, ln, exp, sqrt and abs. '^' binds to the right, and tighter than a
// minus sign before it.

#include <string>
#include <vector>

namespace peerbed::analysis {

class Formula {
 public:
  // Throws std::invalid_argument, which says what was expected and where.
  explicit Formula(const std::string& text);
  // Not a number, or infinite, where it has no value.
  double at(double x) const;

 private:
  friend class FormulaReader;
  struct Step {
    enum class Kind : unsigned char { number, variable, add, subtract, multiply, divide, power, negate, function };
    Kind kind = Kind::number;
    double number = 0;
    double (*function)(double) = nullptr;
  };
  std::vector<Step> steps_;  // in reverse Polish notation
};

}  // namespace peerbed::analysis
