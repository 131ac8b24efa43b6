// The ring at one moment: members on the circle by id, their successors, one member's fingers, and a lookup.

import type { Clock } from "./clock";
import type { Lookup, RingFrame, RingMember, Run } from "./document";
import { html, svg } from "./elements";
import type { Picture } from "./figure";
import { room_for, short } from "./raster";
import { number_text, plural, quantity_text, seconds_text } from "./units";

export interface RingChoice {
  node: number | undefined; // whose fingers are shown
  lookup: number | undefined; // the lookup shown; undefined: the latest before the clock's time
  frame?: number; // the picture that was chosen; shown as long as the clock stands at its time
  redraw: () => void;
}

export function frame_at(frames: RingFrame[], seconds: number): RingFrame | undefined {
  return frames.findLast((frame) => frame.seconds <= seconds + 1e-9) ?? frames[0];
}

// The place of the picture to show. Two of one time were taken just before and just after a fault.
export function place_of_frame(frames: RingFrame[], seconds: number, choice: RingChoice): number {
  if (choice.frame !== undefined && Math.abs(frames[choice.frame].seconds - seconds) < 1e-9) return choice.frame;
  return frames.indexOf(frame_at(frames, seconds)!);
}

// The next member clockwise of each, among those of the frame.
export function true_successors(frame: RingFrame, ids: (number | null)[]): Map<number, number> {
  const members = frame.nodes.map(({ n }) => n).filter((n) => ids[n] != null).sort((a, b) => ids[a]! - ids[b]!);
  return new Map(members.map((node, i) => [node, members[(i + 1) % members.length]]));
}

export function latest_lookup(lookups: Lookup[], seconds: number): number | undefined {
  let latest: number | undefined;
  lookups.forEach((lookup, i) => {
    if (lookup.seconds <= seconds && (latest === undefined || lookup.seconds >= lookups[latest].seconds)) latest = i;
  });
  return latest;
}

type Place = [x: number, y: number];

const narrow = 560; // pixels: the circle takes the width, without labels

export class Circle {
  readonly middle: Place;
  readonly radius: number;
  readonly has_labels: boolean; // below this width there is no room for them

  // Leaves space at the sides for labels of this width.
  constructor(readonly width: number, readonly height: number, label_width: number, radius?: number) {
    this.middle = [width / 2, height / 2];
    this.has_labels = width >= narrow;
    const side = this.has_labels ? 34 + label_width : 28;
    this.radius = radius ?? Math.max(60, Math.min(height / 2 - (this.has_labels ? 44 : 28), width / 2 - side));
  }

  // Clockwise from the top, as ids grow.
  at(share: number, radius = this.radius): Place {
    const angle = 2 * Math.PI * share - Math.PI / 2;
    return [this.middle[0] + radius * Math.cos(angle), this.middle[1] + radius * Math.sin(angle)];
  }

  // Along the circle, clockwise.
  arc(from: number, to: number, radius: number): string {
    const turn = (((to - from) % 1) + 1) % 1 || 1;
    const [x1, y1] = this.at(from, radius);
    const [x2, y2] = this.at(turn === 1 ? from - 0.0001 : to, radius);
    return `M${x1.toFixed(1)},${y1.toFixed(1)}A${radius},${radius} 0 ${turn > 0.5 ? 1 : 0} 1 ${x2.toFixed(1)},${y2.toFixed(1)}`;
  }

  // Across it, bent towards the middle.
  chord(from: number, to: number): string {
    const [x1, y1] = this.at(from, this.radius - 4);
    const [x2, y2] = this.at(to, this.radius - 4);
    const bend = 0.45;
    const x = this.middle[0] + ((x1 + x2) / 2 - this.middle[0]) * bend;
    const y = this.middle[1] + ((y1 + y2) / 2 - this.middle[1]) * bend;
    return `M${x1.toFixed(1)},${y1.toFixed(1)}Q${x.toFixed(1)},${y.toFixed(1)} ${x2.toFixed(1)},${y2.toFixed(1)}`;
  }
}

// A name after the numbers of its hops, in bold.
function widest_label(run: Run): number {
  const longest = (run.nodes ?? []).reduce((a, b) => (b.length > a.length ? b : a), "the key");
  return 1.1 * room_for([`0, 0 · ${short(longest)}`], false);
}

interface Label {
  share: number;
  text: string;
  strong?: boolean;
}

