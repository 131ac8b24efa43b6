// The space-time diagram (Lamport, 1978): a line per node, time to the right, an arrow per message. Selecting an event
// shows the chain of events that led to it.

import * as d3 from "d3";
import type { Run, Step } from "./document";
import { html, svg } from "./elements";
import { figure, thinned_note } from "./figure";
import { room_for } from "./raster";
import { table_of } from "./table";
import { number_text, plural, seconds_text, time_scale } from "./units";

const most_steps = 1500;
const most_rows = 40;
const row_height = 26;
const margin = { right: 24, top: 16, bottom: 48 };

// From the event back to its root, starting with itself.
function causes_of(step: Step, by_number: Map<number, Step>): Step[] {
  const chain = [step];
  const seen = new Set([step.e]);
  for (let next = by_number.get(step.cause ?? -1); next && !seen.has(next.e); next = by_number.get(next.cause ?? -1)) {
    seen.add(next.e);
    chain.push(next);
  }
  return chain;
}

function beyond(first: Step): string {
  return first.cause === undefined ? "" : ` The first of them was caused by event ${first.cause}, which is not in this window.`;
}

// The steps around the middle of the window, if there are too many to distinguish.
function within_reach(steps: Step[]): Step[] {
  if (steps.length <= most_steps) return steps;
  const begin = Math.floor((steps.length - most_steps) / 2);
  return steps.slice(begin, begin + most_steps);
}

function shape(kind: string, x: number, y: number): SVGElement {
  if (kind === "timer") return svg("rect", { x: x - 3.5, y: y - 3.5, width: 7, height: 7 });
  if (kind === "crash" || kind === "start" || kind === "command") return svg("path", { d: `M${x},${y - 6}L${x + 5.5},${y + 4}L${x - 5.5},${y + 4}Z` });
  if (kind === "report" || kind === "line") return svg("path", { d: `M${x},${y - 5}L${x + 5},${y}L${x},${y + 5}L${x - 5},${y}Z` });
  return svg("circle", { cx: x, cy: y, r: 4 });
}

