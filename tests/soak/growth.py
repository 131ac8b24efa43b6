"""Checks whether processes grow: compares the middle of their lives with the end."""

import statistics

# A run shorter than this, in seconds, has not settled, and only shows figures.
SHORTEST_RUN = 300
# A process that lives for less than this share of the run shows no trend.
LONG_ENOUGH = 0.4
# Seconds after which a process has allocated what it needs: shorter lives are ignored.
YOUNG = 5
# Allowed growth from the second to the last quarter of a life; the first quarter is for warming up.
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
    """For all lives that were long enough."""
    lives = [life for node in nodes for life in node.lives]
    return [Trend(life) for life in lives if len(life.samples) >= 12 and life.samples[-1].age >= LONG_ENOUGH * seconds]


class Generations:
    """For processes that were killed soon: compares those of the run's first half with those of its second, at the end
    of their lives. A node that finds more on its disk each time, or forgets less, shows up here."""

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
