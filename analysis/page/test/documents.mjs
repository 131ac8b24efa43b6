// Generated documents that look like real ones: a ring under churn, a swarm, a window of events, sweeps.

// A reproducible generator of numbers in [0, 1) (mulberry32).
export function draws_from(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function lives_of(nodes, until, draw) {
  const lives = [];
  for (let node = 0; node < nodes; ++node) {
    let now = draw() < 0.7 ? 0 : draw() * until * 0.2;
    while (now < until) {
      const end = now - Math.log(1 - draw()) * until * 0.6;
      lives.push([node, now, Math.min(end, until), end >= until ? "up at end" : draw() < 0.5 ? "crash" : "left"]);
      now = end - Math.log(1 - draw()) * until * 0.05;
    }
  }
  return lives;
}

function marks_of(lives, until, nodes) {
  const marks = [];
  for (const [, from, to, end] of lives) {
    if (from > 0) marks.push({ seconds: from, kind: "start", what: "a node starts", count: 1 });
    if (end === "crash") marks.push({ seconds: to, kind: "crash", what: "a node crashes", count: 1 });
    if (end === "left") marks.push({ seconds: to, kind: "leave", what: "a node leaves", count: 1 });
  }
  marks.push({ seconds: until * 0.4, kind: "crash", what: "a tenth of all nodes crash", count: Math.ceil(nodes / 10) });
  marks.push({ seconds: until * 0.41, kind: "partition", what: "half of the nodes are cut off", count: nodes / 2 });
  marks.push({ seconds: until * 0.5, kind: "heal", what: "the partition heals", count: nodes / 2 });
  return marks.sort((a, b) => a.seconds - b.seconds);
}

// The members sorted by id, each with its successors and fingers; one in fifty has a stale pointer.
function frame_of(seconds, up, ids, draw) {
  const members = up.sort((a, b) => ids[a] - ids[b]);
  const nodes = members.map((node, i) => {
    const successors = [1, 2, 3, 4].map((step) => members[(i + step) % members.length]);
    if (draw() < 0.02) successors.shift();
    const fingers = new Set();
    for (let bit = 1; bit <= 8; ++bit) {
      const target = (ids[node] + 2 ** -bit) % 1;
      fingers.add(members.find((other) => ids[other] >= target) ?? members[0]);
    }
    const owned = Math.floor(draw() * 6);
    return { n: node, s: successors, p: members[(i + members.length - 1) % members.length], f: [...fingers], k: owned + Math.floor(draw() * 15), o: owned };
  });
  return { seconds, nodes };
}

function lookup_in(frame, ids, seconds, draw) {
  const of = new Map(frame.nodes.map((member) => [member.n, member]));
  const key = draw();
  const owner = frame.nodes.map(({ n }) => n).find((node) => ids[node] >= key) ?? frame.nodes[0].n;
  const path = [frame.nodes[Math.floor(draw() * frame.nodes.length)].n];
  const distance = (node) => (ids[owner] - ids[node] + 1) % 1;
  while (path.at(-1) !== owner && path.length < 12) {
    const member = of.get(path.at(-1));
    const onward = [...member.f, ...member.s].filter((node) => of.has(node) && distance(node) < distance(member.n));
    if (!onward.length) break;
    path.push(onward.sort((a, b) => distance(a) - distance(b))[0]);
  }
  const success = path.at(-1) === owner;
  return { seconds, node: path[0], key, path, latency: 0.03 + 0.08 * path.length * (0.5 + draw()), success, timeouts: success ? 0 : 2 };
}

function histogram(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b);
}

