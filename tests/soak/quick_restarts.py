"""A small ring whose nodes are killed in turn, and restart with an empty disk before any node can notice."""

import itertools

from ring_load import RingLoad

REPLICAS = 3
REPAIR = 5.0
KILL_PERIOD = 7.0  # longer than a repair period: at most one holder of three dies within each
DOWN = 0.4


class QuickRestarts(RingLoad):
    name = "quick"
    # Two silent successors in a row are noticed after 1 + 2 * (0.1 + 0.2 + 0.4 + 0.4) s, less than a repair period.
    options = {
        "replicas": REPLICAS, "repair_period": f"{REPAIR}s", "stabilize_period": "1s", "check_predecessor_period": "1s",
        "rpc_timeout": "100ms", "hop_timeout": "100ms", "rpc_attempts": 4, "fix_finger_period": "2s"}
    patience = 4 * REPAIR
    names = 30
    puts_per_second = 0.1
    gets_per_second = 5

    def load(self):
        for i in range(self.names):
            self.loop.after(i / 10, lambda name=f"v{i}": self.put(name))
        super().load()

    def load_kills(self):
        turn = itertools.cycle(self.nodes)
        self.loop.every(lambda: KILL_PERIOD, lambda: self.is_loaded and self.kill_next(turn))

    def kill_next(self, turn):
        """The next node that is a member; one that did not come back in time is left alone."""
        node = next((node for node in itertools.islice(turn, len(self.nodes)) if node in self.ready), None)
        if node and len(self.ready) > 1:
            self.kill(node, is_wiped=True, down=DOWN)
