#!/usr/bin/env python3
"""Compares our statistics with scipy's, on samples drawn from a seed. Usage: scipy_test.py PROGRAM

PROGRAM is statistics_program. Exits with 77, which CTest calls skipped, if scipy is not installed.
"""

import math
import subprocess
import sys
import unittest

try:
    import numpy
    from scipy import stats
except ImportError:
    print("Skipped: scipy is not installed (Debian: python3-scipy).")
    sys.exit(77)


class Program:
    """The program, which answers each line with a line."""

    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, question, *samples):
        words = " | ".join(" ".join(repr(float(value)) for value in sample) for sample in samples)
        self.process.stdin.write(f"{question} {words}\n")
        self.process.stdin.flush()
        return [float(word) for word in self.process.stdout.readline().split()]


class AgainstScipy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = Program(sys.argv[1])
        cls.random = numpy.random.default_rng(20260101)

    @classmethod
    def tearDownClass(cls):
        cls.program.process.communicate()

    def assert_near(self, ours, theirs, relative=1e-9, absolute=1e-12):
        self.assertEqual(len(ours), len(theirs))
        for mine, other in zip(ours, theirs):
            self.assertTrue(math.isclose(mine, other, rel_tol=relative, abs_tol=absolute), f"{ours} against {theirs}")

    def sizes(self):
        return self.random.integers(3, 30, 2)

    def test_moments_and_quantiles(self):
        for _ in range(20):
            sample = self.random.lognormal(size=self.sizes()[0])
            theirs = [numpy.mean(sample), numpy.std(sample, ddof=1), *numpy.percentile(sample, [10, 50, 90])]
            self.assert_near(self.program.ask("quantiles", sample), theirs)

    def test_mann_whitney_without_ties(self):
        for _ in range(20):
            m, n = self.sizes()
            a, b = self.random.normal(size=m), self.random.normal(0.5, size=n)
            theirs = stats.mannwhitneyu(a, b, method="exact")
            self.assert_near(self.program.ask("mann_whitney", a, b), [theirs.statistic, theirs.pvalue])

    def test_mann_whitney_with_ties(self):
        for _ in range(20):
            m, n = self.sizes()
            a, b = self.random.integers(0, 6, m), self.random.integers(1, 7, n)
            theirs = stats.mannwhitneyu(a, b, method="asymptotic")
            if len({*a, *b}) < m + n:
                self.assert_near(self.program.ask("mann_whitney", a, b), [theirs.statistic, theirs.pvalue])

    def test_kolmogorov_smirnov(self):
        for _ in range(20):
            m, n = self.sizes()
            a, b = numpy.sort(self.random.integers(0, 200, m)), numpy.sort(self.random.integers(20, 220, n))
            theirs = stats.ks_2samp(a, b, method="exact")
            self.assert_near(self.program.ask("kolmogorov_smirnov", a, b), [theirs.statistic, theirs.pvalue], 1e-6)

    def test_kolmogorov_smirnov_of_large_samples(self):
        a, b = numpy.sort(self.random.integers(0, 5000, 3000)), numpy.sort(self.random.integers(60, 5100, 2500))
        theirs = stats.ks_2samp(a, b, method="asymp")
        self.assert_near(self.program.ask("kolmogorov_smirnov", a, b), [theirs.statistic, theirs.pvalue], 0.05)

    def test_interval_of_a_mean(self):
        """Two bootstraps of one sample differ by their resamples: allow a tenth of the interval's width."""
        for _ in range(5):
            sample = self.random.lognormal(size=20)
            theirs = stats.bootstrap((sample,), numpy.mean, n_resamples=20000, random_state=1).confidence_interval
            ours = self.program.ask("mean_interval", sample)
            self.assert_near(ours, [theirs.low, theirs.high], 0, 0.1 * (theirs.high - theirs.low))

    def test_interval_of_a_difference(self):
        for _ in range(3):
            a, b = self.random.lognormal(size=12), self.random.lognormal(0.3, size=17)
            theirs = stats.bootstrap(
                (b, a), lambda x, y, axis=-1: numpy.mean(x, axis=axis) - numpy.mean(y, axis=axis),
                n_resamples=20000, random_state=1).confidence_interval
            ours = self.program.ask("difference_interval", a, b)
            self.assert_near(ours, [theirs.low, theirs.high], 0, 0.1 * (theirs.high - theirs.low))

    def test_paired_bootstrap_is_near_student_for_normal_differences(self):
        for _ in range(10):
            sample = self.random.normal(0.4, size=25)
            theirs = stats.ttest_1samp(sample, 0).pvalue
            ours = self.program.ask("paired", sample)[0]
            self.assertLess(abs(ours - theirs), 0.01 + 0.15 * theirs, f"{ours} against {theirs}")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