function head(title, nodes, until, draw) {
  return {
    title,
    description: `${nodes} nodes made up by a test, with words that are long enough to show how a line breaks.`,
    folder: `runs/${title}`,
    words: [`${nodes} nodes of ring in group nodes`, "latency between the world's cities, jitter exponential with mean 3 ms", "loss 0.1%", "Weibull sessions (shape 0.615, scale 169.5 min), half of the departures crashes", "five lookups a second until 29 min", "12 min: a tenth of all nodes crash for 2 min"],
    scenario_yaml: "name: made-up\nduration: 30min\n# <script>alert(1)</script>\n",
    seed: 1, digest: "291a06415d7af9d2", on: "simulation", good: false, interrupted: false,
    simulated_seconds: until, real_seconds: 4.2, events: 902153,
    command: `peerbed run ${title} --seed 1 --out runs/${title}`, replay: `peerbed replay runs/${title} --verify`,
    expectations: [{ expectation: "lookup.done.success.share >= 99.5%", held: true, actual: "99.8%" }, { expectation: "violations == 0", held: false, actual: "2" }],
    violations: { count: 2, first: [{ seconds: 611.5, property: "one cycle in the order of keys", count: 2, what: "nodes.7 follows itself <b>" }], last: [{ seconds: 621.5, property: "one cycle in the order of keys", count: 2, what: "nodes.7 follows itself <b>" }] },
    remarks: [],
    metrics: { "lookup.done.count": [8700, "count", ""], "lookup.done.latency.p50": [285e6, "ns", "less"], "messages.bytes": [36e6, "B", "less"], "lookup.done.success.share": [0.998, "share", "more"] },
    groups: [{ name: "nodes", protocol: "ring", first: 0, count: nodes }],
    nodes: Array.from({ length: nodes }, (_, i) => `nodes.${i}`),
    messages: ["find", "found", "hop_taken", "neighbours", "neighbours_are", "ping", "pong", "put", "get", "offer", "value"].map((kind) => ({ kind, count: Math.floor(draw() ** 3 * 200000), bytes: Math.floor(draw() ** 2 * 9e6) })),
  };
}

function timeline_of(until, intervals, draw) {
  const interval = until / intervals;
  const series = (metric, unit, level, spread, sum = false) => ({
    metric, unit, better: "", sum,
    values: Array.from({ length: intervals }, (_, i) => (i < 3 && /latency/.test(metric) ? null : Math.max(0, level * (1 + spread * (draw() - 0.5))))),
  });
  return {
    interval,
    series: [
      series("nodes.up", "count", 180, 0.1), series("lookup.done.count", "count", 50, 0.4, true), series("lookup.done.success.share", "share", 0.99, 0.02),
      series("lookup.done.latency.mean", "ns", 3e8, 0.5), series("lookup.done.latency.p99", "ns", 1.4e9, 0.9), series("ring.stale.fingers.share", "share", 0.02, 1),
      series("ring.replicas.min", "count", 4, 0.5), series("ring.replicas.mean", "count", 5, 0.1), series("put.done.count", "count", 1, 2, true),
      series("get.done.count", "count", 10, 1, true), series("messages.find.count", "count", 620, 0.3, true), series("messages.find.bytes", "B", 19000, 0.3, true),
      series("network.lost", "count", 3, 2, true), series("cut.off.count", "count", 0, 0, true), series("messages.ping.count", "count", 900, 0.2, true),
    ],
  };
}

export function ring_run(nodes = 40, until = 1800, frame_count = 30, lookup_count = 60) {
  const draw = draws_from(nodes);
  const run = head("ring-made-up", nodes, until, draw);
  const ids = Array.from({ length: nodes }, () => draw());
  run.lives = lives_of(nodes, until, draw);
  run.marks = marks_of(run.lives, until, nodes);
  run.timeline = timeline_of(until, 180, draw);
  const frames = Array.from({ length: frame_count }, (_, i) => {
    const seconds = (i * until) / frame_count;
    const up = [...new Set(run.lives.filter(([, from, to]) => from <= seconds && seconds < to).map(([node]) => node))];
    return frame_of(seconds, up, ids, draw);
  });
  const lookups = Array.from({ length: lookup_count }, () => {
    const seconds = draw() * until;
    return lookup_in(frames.findLast((frame) => frame.seconds <= seconds), ids, seconds, draw);
  });
  const id_text = ids.map((id) => Math.floor(id * 2 ** 48).toString(16).padStart(12, "0") + "0000");
  run.ring = { bits: 64, ids, id_text, frames, lookups, lookups_thinned: { kept: lookup_count, of: 8700, how: "the first, the slowest and the failed ones" }, hops_theory: { nodes, half_log2: Math.log2(nodes) / 2 } };
  run.distributions = {
    "lookup.done.latency": { unit: "ns", better: "less", rows: histogram(Array.from({ length: 4000 }, () => Math.round(2 ** (8 * draw())) * 4e6)) },
    "lookup.done.hops": { unit: "count", better: "less", rows: histogram(Array.from({ length: 4000 }, () => Math.floor(1 + draw() * 3 + draw() * 4))) },
    "value.size": { unit: "B", better: "", rows: histogram(Array.from({ length: 300 }, () => Math.floor(100 + 900 * draw()))) },
  };
  run.stories = [{ slowest: lookup_story(12), fastest: { ...lookup_story(600), parts: lookup_story(600).parts.slice(0, 1), until: 600.06 } }];
  return run;
}