// Labels are in a column on each side, as many as fit, spread so that they do not touch, with lines to their positions.
function labels_beside(circle: Circle, labels: Label[]): SVGGElement {
  const group = svg("g", { class: "labels" });
  for (const right of [true, false]) {
    const side = labels
      .map((label) => ({ label, from: circle.at(label.share, circle.radius + 10) }))
      .filter(({ from }) => from[0] >= circle.middle[0] === right)
      .sort((a, b) => a.from[1] - b.from[1]);
    const gap = 15;
    const fit = side.slice(0, Math.floor((circle.height - 20) / gap));
    const rows = fit.map(({ from }) => from[1]);
    for (let i = 0; i < rows.length; ++i) rows[i] = Math.max(rows[i], i ? rows[i - 1] + gap : 12);
    for (let i = rows.length - 1; i >= 0; --i) rows[i] = Math.min(rows[i], i + 1 < rows.length ? rows[i + 1] - gap : circle.height - 8);
    fit.forEach(({ label, from }, i) => {
      const x = circle.middle[0] + (right ? 1 : -1) * (circle.radius + 34);
      group.append(
        svg("polyline", { class: "leader", points: `${from[0]},${from[1]} ${x - (right ? 6 : -6)},${rows[i]} ${x - (right ? 2 : -2)},${rows[i]}` }),
        svg("text", { x, y: rows[i] + 4, "text-anchor": right ? "start" : "end", class: label.strong ? "strong" : undefined }, label.text));
    });
  }
  return group;
}

function quarters(circle: Circle): SVGGElement {
  const group = svg("g", { class: "quarters" }, svg("circle", { cx: circle.middle[0], cy: circle.middle[1], r: circle.radius }));
  ["0", "¼", "½", "¾"].forEach((text, i) => {
    const [x, y] = circle.at(i / 4, circle.radius + 17);
    group.append(svg("text", { x, y: y + 4, "text-anchor": "middle" }, text));
  });
  return group;
}

function node_name(run: Run, node: number): string {
  return run.nodes?.[node] ?? `node ${node}`;
}

// Which nodes are labelled: all of a small ring, otherwise those of the lookup, and the selected one.
function labels_of(run: Run, members: RingMember[], chosen: number | undefined, lookup: Lookup | undefined): Label[] {
  const ids = run.ring!.ids;
  const hops = new Map<number, number[]>();
  lookup?.path?.forEach((node, hop) => hops.set(node, [...(hops.get(node) ?? []), hop]));
  const named = new Set<number>([...hops.keys(), ...(chosen === undefined ? [] : [chosen]), ...(members.length <= 24 ? members.map(({ n }) => n) : [])]);
  const labels: Label[] = [...named].filter((node) => ids[node] != null).map((node) => ({
    share: ids[node]!,
    text: hops.has(node) ? `${hops.get(node)!.join(", ")} · ${short(node_name(run, node))}` : short(node_name(run, node)),
    strong: hops.has(node) || node === chosen,
  }));
  if (lookup?.key !== undefined) labels.push({ share: lookup.key, text: "the key", strong: true });
  return labels;
}

export function lookup_words(run: Run, lookup: Lookup): string {
  const hops = lookup.hops ?? (lookup.path && lookup.path.length - 1);
  const parts = [
    node_name(run, lookup.node),
    lookup.key !== undefined && `key at ${(100 * lookup.key).toFixed(1)}% of the circle`,
    hops !== undefined && plural(hops, "hop"),
    lookup.latency !== undefined && quantity_text(lookup.latency * 1e9, "ns"),
    lookup.timeouts ? `${lookup.timeouts} silent` : "",
    !lookup.success && "failed",
  ];
  return `${seconds_text(lookup.seconds)}: ${parts.filter(Boolean).join(", ")}`;
}

// Pictures are taken now and then; one that is older than the bar's time says so.
function frame_words(frames: RingFrame[], place: number, seconds: number): string {
  const frame = frames[place];
  const age = seconds - frame.seconds;
  const side = frames[place + 1]?.seconds === frame.seconds ? ", just before a fault" : frames[place - 1]?.seconds === frame.seconds ? ", just after a fault" : "";
  if (age < -1e-6) return `The first picture, taken at ${seconds_text(frame.seconds)}`;
  return age < 0.05 ? `Picture of ${seconds_text(frame.seconds)}${side}` : `Picture of ${seconds_text(frame.seconds)}, ${seconds_text(age)} before the time of the bar`;
}

function member_words(run: Run, frame: RingFrame, member: RingMember): string {
  const names = (nodes: number[]) => nodes.map((node) => node_name(run, node)).join(", ") || "none";
  const id = run.ring!.id_text?.[member.n];
  const parts = [
    `${node_name(run, member.n)}${id ? ` (id ${id})` : ""} at ${seconds_text(frame.seconds)}: successors ${names(member.s)}`,
    member.p === undefined || member.p === null ? "no predecessor" : `predecessor ${node_name(run, member.p)}`,
    `fingers ${names(member.f)}`,
    member.k !== undefined && `${number_text(member.k)} keys`,
  ];
  return `${parts.filter(Boolean).join("; ")}.`;
}

