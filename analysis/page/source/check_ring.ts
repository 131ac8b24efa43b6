// The ring in one state of a check: which nodes run, and whom they point to.

import type { Check, ShownNode } from "./document";
import { svg } from "./elements";
import { short } from "./raster";
import { Circle } from "./ring_circle";

type Place = [x: number, y: number];

const dot = 7; // radius of a node
const lane = 11; // between the arcs of first and further successors

// The next running member clockwise of each.
export function next_members(check: Check, nodes: ShownNode[]): Map<number, number> {
  const members = nodes.flatMap(({ status, outside }, node) => (status === "running" && !outside ? [node] : []));
  members.sort((a, b) => check.circle![a].share - check.circle![b].share);
  return new Map(members.map((node, i) => [node, members[(i + 1) % members.length]]));
}

function head(id: string, kind: string): SVGMarkerElement {
  return svg("marker", { id, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 10, markerHeight: 10, markerUnits: "userSpaceOnUse", orient: "auto" }, svg("path", { d: "M0,0L8,4L0,8z", class: `head-of ${kind}` }));
}

// An arc from one node to another, clockwise outside of the circle; it begins and ends beside their dots.
function successor_arc(circle: Circle, from: number, to: number, rank: number): string {
  const radius = circle.radius + dot + 6 + lane * rank;
  const gap = (dot + 3) / (2 * Math.PI * circle.radius);
  const whole = (((to - from) % 1) + 1) % 1 || 1;
  return circle.arc(from + gap, from + whole - gap, radius);
}

// Across the circle, a little bent so that the ways there and back lie beside each other.
function predecessor_line(circle: Circle, from: number, to: number): string {
  const [x1, y1] = circle.at(from, circle.radius - dot - 4);
  const [x2, y2] = circle.at(to, circle.radius - dot - 4);
  if (from === to) return `M${x1},${y1}c-14,26 14,26 0,0`;
  const [dx, dy] = [x2 - x1, y2 - y1];
  const middle: Place = [(x1 + x2) / 2 - dy * 0.12, (y1 + y2) / 2 + dx * 0.12];
  return `M${x1.toFixed(1)},${y1.toFixed(1)}Q${middle[0].toFixed(1)},${middle[1].toFixed(1)} ${x2.toFixed(1)},${y2.toFixed(1)}`;
}

export function ring_drawing(check: Check, nodes: ShownNode[], changed: Set<number>, width: number): SVGElement {
  const ranks = Math.max(1, ...check.shown.map(({ s }) => s?.length ?? 0));
  const room = dot + 14 + lane * ranks;
  const height = Math.round(Math.min(440, width * 0.86));
  const names = check.nodes.map(short);
  const widest = 7 * Math.max(...names.map((name) => name.length));
  const circle = new Circle(width, height, 0, Math.max(40, Math.min(width / 2 - room - widest, height / 2 - room - 22)));
  const share = (node: number) => check.circle![node].share;
  const next = next_members(check, nodes);
  const runs = (node: number) => nodes[node].status === "running";
  const kinds = ["first", "further", "wrong", "before"];
  const drawing = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, class: "small-ring", role: "img", "aria-label": "The ring in this state" },
    svg("defs", {}, ...kinds.map((kind) => head(`head-${kind}`, kind))),
    svg("circle", { cx: circle.middle[0], cy: circle.middle[1], r: circle.radius, class: "orbit" }));
  const arrow = (d: string, kind: string, to: number, words: string) =>
    drawing.append(svg("path", { d, class: `pointer ${kind}${runs(to) ? "" : " dead"}`, "marker-end": `url(#head-${kind})` }, svg("title", {}, words)));
  nodes.forEach(({ s = [], p }, node) => {
    s.forEach((to, rank) => {
      const is_wrong = rank === 0 && next.has(node) && next.get(node) !== to;
      arrow(successor_arc(circle, share(node), share(to), rank), rank ? "further" : is_wrong ? "wrong" : "first", to, `${check.nodes[node]}: successor ${rank + 1} is ${check.nodes[to]}`);
    });
    if (p !== undefined) arrow(predecessor_line(circle, share(node), share(p)), "before", p, `${check.nodes[node]}: the predecessor is ${check.nodes[p]}`);
  });
  nodes.forEach(({ status, outside }, node) => {
    const [cx, cy] = circle.at(share(node));
    if (changed.has(node)) drawing.append(svg("circle", { cx, cy, r: dot + 4, class: "changed" }));
    drawing.append(svg("circle", { cx, cy, r: dot, class: `node ${status}${outside ? " outside" : ""}` }, svg("title", {}, `${check.nodes[node]}: ${status_words(nodes[node])}`)));
    const [x, y] = circle.at(share(node), circle.radius + room + 2);
    const side = Math.abs(x - circle.middle[0]) < 8 ? "middle" : x > circle.middle[0] ? "start" : "end";
    drawing.append(svg("text", { x, y: y + 4, "text-anchor": side, class: runs(node) ? undefined : "absent" }, names[node]));
  });
  return drawing;
}

export function status_words({ status, outside }: ShownNode): string {
  if (status === "running") return outside ? "runs, not a member yet" : "runs";
  return status === "left" ? "has left" : "is down";
}