// The same run with latencies from another seed.
export function second_ring_run() {
  const draw = draws_from(99);
  const run = ring_run();
  run.folder = "runs/ring-made-up-2";
  run.metrics["lookup.done.latency.p50"] = [310e6, "ns", "less"];
  run.distributions["lookup.done.latency"].rows = histogram(Array.from({ length: 4000 }, () => Math.round(2 ** (7 * draw())) * 7e6));
  return run;
}

export function swarm_run(peers = 24, pieces = 128, until = 60, intervals = 120) {
  const draw = draws_from(peers + 7);
  const run = head("swarm-made-up", peers + 2, until, draw);
  run.nodes = ["tracker", "source", ...Array.from({ length: peers }, (_, i) => `downloaders.${i}`)];
  run.groups = [{ name: "trackers", protocol: "swarm", first: 0, count: 1 }, { name: "sources", protocol: "swarm", first: 1, count: 1 }, { name: "downloaders", protocol: "swarm", first: 2, count: peers }];
  run.good = true;
  run.expectations[1].held = true;
  run.violations = { count: 0, first: [], last: [] };
  run.lives = run.nodes.map((_, node) => [node, 0, until, "up at end"]);
  run.marks = [{ seconds: until * 0.3, kind: "network", what: "loss 1% everywhere", count: 1 }];
  run.timeline = timeline_of(until, intervals, draw);
  const size = pieces * 262144;
  const arrivals = [];
  const downloads = [];
  const nodes = [{ n: 1, down: Array(intervals).fill(0), up: Array.from({ length: intervals }, () => draw() * 3e6) }];
  for (let peer = 0; peer < peers; ++peer) {
    const [from, to] = [1 + draw() * 3, until * (0.7 + 0.25 * draw())];
    for (let piece = 0; piece < pieces; ++piece) arrivals.push([from + draw() * (to - from), peer + 2, 0, piece, draw() < 0.3 ? 1 : 2 + Math.floor(draw() * peers)]);
    downloads.push({ node: peer + 2, file: 0, from, to, size, duplicates: Math.floor(draw() ** 4 * 9e5), stall: draw() ** 3 * 2, done: true });
    const active = (i) => (i * until) / intervals >= from && (i * until) / intervals < to;
    nodes.push({ n: peer + 2, down: Array.from({ length: intervals }, (_, i) => (active(i) ? (size / (to - from)) * (0.6 + 0.8 * draw()) : 0)), up: Array.from({ length: intervals }, () => draw() * 8e5) });
  }
  run.swarm = {
    files: [{ name: "film", root: "1f03", size, piece_size: 262144, pieces }],
    arrivals, downloads, rates: { interval: until / intervals, nodes },
    shares: [{ node: 1, uploaded: 4 * size, downloaded: 0 }, ...downloads.map(({ node }) => ({ node, uploaded: size * (0.4 + draw()), downloaded: size }))],
    bound_seconds: until * 0.8, distribution_seconds: until * 0.93,
  };
  const topology = network_of(run, until, draw);
  run.network = topology.network;
  run.links = topology.links;
  run.stories = [{ slowest: download_story(2, 1, 31.5, draw), fastest: download_story(9, 2, 22, draw) }];
  return run;
}

const cities = [["Oslo", 59.9, 10.7], ["Paris", 48.9, 2.3], ["Rome", 41.9, 12.5], ["Vienna", 48.2, 16.4], ["Warsaw", 52.2, 21]];
const cables = [[0, 1], [1, 2], [2, 3], [3, 4], [4, 0], [1, 3]];

