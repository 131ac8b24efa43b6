// The figures of a run of Kademlia: how well each node's buckets are filled, and whom they still hold.

import type { Clock } from "./clock";
import type { KademliaFrame, Run } from "./document";
import { html } from "./elements";
import { figure, thinned_note } from "./figure";
import { colour_scale, paint_cells, type Cells } from "./heat";
import { raster, room_for, row_labels } from "./raster";
import { number_text, plural, seconds_text } from "./units";

type Bucket = [live: number, dead: number, room: number];

interface Heat {
  title: string;
  words: string;
  scale: string;
  share: (bucket: Bucket) => number; // NaN: nothing to show
}

const heats: Heat[] = [
  {
    title: "How full buckets are, by node and distance",
    words: "Colour: live contacts, as a share of those that the bucket could hold: the members in its range, or as many as fit. Blank: no member is there, or the node is down.",
    scale: "live contacts (share)",
    share: ([live, , room]) => (room ? live / room : NaN),
  },
  {
    title: "Dead contacts, by node and distance",
    words: "Colour: the share of the bucket's contacts that are no members any more. Blank: it has no contacts, or the node is down.",
    scale: "dead contacts (share)",
    share: ([live, dead]) => (live + dead ? dead / (live + dead) : NaN),
  },
];

function frame_at(frames: KademliaFrame[], seconds: number): KademliaFrame | undefined {
  return frames.findLast((frame) => frame.seconds <= seconds + 1e-9) ?? frames[0];
}

function heat_figure(run: Run, clock: Clock, heat: Heat): HTMLElement {
  const { ids, id_text, frames = [], frames_thinned } = run.kademlia!;
  const nodes = ids.map((_, node) => node).filter((node) => ids[node] !== null).sort((a, b) => ids[a]! - ids[b]!);
  const row = new Map(nodes.map((node, i) => [node, i]));
  const columns = Math.max(1, ...frames.flatMap((frame) => frame.nodes.map(({ b }) => b.length)));
  const each = Math.max(1.5, Math.min(16, 480 / nodes.length));
  const height = Math.ceil(each * nodes.length);
  const name = (node: number) => run.nodes?.[node] ?? `node ${node}`;
  const cells_of = (frame: KademliaFrame | undefined): Cells => {
    const cells: Cells = { columns, rows: nodes.length, values: new Float64Array(columns * nodes.length).fill(NaN) };
    for (const { n, b } of frame?.nodes ?? []) b.forEach((bucket, i) => (cells.values[row.get(n)! * columns + i] = heat.share(bucket)));
    return cells;
  };
  return figure({
    title: heat.title,
    words: `A row for each node, by its identifier; a column for each number of first bits that a contact shares with it. ${heat.words}`,
    notes: [thinned_note("moments", frames_thinned)],
    height: height + 70,
    controls: colour_scale(1, heat.scale),
    draw: (width) => raster({
      width, height, left: room_for(nodes.map(name)),
      x: { domain: [0, columns], label: "first bits shared (number)", ticks: Math.min(columns, Math.floor(width / 60)), whole: true },
      rows: row_labels(nodes.map(name), each),
      row_label: "node",
      repaint_with_time: true,
      paint: (context, place, seconds) =>
        paint_cells(context, cells_of(frame_at(frames, seconds)), { x: place(0), y: 0, width: place(columns) - place(0), height: each * nodes.length }, 1),
      hover: (x, y) => {
        const node = nodes[Math.floor(y / each)];
        if (node === undefined) return "";
        const frame = frame_at(frames, clock.now);
        const bucket = frame?.nodes.find(({ n }) => n === node)?.b[Math.floor(x)];
        const what = bucket ? `${plural(bucket[0], "live contact")} of ${number_text(bucket[2])} that it could hold, ${number_text(bucket[1])} dead` : "none";
        return `${name(node)} (${(id_text?.[node] ?? "").slice(0, 8)}…), ${plural(Math.floor(x), "bit")} shared, at ${seconds_text(frame?.seconds ?? 0)}: ${what}`;
      },
    }),
    table: () => {
      const frame = frame_at(frames, clock.now);
      return {
        columns: ["node", "identifier", `first bits shared, at ${seconds_text(frame?.seconds ?? 0)}`, "live contacts", "dead contacts", "live ones that it could hold"],
        rows: (frame?.nodes ?? []).flatMap(({ n, b }) => b.map(([live, dead, room], i) => [name(n), id_text?.[n] ?? "", i, live, dead, room])),
      };
    },
  }, clock);
}

export function kademlia_part(run: Run, clock: Clock): (HTMLElement | undefined)[] {
  if (!run.kademlia?.frames?.some(({ nodes }) => nodes.length)) return [];
  return [html("div", { class: "pair" }, ...heats.map((heat) => heat_figure(run, clock, heat)))];
}
