"""A ring under load: values are stored and fetched while nodes are killed and come back, half of them without their
disk, and others are frozen for a while."""

import collections
import shutil

from processes import FROZEN, Node

REPLICAS = 4
STABILIZE = 1.0
RPC_TIMEOUT = 0.2
RPC_ATTEMPTS = 5
# As docs/ring.md says: longer than it takes to notice replicas - 1 silent successors in a row.
NOTICED = STABILIZE + (REPLICAS - 1) * RPC_TIMEOUT * (1 + 2 + 4 * (RPC_ATTEMPTS - 2))
REPAIR = 1.5 * NOTICED
PATIENCE = 4 * REPAIR  # after this, a value that nobody returns is lost
OPTIONS = {
    "replicas": REPLICAS, "repair_period": f"{REPAIR}s", "stabilize_period": f"{STABILIZE}s",
    "check_predecessor_period": f"{STABILIZE}s", "rpc_timeout": f"{RPC_TIMEOUT}s", "hop_timeout": f"{RPC_TIMEOUT}s",
    "rpc_attempts": RPC_ATTEMPTS, "fix_finger_period": "2s"}

NAMES = 1000
PUTS_PER_SECOND = 20
GETS_PER_SECOND = 40
NEVER_KILLED = 5
DOWN = 1, 15  # seconds
FREEZES = 0.15  # of those that would be killed
AWAKE = 5  # seconds after which a resumed node is queried again


class Value:
    """What is known about one name: the text that was acknowledged last, and puts whose outcome is unknown."""

    def __init__(self):
        self.acknowledged = None
        self.unknown = set()  # a put whose client died may take effect at any later time
        self.missed_since = None

    def may_be(self, text):
        return text == self.acknowledged or text in self.unknown