// Five cities; the link from Paris to Rome is the narrow one.
function network_of(run, until, draw) {
  const sites = cities.map(([name, latitude, longitude]) => ({ name, latitude, longitude }));
  const links = cables.flatMap(([from, to]) => [[from, to], [to, from]]).map(([from, to]) => ({ from, to, name: `${cities[from][0]} -> ${cities[to][0]}` }));
  const interval = until / 40;
  const uses = links.map(({ name }) => {
    const narrow = name === "Paris -> Rome";
    const rows = Array.from({ length: 36 }, (_, i) => {
      const use = narrow ? 0.8 + 0.2 * draw() : 0.3 * draw();
      return [i * interval, use, Math.round(use * interval * 1.25e6), narrow ? Math.floor(draw() * 30) : 0, Math.floor(draw() * 2), 0, Math.round(use * 50000), Math.round(use * 64000)];
    });
    return { link: name, rate: 1e7, queue: 65536, rows };
  });
  uses.sort((a, b) => Number(b.link === "Paris -> Rome") - Number(a.link === "Paris -> Rome"));
  return { network: { sites, links, node_sites: run.nodes.map((_, node) => node % 5) }, links: { interval, links: uses } };
}

function download_story(node, from, took, draw) {
  const shares = [["asking peers who has the file", 0.01], ["connecting to a first source", 0.02], ["manifest", 0.03, "fetched from a source, and hashed"], ["waiting for a choke to end", 0.25 * draw(), "every connected source served others"], ["transferring from source", 0.4], ["transferring from downloaders.7", 0.2], ["stalled", 0.1 * draw(), "no byte arrived: losses, or a slow source"], ["hashing and disk", 0.02, "after the last byte"]];
  const all = shares.reduce((sum, [, share]) => sum + share, 0);
  let at = from;
  const parts = shares.map(([what, share, why]) => {
    const time = (share / all) * took;
    at += time;
    return { what, from: at - time, until: at, time, why };
  });
  const source = (of, bytes) => ({ node: of, site: cities[of % 5][0], round_trip: 0.02 + 0.1 * draw(), bytes, time: took * draw(), choked: draw(), utilisation: draw(), queue_drops: Math.floor(40 * draw()), lost: 3 });
  return { kind: "download", node, event: 4711 + node, from, until: from + took, success: true, site: cities[node % 5][0], parts, sources: [source(1, 2e7), source(9, 1.2e7)], hashing: 1.2, utilisation: 0.6, queue_drops: 12 };
}

function lookup_story(from) {
  const parts = [["find from nodes.3 to nodes.17", 0.06, "Oslo to Rome"], ["nodes.17 waits", 1.5, "no answer from nodes.4, down for 12 s (crash)"], ["find from nodes.17 to nodes.21", 0.08], ["found from nodes.21 to nodes.3", 0.07, "Rome to Oslo; 40 ms more than the fastest between the two"]];
  let at = from;
  return {
    kind: "lookup", node: 3, event: 815, from, until: from + parts.reduce((sum, [, time]) => sum + time, 0), success: true,
    parts: parts.map(([what, time, why]) => ({ what, from: at, until: (at += time), time, why })),
  };
}

// Lookups that are forwarded, answered, and traced; each event knows its cause.
export function window_of(nodes, count = 120) {
  const draw = draws_from(count);
  const steps = [{ e: 100, s: 12, n: 0, kind: "timer", label: "stabilize", cause: 42 }];
  while (steps.length < count) {
    const cause = steps[Math.max(0, steps.length - 1 - Math.floor(draw() * 8))];
    const e = 100 + steps.length;
    if (draw() < 0.15) steps.push({ e, s: cause.s, n: cause.n, kind: "report", label: "lookup.done", cause: cause.e });
    else if (draw() < 0.2) steps.push({ e, s: cause.s + 0.01 + 0.02 * draw(), n: cause.n, kind: "timer", label: "rpc", cause: cause.e });
    else steps.push({ e, s: cause.s + 0.01 + 0.05 * draw(), n: Math.floor(draw() * nodes), kind: "datagram", label: "find", from: cause.n, sent: cause.s, cause: cause.e });
  }
  steps.sort((a, b) => a.s - b.s);
  return { from: 12, until: steps.at(-1).s, chosen: "around the slowest lookup", steps };
}