export function space_time_figure(run: Run): HTMLElement | undefined {
  const window = run.space_time;
  if (!window?.steps.length) return undefined;
  const all = [...window.steps].sort((a, b) => a.s - b.s || a.e - b.e);
  const by_number = new Map(all.map((step) => [step.e, step]));
  const steps = within_reach(all);
  const busy = d3.rollup(steps, (some) => some.length, (step) => step.n);
  const nodes = [...busy.keys()].sort((a, b) => busy.get(b)! - busy.get(a)!).slice(0, most_rows).sort((a, b) => a - b);
  const name = (node: number) => run.nodes?.[node] ?? `node ${node}`;
  const what = (step: Step) => `${step.kind} ${step.label ?? ""}`.trim();
  const words = (step: Step) => `${name(step.n)}, ${what(step)}`;
  const since = (step: Step) => seconds_text(step.s - steps[0].s);
  const drawn = steps.filter(({ n }) => nodes.includes(n));
  const chain_holder = html("div", { class: "chain", "aria-live": "polite" });

  function draw(width: number) {
    const left = room_for(nodes.map(name)) + 4;
    const height = margin.top + row_height * nodes.length + margin.bottom;
    const [from, until] = [steps[0].s, Math.max(steps.at(-1)!.s, steps[0].s + 1e-9)];
    const { unit, factor } = time_scale(until - from);
    const x = d3.scaleLinear([0, (until - from) / factor], [left, width - margin.right]);
    const place = (seconds: number) => x((seconds - from) / factor);
    const row = new Map(nodes.map((node, i) => [node, margin.top + row_height * (i + 0.5)]));
    const drawing = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, class: "space", role: "group", "aria-label": "Space-time diagram. Arrow keys move between events, Enter follows the causes of one." });
    for (const [node, y] of row) {
      drawing.append(svg("line", { class: "world-line", x1: left, x2: width - margin.right, y1: y, y2: y }),
        svg("text", { x: left - 10, y: y + 4, "text-anchor": "end" }, name(node)));
    }
    const bottom = height - margin.bottom + 8;
    for (const tick of x.ticks(Math.floor(width / 100))) {
      drawing.append(svg("line", { x1: x(tick), x2: x(tick), y1: bottom, y2: bottom + 5, stroke: "currentColor" }),
        svg("text", { x: x(tick), y: bottom + 18, "text-anchor": "middle" }, x.tickFormat(Math.floor(width / 100))(tick)));
    }
    drawing.append(svg("text", { x: width - margin.right, y: bottom + 37, "text-anchor": "end", class: "axis-name" }, `time since ${from.toFixed(6)} s (${unit})`));

    drawing.append(svg("defs", {}, arrow_head("space-head"), arrow_head("cause-head")));
    const arrows = svg("g", { class: "arrows" });
    const marked_arrows = svg("g", { class: "arrows marked" });
    const arrow = (step: Step) => {
      if (step.from === undefined || step.sent === undefined || !row.has(step.from)) return undefined;
      const begin = Math.max(left, place(step.sent));
      return svg("path", { d: `M${begin.toFixed(1)},${row.get(step.from)}L${place(step.s).toFixed(1)},${row.get(step.n)}` });
    };
    for (const step of drawn) {
      const path = arrow(step);
      if (path) arrows.append(path);
    }
    const events = svg("g", { class: "events" });
    const dots = new Map<number, SVGElement>();
    drawn.forEach((step, i) => {
      const dot = svg("g", { class: `event ${step.kind}`, tabindex: i ? -1 : 0, role: "button", "data-event": step.e, "aria-label": `${since(step)}: ${words(step)}` },
        shape(step.kind, place(step.s), row.get(step.n)!), svg("title", {}, `${since(step)}: ${words(step)}`));
      dots.set(step.e, dot);
      events.append(dot);
    });
    drawing.append(arrows, marked_arrows, events);

    function follow(step: Step): void {
      const chain = causes_of(step, by_number);
      for (const dot of dots.values()) dot.classList.remove("cause", "chosen");
      for (const { e } of chain) dots.get(e)?.classList.add("cause");
      dots.get(step.e)?.classList.add("chosen");
      drawing.classList.add("following");
      marked_arrows.replaceChildren(...chain.filter(({ n }) => row.has(n)).map(arrow).filter((path) => path !== undefined), ...along_lines(chain, place, row));
      chain_holder.replaceChildren(
        html("p", { class: "note" }, `${plural(chain.length - 1, "cause")} before ${words(step)}, the latest first.${beyond(chain.at(-1)!)}`),
        html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Causes" }, table_of({
          columns: ["event", "time (s)", "node", "what"],
          rows: chain.map((one) => [String(one.e), one.s.toFixed(6), name(one.n), what(one)]),
        })));
    }
    const step_of = (target: EventTarget | null) => by_number.get(Number((target as Element | null)?.closest?.("[data-event]")?.getAttribute("data-event") ?? NaN));
    events.addEventListener("click", (event) => {
      const step = step_of(event.target);
      if (step) follow(step);
    });
    events.addEventListener("keydown", (event) => {
      const step = step_of(event.target);
      if (!step) return;
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        return follow(step);
      }
      const next = neighbour(drawn, step, event.key, nodes);
      if (!next) return;
      event.preventDefault();
      dots.get(step.e)!.setAttribute("tabindex", "-1");
      dots.get(next.e)!.setAttribute("tabindex", "0");
      dots.get(next.e)!.focus();
    });
    return { node: drawing };
  }

  const omitted = [
    thinned_note("events", window.steps_thinned),
    steps.length < all.length ? `Thinned: the ${number_text(steps.length)} events in the middle of ${number_text(all.length)} are drawn.` : undefined,
    busy.size > nodes.length ? `Thinned: the ${nodes.length} busiest of ${number_text(busy.size)} nodes are drawn.` : undefined,
  ];
  return figure({
    title: "Space and time",
    words: `A line for each node, an arrow for each message${window.chosen ? `; ${window.chosen}` : ""}. Circles: what arrived; squares: timers; triangles: starts, crashes and commands; diamonds: what a node reported. A click on an event, or Enter, follows its causes back.`,
    notes: omitted,
    height: margin.top + margin.bottom + row_height * nodes.length,
    wide: true,
    below: chain_holder,
    draw,
    table: () => ({
      columns: ["event", "time (s)", "node", "kind", "what", "from", "sent (s)", "cause"],
      rows: steps.map(({ e, s, n, kind, label, from, sent, cause }) => [String(e), s.toFixed(6), name(n), kind, label, from === undefined ? "" : name(from), sent?.toFixed(6) ?? "", cause === undefined ? "" : String(cause)]),
    }),
  });
}

// The arrow's point ends short of its event.
function arrow_head(id: string): SVGElement {
  return svg("marker", { id, viewBox: "0 0 8 8", refX: 13, refY: 4, markerWidth: 7, markerHeight: 7, markerUnits: "userSpaceOnUse", orient: "auto" },
    svg("path", { d: "M0,1L8,4L0,7Z" }));
}

// If cause and effect are at one node, the chain runs along the node's line.
function along_lines(chain: Step[], place: (seconds: number) => number, row: Map<number, number>): SVGElement[] {
  const paths: SVGElement[] = [];
  chain.forEach((step, i) => {
    const cause = chain[i + 1];
    const at = step.from ?? step.n;
    if (!cause || cause.n !== at || !row.has(at)) return;
    const end = step.from === undefined || step.from === step.n ? step.s : (step.sent ?? step.s);
    paths.push(svg("path", { class: "along", d: `M${place(cause.s).toFixed(1)},${row.get(at)}L${place(end).toFixed(1)},${row.get(at)}` }));
  });
  return paths;
}

// Right and left: next and previous event at this node. Up and down: nearest in time at the next node that has any.
function neighbour(steps: Step[], step: Step, key: string, nodes: number[]): Step | undefined {
  const here = steps.filter(({ n }) => n === step.n);
  const at = here.indexOf(step);
  if (key === "ArrowRight") return here[at + 1];
  if (key === "ArrowLeft") return here[at - 1];
  const way = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (!way) return undefined;
  const node = nodes[nodes.indexOf(step.n) + way];
  const there = steps.filter(({ n }) => n === node);
  return d3.least(there, (other) => Math.abs(other.s - step.s));
}