class RingLoad:
    name = "ring"
    options = OPTIONS
    patience = PATIENCE
    names = NAMES
    puts_per_second = PUTS_PER_SECOND
    gets_per_second = GETS_PER_SECOND

    def __init__(self, loop, draws, program, folder, base_port, count, words_for_all=()):
        self.loop, self.draws = loop, draws
        self.values = collections.defaultdict(Value)
        self.putting = {}                             # name: (node, text)
        self.getting = collections.defaultdict(set)  # (node, name): the texts that were correct when the get began
        self.counts = collections.Counter()
        self.breaches = []
        self.ready = set()
        self.is_loaded = True
        self.unchecked = set()
        self.lost = set()
        self.killed_at = collections.deque()
        settings = [word for name, value in self.options.items() for word in ("--set", f"{name}={value}")]
        settings += words_for_all
        self.nodes = []
        for i in range(count):
            words = [program, "node", "ring", *settings, "--dir", ".",
                     "--listen", f"127.0.0.1:{base_port + i}"]
            self.nodes.append(Node(loop, f"{self.name}{i}", words, folder / f"{self.name}{i}", self.heard))

    def start(self):
        """The first node creates the ring; the others join at intervals."""
        self.nodes[0].start("start")
        self.loop.after(1, lambda: self.ready.add(self.nodes[0]))
        for i, node in enumerate(self.nodes[1:]):
            self.loop.after(1 + 0.1 * i, lambda node=node: self.join(node))

    def is_formed(self):
        return len(self.ready) == len(self.nodes)

    def load(self):
        self.loop.every(lambda: self.draws.expovariate(self.puts_per_second), lambda: self.is_loaded and self.put())
        self.loop.every(lambda: self.draws.expovariate(self.gets_per_second), lambda: self.is_loaded and self.get())
        self.load_kills()

    def load_kills(self):
        # Twice the allowed average rate: kills that would come too soon are skipped.
        self.loop.every(lambda: self.draws.expovariate(2 * (REPLICAS - 1) / REPAIR),
                        lambda: self.is_loaded and self.kill_one())

    def begin_final_check(self):
        """Every acknowledged value is fetched once more; see is_checked()."""
        self.is_loaded = False
        self.unchecked = {name for name, value in self.values.items() if value.acknowledged}
        for i, name in enumerate(sorted(self.unchecked)):
            self.loop.after(i / 100, lambda name=name: self.get(name))

    def is_checked(self):
        return not self.unchecked

    def end_final_check(self):
        self.breaches += [f"{self.name}: {name} was acknowledged, and could not be fetched for {self.patience:.0f} s"
                          for name in sorted(self.lost)]
        self.breaches += [f"{self.name}: {name} was acknowledged, and is lost or old at the end"
                          for name in sorted(self.unchecked - self.lost)]

    def losses(self):
        return len(self.lost | self.unchecked)

    # ---- disturbances

    def join(self, node):
        doors = self.draws.sample(self.ready_nodes(), min(3, len(self.ready)))
        node.start("join", *(word for door in doors for word in ("--via", door.words[-1])))

    def ready_nodes(self):
        return [node for node in self.nodes if node in self.ready]

    def kill_one(self):
        """Fewer than REPLICAS in any repair period, which the ring must survive."""
        now = self.loop.now()
        while self.killed_at and self.killed_at[0] < now - REPAIR:
            self.killed_at.popleft()
        alive = [node for node in self.nodes[NEVER_KILLED:] if node in self.ready]
        if len(self.killed_at) >= REPLICAS - 1 or not alive:
            return
        self.killed_at.append(now)
        node = self.draws.choice(alive)
        if self.draws.random() < FREEZES:
            return self.freeze(node)
        self.kill(node, is_wiped=self.draws.random() < 0.5, down=self.draws.uniform(*DOWN))

    def kill(self, node, is_wiped, down):
        node.kill()
        self.forget(node)
        if is_wiped:
            shutil.rmtree(node.folder)
            node.folder.mkdir()
            self.counts["wiped"] += 1
        self.loop.after(down, lambda: self.join(node))

    def freeze(self, node):
        """It answers pending requests when it resumes, or the client hears that it could not."""
        self.ready.discard(node)
        node.freeze(FROZEN)
        self.loop.after(FROZEN + AWAKE, lambda: self.ready.add(node))

    def forget(self, node):
        self.ready.discard(node)
        for name in [name for name, (asker, _) in self.putting.items() if asker is node]:
            self.values[name].unknown.add(self.putting.pop(name)[1])
        for key in [key for key in self.getting if key[0] is node]:
            del self.getting[key]

    def put(self, name=None):
        name = name or f"v{self.draws.randrange(self.names)}"
        if name in self.putting:
            return
        self.counts["puts"] += 1
        text = f"{self.counts['puts']}-" + "x" * self.draws.randrange(900)
        node = self.draws.choice(self.ready_nodes())
        self.putting[name] = node, text
        node.type(f"put {name} {text}")

    def get(self, name=None):
        name = name or self.draws.choice([name for name in self.values if self.values[name].acknowledged] or [None])
        if name is None:
            return
        node = self.draws.choice(self.ready_nodes())
        value = self.values[name]
        self.getting[node, name] |= {value.acknowledged, *value.unknown}
        node.type(f"get {name}")

    # ---- events

    def heard(self, node, event):
        if event["event"] == "report" and event["report"] == "joined":
            self.ready.add(node)
        elif event["event"] == "line":
            self.heard_line(node, event["line"])
        elif event["event"] == "error":
            self.heard_error(node, event["code"], event["error"])

    def heard_line(self, node, line):
        if line.endswith(" is stored"):
            self.stored(line.removesuffix(" is stored"))
        elif " = " in line:
            self.fetched(node, *line.split(" = ", 1))

    def heard_error(self, node, code, sentence):
        name = sentence.split(" ")[0]
        if code == "not-stored":
            self.not_stored(name)
        elif code in ("not-found", "not-fetched"):
            self.missed(node, name)
        else:
            self.counts[f"refused: {code}"] += 1

    def stored(self, name):
        value = self.values[name]
        value.acknowledged = self.putting.pop(name)[1]
        self.counts["acknowledged"] += 1

    def not_stored(self, name):
        self.values[name].unknown.add(self.putting.pop(name)[1])
        self.counts["failed puts"] += 1

    def fetched(self, node, name, text):
        value = self.values[name]
        being_put = self.putting.get(name, (None, None))[1]
        self.counts["fetched"] += 1
        value.missed_since = None
        if text == value.acknowledged or text in value.unknown or text == being_put:
            self.unchecked.discard(name)
        elif text not in self.getting[node, name]:
            self.counts["old"] += 1
        if name in self.unchecked:
            self.loop.after(2, lambda: self.get(name))

    def missed(self, node, name):
        """An acknowledged value that nobody returns now may be available soon: fetched until it is, or is lost."""
        value = self.values[name]
        value.missed_since = value.missed_since or self.loop.now()
        self.counts["missed"] += 1
        if self.loop.now() - value.missed_since > self.patience:
            self.lost.add(name)
        else:
            self.loop.after(2, lambda: self.get(name))