export function sweep_document() {
  const draw = draws_from(3);
  const point = (values, level, theory) => {
    const samples = Array.from({ length: 20 }, () => level * (0.93 + 0.14 * draw())).sort(() => draw() - 0.5);
    const sorted = [...samples].sort((a, b) => a - b);
    const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
    return { values, runs: 20, mean, low: mean * 0.97, high: mean * 1.03, median: sorted[10], p10: sorted[2], p90: sorted[17], min: sorted[0], max: sorted[19], samples, theory };
  };
  const sources = [1, 2, 4, 8];
  const download = { metric: "download_seconds", unit: "", better: "less", shown: true, points: sources.map((k) => point([String(k)], 10 / k ** 0.95, 9.6 / k)) };
  const asked = { metric: "messages.bytes", unit: "B", better: "less", shown: false, asked: true, points: sources.map((k) => point([String(k)], 3e6 * k)) };
  const others = ["lookup.done.latency.p50", "network.lost.count"].map((metric) => ({ metric, unit: metric.includes("lost") ? "count" : "ns", better: "less", shown: false, points: sources.map((k) => point([String(k)], 2e8 + k)) }));
  const division = ["piece", "fragment"].flatMap((kind) => [4, 16, 64].map((n) => point([kind, String(n)], (kind === "piece" ? 1 : 1.4) * (50 + Math.log2(n)))));
  return [
    { title: "swarm-speedup", description: "One download from k sources.", folder: "speedup", parameters: ["sources"], seeds: 20, seeds_text: "1..20", settings: ["size=64MiB"], scenario_yaml: "name: swarm-speedup\n", command: "peerbed sweep swarm-speedup --seeds 1..20 --metric messages.bytes -o speedup", metrics: [asked, download, ...others],
      failures: [{ values: ["8"], seed: 3, unmet: ["download_seconds < 1"], again: "peerbed run swarm-speedup --seed 3 --set sources=8" }] },
    { title: "swarm-distribution", parameters: ["division", "downloaders"], seeds: 20, failures: [], metrics: [{ metric: "distribution_seconds", unit: "", better: "less", shown: true, points: division }] },
  ];
}

// Nodes whose buckets fill from the nearest on; later some of their contacts are dead.
function kademlia_of(nodes, until, frame_count = 6) {
  const draw = draws_from(7);
  const ids = Array.from({ length: nodes }, () => draw());
  const bits = Math.ceil(Math.log2(nodes));
  const frames = Array.from({ length: frame_count }, (_, i) => ({
    seconds: (i * until) / frame_count,
    nodes: ids.map((_, n) => ({ n, b: Array.from({ length: bits }, (_, bit) => {
      const room = Math.min(8, Math.ceil(nodes / 2 ** (bit + 1)));
      return [Math.floor((room * (i + 1)) / frame_count), i > 3 ? Math.floor(3 * draw()) : 0, room];
    }) })),
  }));
  return { ids, id_text: ids.map((id) => Math.floor(id * 2 ** 48).toString(16).padStart(12, "0").padEnd(40, "0")), frames };
}

// A group in which a member dies unnoticed for a while, and others are suspected.
function swim_of(nodes, until) {
  const all = Array.from({ length: nodes }, (_, node) => node);
  const alive = all.slice(1);
  const wrong = alive.flatMap((member) => [[member, 0, 3], ...(member % 7 === 0 ? [[member, (member + 3) % nodes || 1, member % 3]] : [])]);
  return { frames: [{ seconds: 0, members: all, wrong: [] }, { seconds: until / 3, members: alive, wrong }, { seconds: until / 2, members: alive, wrong: [] }] };
}

// Everything in one document: small, or with 200 nodes and several megabytes.
export function whole_document(large = false) {
  const both = large ? ring_run(200, 1800, 60, 400) : ring_run();
  both.swarm = (large ? swarm_run(200, 512, 1800, 600) : swarm_run(24, 128, 1800)).swarm;
  both.kademlia = kademlia_of(large ? 200 : 40, 1800);
  both.swim = swim_of(large ? 200 : 40, 1800);
  both.space_time = window_of(large ? 60 : 9, large ? 4000 : 120);
  return { format: 1, peerbed: "0.1.0", made: "2026-01-31T12:00:00Z", runs: large ? [both] : [both, swarm_run()], sweeps: large ? [] : sweep_document() };
}

// Inserts a document into the page like the program does.
export function page_with(template, content) {
  const json = JSON.stringify(content).replaceAll("<", "\\u003c");
  return template.replace("<!--PEERBED-DOCUMENT-->", () => `<script type="application/json" id="peerbed-document">${json}</script>`);
}
