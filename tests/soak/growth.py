"""Whether processes grow: the middle of their lives against the ends of them."""

import statistics

# A run that is shorter, in seconds, has not come to rest, and shows figures only.
SHORTEST_RUN = 300
# A life that is shorter than this share of the run says nothing about a trend.
LONG_ENOUGH = 0.4
# Seconds, then a process has what it needs: lives that are shorter say nothing about it.
YOUNG = 5
# What a process may have more of in the last quarter of its life than in the second one: the first one is for growing.
DESCRIPTORS_MORE = 2
MEMORY_MORE = 0.10
MEMORY_MORE_BYTES = 2560 * 1024  # a heap may grow by one large page of 2 MiB


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


class Generations:
    """Processes that were killed soon: those of the run's first half against those of its second, at the ends of their
    lives. A node that finds more on its disk each time, or forgets less, shows here."""

    def __init__(self, kind, nodes, seconds):
        self.kind = kind
        lives = [life for node in nodes for life in node.lives[1:]
                 if life.samples and YOUNG <= life.samples[-1].age < LONG_ENOUGH * seconds]
        half = min((life.begun for life in lives), default=0) + seconds / 2
        self.before, self.after = ([life.samples[-1] for life in lives if (life.begun < half) == first]
                                   for first in (True, False))
        if not self.before or not self.after:
            self.before = self.after = []

    def medians(self, what):
        return tuple(statistics.median(getattr(sample, what) for sample in samples) if samples else 0
                     for samples in (self.before, self.after))

    def breaches(self):
        before, after = self.medians("descriptors")
        if after > before * (1 + MEMORY_MORE) + DESCRIPTORS_MORE:
            yield f"restarted {self.kind} have {after:.0f} descriptors open, and had {before:.0f}"
        before, after = self.medians("resident")
        if after > before * (1 + MEMORY_MORE) + MEMORY_MORE_BYTES:
            yield f"restarted {self.kind} hold {after / 1e6:.2f} MB, and held {before / 1e6:.2f} MB"


def worst(trends, what):
    """(median before, median after, the largest change of one process)."""
    pairs = [getattr(trend, what) for trend in trends]
    if not pairs:
        return 0, 0, 0
    return (statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs),
            max(pair[1] - pair[0] for pair in pairs))