export function circle_picture(run: Run, clock: Clock, choice: RingChoice, width: number): Picture {
  const ring = run.ring!;
  const { ids } = ring;
  const frames = ring.frames ?? [];
  const lookups = ring.lookups ?? [];
  const circle = new Circle(width, width < narrow ? width : Math.min(620, width * 0.8), widest_label(run));
  const moving = svg("g");
  const drawing = svg("svg", {
    width, height: circle.height, viewBox: `0 0 ${width} ${circle.height}`, class: "ring", tabindex: 0, role: "img",
    "aria-label": "The ring. Left and right arrows choose a member.",
  }, quarters(circle), moving);
  const words = html("p", { class: "note", "aria-live": "polite" });

  function show(seconds: number): void {
    const place = place_of_frame(frames, seconds, choice);
    const frame = frames[place] as RingFrame | undefined;
    const members = frame?.nodes.filter(({ n }) => ids[n] != null) ?? [];
    const present = new Set(members.map(({ n }) => n));
    const follows = frame ? true_successors(frame, ids) : new Map<number, number>();
    const index = choice.lookup ?? latest_lookup(lookups, seconds);
    const lookup = index === undefined ? undefined : lookups[index];
    const chosen = members.find(({ n }) => n === choice.node);
    const right = members.filter(({ n, s }) => s.length && follows.get(n) === s[0]);
    const wrong = members.filter(({ n, s }) => s.length && follows.get(n) !== s[0] && ids[s[0]] != null);
    const size = members.length > 80 ? 3 : 5;
    const parts: SVGElement[] = [
      svg("path", { class: "fingers", d: members.flatMap(({ n, f }) => f.filter((to) => ids[to] != null).map((to) => circle.chord(ids[n]!, ids[to]!))).join("") }),
      svg("path", { class: "successors", d: right.map(({ n, s }) => circle.arc(ids[n]!, ids[s[0]]!, circle.radius)).join("") }),
      svg("path", { class: "wrong", d: wrong.map(({ n, s }) => circle.arc(ids[n]!, ids[s[0]]!, circle.radius + 7)).join("") }),
    ];
    if (chosen) {
      parts.push(svg("path", { class: "chosen-fingers", d: chosen.f.filter((to) => ids[to] != null).map((to) => circle.chord(ids[chosen.n]!, ids[to]!)).join("") }));
      parts.push(svg("path", { class: "chosen-successors", d: chosen.s.filter((to) => ids[to] != null).map((to) => circle.arc(ids[chosen.n]!, ids[to]!, circle.radius + 4)).join("") }));
    }
    ids.forEach((id, node) => {
      if (id == null) return;
      const [cx, cy] = circle.at(id);
      const up = present.has(node);
      const dot = svg("circle", { cx, cy, r: up ? size : size * 0.6, class: up ? (node === choice.node ? "member chosen" : "member") : "down" },
        svg("title", {}, `${node_name(run, node)}${up ? "" : ", down"}`));
      if (up) dot.addEventListener("click", () => choose(node));
      parts.push(dot);
    });
    if (lookup) parts.push(...lookup_parts(circle, lookup, ids));
    if (circle.has_labels) parts.push(labels_beside(circle, labels_of(run, members, chosen?.n, lookup)));
    moving.replaceChildren(...parts);
    words.textContent = [
      frame ? `${frame_words(frames, place, seconds)}: ${plural(members.length, "member")}, ${number_text(wrong.length)} with a wrong first successor.` : "",
      lookup ? `Lookup at ${lookup_words(run, lookup)}.` : "",
      chosen && frame ? member_words(run, frame, chosen) : "",
    ].join(" ");
  }
  function choose(node: number | undefined): void {
    choice.node = node;
    choice.redraw();
  }
  drawing.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const members = frames[place_of_frame(frames, clock.now, choice)]?.nodes.map(({ n }) => n).filter((n) => ids[n] != null).sort((a, b) => ids[a]! - ids[b]!);
    if (!step || !members?.length) return;
    event.preventDefault();
    const at = members.indexOf(choice.node ?? -1);
    choose(members[at < 0 ? 0 : (at + step + members.length) % members.length]);
  });
  return { node: html("div", {}, drawing, words), show };
}

function lookup_parts(circle: Circle, lookup: Lookup, ids: (number | null)[]): SVGElement[] {
  const parts: SVGElement[] = [];
  if (lookup.key !== undefined) {
    const [x, y] = circle.at(lookup.key);
    parts.push(svg("path", { class: "key", d: `M${x},${y - 7}L${x + 7},${y}L${x},${y + 7}L${x - 7},${y}Z` }));
  }
  const path = lookup.path ?? [];
  for (let hop = 1; hop < path.length; ++hop) {
    const [from, to] = [ids[path[hop - 1]], ids[path[hop]]];
    if (from == null || to == null) continue;
    parts.push(svg("path", { class: lookup.success ? "hop" : "hop failed", d: circle.chord(from, to), "marker-end": "url(#arrow-head)" }));
  }
  const head = svg("marker", { id: "arrow-head", viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto" },
    svg("path", { d: "M0,0L8,4L0,8Z", class: "head" }));
  parts.push(svg("defs", {}, head));
  for (const node of path) {
    if (ids[node] == null) continue;
    const [cx, cy] = circle.at(ids[node]!);
    parts.push(svg("circle", { cx, cy, r: 5, class: "on-path" }));
  }
  return parts;
}
