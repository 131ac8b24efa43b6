// Histories of what nodes put and got: how consistent they were, and the time diagram of the worst key: a row for each
// client, a bar from the begin to the end of each operation.

import * as d3 from "d3";
import type { HistoryOperation, Run } from "./document";
import { html, svg, type Child } from "./elements";
import { figure, thinned_note } from "./figure";
import { room_for } from "./raster";
import { table_of } from "./table";
import { number_text, plural } from "./units";

const lane_height = 34;
const bar_height = 11;
const margin = { right: 30, top: 6, bottom: 52 };
const room_of_label = (text: string) => 7 * text.length + 6;

function label_of({ kind, value, nothing, until }: HistoryOperation): string {
  if (kind === "remove") return "remove";
  if (kind === "put") return `put ${value}`;
  if (until === undefined) return "get";
  return nothing || !value ? "get nothing" : `get ${value}`;
}

interface Bar { operation: HistoryOperation; left: number; right: number; row: number; lane: number }

// Each instant at which an operation begins or ends has its own place, so that short operations far from each other can
// be seen side by side. Operations of one client that overlap lie below each other.
function layout(operations: HistoryOperation[], clients: string[], left: number, right: number) {
  const instants = [...new Set(operations.flatMap(({ from, until }) => (until === undefined ? [from] : [from, until])))].sort((a, b) => a - b);
  const place = d3.scalePoint(instants, [left, right]).padding(1);
  const lanes: number[][] = clients.map(() => []);
  const bars = operations.map((operation): Bar => {
    const row = clients.indexOf(operation.node);
    const begin = place(operation.from)!;
    const end = operation.until === undefined ? right + margin.right / 2 : Math.max(place(operation.until)!, begin + 2);
    const free = lanes[row].findIndex((taken) => taken <= begin);
    const lane = free < 0 ? lanes[row].length : free;
    lanes[row][lane] = Math.max(end, begin + room_of_label(label_of(operation)));
    return { operation, left: begin, right: end, row, lane };
  });
  const tops: number[] = [];
  let bottom = margin.top;
  for (const each of lanes) {
    tops.push(bottom);
    bottom += lane_height * each.length + 6;
  }
  return { instants, place, bars, lanes, tops, bottom };
}

function diagram(run: Run): HTMLElement | undefined {
  const worst = run.history?.worst;
  if (!worst?.operations.length) return undefined;
  const { operations, precedences = [] } = worst;
  const clients = [...new Set(operations.map(({ node }) => node))];
  const seconds = (time: number | undefined) => (time === undefined ? "never" : time.toFixed(3));
  const words = (operation: HistoryOperation) => `${label_of(operation)} by ${operation.node}, ${seconds(operation.from)} s to ${operation.until === undefined ? "no answer" : `${seconds(operation.until)} s`}`;
  const anchors = precedences.flatMap(([earlier, later]) => [operations[earlier].until!, operations[later].from]);

  function draw(width: number) {
    const left = room_for(clients) + 4;
    const { instants, place, bars, lanes, tops, bottom } = layout(operations, clients, left, width - margin.right);
    const height = bottom + margin.bottom;
    const drawing = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, class: "history", role: "img", "aria-label": `Time diagram of key ${worst!.key}. ${worst!.why ?? ""}` });
    drawing.append(svg("defs", {}, svg("marker", { id: "history-head", viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 8, markerHeight: 8, markerUnits: "userSpaceOnUse", orient: "auto" }, svg("path", { d: "M0,1L8,4L0,7Z" }))));
    clients.forEach((client, i) => {
      drawing.append(svg("text", { x: left - 10, y: tops[i] + (lane_height * lanes[i].length) / 2 + 4, "text-anchor": "end" }, client));
      if (i > 0) drawing.append(svg("line", { class: "between", x1: 0, x2: width, y1: tops[i] - 3, y2: tops[i] - 3 }));
    });
    for (const time of anchors) drawing.append(svg("line", { class: "instant", x1: place(time)!, x2: place(time)!, y1: margin.top, y2: bottom }));
    const top_of = ({ row, lane }: Bar) => tops[row] + lane_height * (lane + 1) - bar_height - 6;
    for (const bar of bars) {
      const { operation } = bar;
      const classes = ["bar", operation.kind === "get" ? "get" : "put", operation.marked && "marked", operation.until === undefined && "open"].filter(Boolean).join(" ");
      drawing.append(svg("g", { class: classes },
        svg("rect", { x: bar.left, y: top_of(bar), width: bar.right - bar.left, height: bar_height }),
        svg("text", { x: bar.left, y: top_of(bar) - 4 }, label_of(operation)),
        svg("title", {}, words(operation))));
    }
    for (const [earlier, later] of precedences) {
      const [one, other] = [bars[earlier], bars[later]];
      drawing.append(svg("path", { class: "precedes", d: `M${one.right},${top_of(one) + bar_height / 2}L${other.left},${top_of(other) + bar_height / 2}` }));
    }
    drawing.append(svg("line", { x1: left, x2: width - margin.right / 2, y1: bottom, y2: bottom, stroke: "currentColor" }));
    const labelled: number[] = [];
    for (const time of [...anchors, ...instants]) {
      const x = place(time)!;
      if (labelled.some((other) => Math.abs(other - x) < 62)) continue;
      labelled.push(x);
      drawing.append(svg("line", { x1: x, x2: x, y1: bottom, y2: bottom + 5, stroke: "currentColor" }), svg("text", { x, y: bottom + 18, "text-anchor": "middle" }, seconds(time)));
    }
    drawing.append(svg("text", { x: width - margin.right / 2, y: bottom + 38, "text-anchor": "end", class: "axis-name" }, "begins and ends in their order; time (s)"));
    return { node: drawing };
  }

  return figure({
    title: `Key ${worst.key}: ${worst.level === "none" ? "no level" : worst.level}`,
    words: `${worst.why ? `${worst.why[0].toUpperCase()}${worst.why.slice(1)}. ` : ""}A row for each client, a bar for each put (blue) and get (green); values are numbered by their puts.${precedences.length ? " Each arrow: the one ended before the other began." : ""}`,
    notes: [thinned_note("operations", worst.operations_thinned)],
    height: layout(operations, clients, 100, 800).bottom + margin.bottom,
    wide: true,
    draw,
    table: () => ({
      columns: ["operation", "client", "from (s)", "to (s)", "contradicts"],
      rows: operations.map((operation) => [label_of(operation), operation.node, seconds(operation.from), seconds(operation.until), operation.marked ? "yes" : ""]),
    }),
  });
}

export function history_part(run: Run): Child[] {
  const history = run.history;
  if (!history) return [];
  const levels = (["atomic", "regular", "monotonic", "none"] as const).filter((level) => history[level] > 0);
  return [
    html("p", {}, `${plural(history.keys, "key")} were got, ${plural(history.gets, "time")} in all. The strongest level at which each key's history is consistent:`),
    table_of({ columns: ["level", "keys"], rows: levels.map((level) => [level, number_text(history[level])]) }),
    diagram(run) ?? null,
  ];
}
