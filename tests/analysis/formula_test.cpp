#include "analysis/statistics/formula.h"

#include <cmath>
#include <stdexcept>

#include "tests/catch.h"

using peerbed::analysis::Formula;

TEST_CASE("a formula is parsed with the usual precedence") {
  CHECK(Formula("0.5*log2(x)").at(1024) == 5);
  CHECK(Formula("1 + 2 * 3 - 4 / 8").at(0) == 6.5);
  CHECK(Formula("2^3^2").at(0) == 512);
  CHECK(Formula("-2^2").at(0) == -4);
  CHECK(Formula("8 - 4 - 2").at(0) == 2);
  CHECK(Formula("(1 + x) * -x ").at(3) == -12);
  CHECK(Formula("2^-x").at(2) == 0.25);
  CHECK(Formula("ln(exp(x)) + sqrt(x) + abs(-x) + log10(100)").at(4) == Approx(12));
  CHECK(Formula("y*x/2").at(3, 4) == 6);
  CHECK(Formula("y").has_y());
  CHECK_FALSE(Formula("x").has_y());
  CHECK(std::isinf(Formula("1/x").at(0)));
}

TEST_CASE("an invalid formula is reported with what is missing and where") {
  CHECK_THROWS_WITH(Formula("0.5*log3(x)"),
                    "the formula '0.5*log3(x)' needs a number, x, y, or one of log2 log10 ln exp "
                    "sqrt abs before 'log3(x)'");
  CHECK_THROWS_WITH(Formula("(x"), "the formula '(x' needs a ')' at its end");
  CHECK_THROWS_WITH(Formula("x x"), "the formula 'x x' needs an operator before 'x'");
  for (const char* text : {"", "1 +", "log2 x", "*", "inf", "nan", "x)", "1e999"})
    CHECK_THROWS_AS(Formula(text), std::invalid_argument);
  CHECK_THROWS_AS(Formula(std::string(100'000, '(')), std::invalid_argument);
  CHECK_THROWS_AS(Formula(std::string(100'000, '-')), std::invalid_argument);
}
