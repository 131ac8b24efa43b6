#pragma once
// A formula for a theoretical curve, as typed by a user: "0.5*log2(x)", "exp(-40*0.05^x)". It knows numbers, x and y, +
// - * / ^, parentheses, and the functions log2, log10, ln, exp, sqrt and abs. '^' is right-associative and binds
// tighter than a preceding minus sign.

#include <string>
#include <vector>

namespace peerbed::analysis {

class Formula {
 public:
  // Throws std::invalid_argument with a message that says what was expected and where.
  explicit Formula(const std::string& text);
  // NaN or infinite where it has no value.
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
