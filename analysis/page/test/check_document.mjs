// A generated check of three nodes on a ring, one of which may crash, and of two that form none.

const text_table = () => {
  const texts = [""];
  return { texts, text: (words) => (texts.includes(words) ? texts.indexOf(words) : texts.push(words) - 1) };
};

// The states are what each node is: "s" its first two successors, or nothing if it is down.
function successors_of(nodes) {
  const steps = [];
  const up = nodes.filter(Boolean).length;
  nodes.forEach((node, i) => {
    if (!node) return;
    if (up === 3) steps.push({ words: `nodes.${i} crashes`, next: nodes.map((one, j) => (j === i ? null : one)) });
    const list = [1, 2].map((by) => (i + by) % 3).filter((j) => nodes[j]);
    steps.push({ words: `nodes.${i}: the timer stabilize fires`, next: nodes.map((one, j) => (j === i ? list : one)), traced: list.join() === node.join() ? "" : `nodes.${i}: successor.changed id=${list[0]}` });
  });
  return steps;
}

export function ring_check() {
  const { texts, text } = text_table();
  const shown = [];
  const show = (node) => {
    const one = node ? { status: "running", s: node, p: 0 } : { status: "absent" };
    const known = shown.findIndex((other) => JSON.stringify(other) === JSON.stringify(one));
    return known < 0 ? shown.push(one) - 1 : known;
  };
  const keys = [];
  const states = [];
  const kept = [];
  const enter = (nodes, parent, depth) => {
    const known = keys.indexOf(JSON.stringify(nodes));
    if (known >= 0) return known;
    keys.push(JSON.stringify(nodes));
    kept.push(nodes);
    const stale = nodes.findIndex((node) => node && !nodes[node[0]]);
    states.push([parent, depth, nodes.map(show), [], stale < 0 ? [] : [[0, text(`nodes.${stale} points to a node that is down`)]], []]);
    return states.length - 1;
  };
  enter([[1, 2], [2, 0], [0, 1]], -1, 0);
  for (let i = 0; i < states.length; ++i) {
    for (const { words, next, traced = "" } of successors_of(kept[i])) states[i][5].push([text(words), enter(next, i, states[i][1] + 1), text(traced)]);
  }
  return {
    title: "ring-made-up", description: "Three nodes, one of which may crash.", verdict: "refuted", subject: `3 nodes, r=2, patient, exchange: ${states.length} states`,
    reason: "live first successor: nodes.2 points to a node that is down, after 1 step", assumptions: ["fingers off"], command: "peerbed check ring-made-up --html states.html",
    scenario_yaml: "name: ring-made-up\n", counterexample: "# A counterexample to: live first successor.\nname: ring-made-up-refuted\n", all_states: states.length,
    nodes: ["nodes.0", "nodes.1", "nodes.2"], circle: [0, 1, 2].map((i) => ({ share: i / 3, key: String(Math.floor((256 * i) / 3)) })),
    properties: [{ name: "live first successor", always: true }, { name: "the ring is ideal", always: false }], texts, shown, states, refuted: states.findIndex((state) => state[4].length), cut: false,
  };
}

export function text_check() {
  return {
    title: "counters", verdict: "not exhausted", subject: "2 nodes, patient, message: 2 states", reason: "the bound on states was reached", all_states: 9, nodes: ["a.0", "a.1"],
    properties: [{ name: "its checks", always: true }], texts: ["", "a.1 receives ping from a.0", "a.1: counted by=1", "ping from a.0 to a.1"],
    shown: [{ status: "running", text: "(1, [2, 3])" }, { status: "running", text: "(0)" }, { status: "running", text: "(1)" }],
    states: [[-1, 0, [0, 1], [3], [], [[1, 1, 2]]], [0, 1, [0, 2], [], [], [[1, -1, 0]]]], cut: true,
  };
}
