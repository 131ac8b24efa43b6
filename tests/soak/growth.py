"""Whether processes grow: the middle of their lives against the ends of them."""

import statistics

# A life that is shorter than this share of the run says nothing about a trend.
LONG_ENOUGH = 0.4
# What a process may have more of in the last quarter of its life than in the second one: the first one is for growing.
DESCRIPTORS_MORE = 2
MEMORY_MORE = 0.10
MEMORY_MORE_BYTES = 512 * 1024


class Trend:
    """Medians over the second and over the last quarter of one life."""

    def __init__(self, life):
        self.name = life.node.name
        quarter = life.samples[-1].age / 4
        early = [sample for sample in life.samples if quarter <= sample.age < 2 * quarter]
        late = [sample for sample in life.samples if 3 * quarter <= sample.age]
        median = lambda samples, what: statistics.median(getattr(sample, what) for sample in samples)
        self.descriptors = median(early, "descriptors"), median(late, "descriptors")
        self.resident = median(early, "resident"), median(late, "resident")

    def breaches(self):
        before, after = self.descriptors
        if after > before + DESCRIPTORS_MORE:
            yield f"{self.name} has {after:.0f} descriptors open, and had {before:.0f}"
        before, after = self.resident
        if after > before * (1 + MEMORY_MORE) + MEMORY_MORE_BYTES:
            yield f"{self.name} holds {after / 1e6:.2f} MB, and held {before / 1e6:.2f} MB"


def trends_of(nodes, seconds):
    """Of all lives that were long enough."""
    lives = [life for node in nodes for life in node.lives]
    return [Trend(life) for life in lives if len(life.samples) >= 12 and life.samples[-1].age >= LONG_ENOUGH * seconds]


def worst(trends, what):
    """(median before, median after, the largest change of one process)."""
    pairs = [getattr(trend, what) for trend in trends]
    if not pairs:
        return 0, 0, 0
    return (statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs),
            max(pair[1] - pair[0] for pair in pairs))
