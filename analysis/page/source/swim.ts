// The figure of a run of SWIM: which member is wrong about whom.

import type { Clock } from "./clock";
import type { Run, SwimFrame } from "./document";
import { html, svg } from "./elements";
import { figure, thinned_note } from "./figure";
import { raster, room_for, row_labels } from "./raster";
import { colour } from "./theme";
import { plural, seconds_text } from "./units";

const kinds = ["does not list it", "suspects it", "takes it for dead", "lists it although it is down"];
const colours = ["blue", "orange", "vermillion", "green"];

function frame_at(frames: SwimFrame[], seconds: number): SwimFrame | undefined {
  return frames.findLast((frame) => frame.seconds <= seconds + 1e-9) ?? frames[0];
}

function legend(): HTMLElement {
  return html("div", { class: "choices" }, ...kinds.map((kind, i) =>
    html("span", { class: "key-entry" }, svg("svg", { width: 14, height: 12 }, svg("rect", { width: 12, height: 12, fill: `var(--${colours[i]})` })), kind)));
}

function errors_figure(run: Run, clock: Clock): HTMLElement {
  const frames = run.swim!.frames;
  const count = Math.max(1, ...frames.flatMap(({ members, wrong }) => [...members, ...wrong.map(([, about]) => about)].map((node) => node + 1)));
  const each = Math.max(1.5, Math.min(16, 480 / count));
  const height = Math.ceil(each * count);
  const name = (node: number) => run.nodes?.[node] ?? `node ${node}`;
  const names = Array.from({ length: count }, (_, node) => name(node));
  return figure({
    title: "Who is wrong about whom",
    words: "A row for each node, with what it believes; a column for each node that it is wrong about. Members that are right about all have no marks, and nodes that are down are grey.",
    notes: [thinned_note("moments", run.swim!.frames_thinned), ...new Set(frames.map(({ wrong_thinned }) => thinned_note("errors of a moment", wrong_thinned)))],
    height: height + 70,
    controls: legend(),
    draw: (width) => raster({
      width, height, left: room_for(names),
      x: { domain: [0, count], label: "node (number)", ticks: Math.min(count, Math.floor(width / 60)), whole: true },
      rows: row_labels(names, each),
      row_label: "node",
      repaint_with_time: true,
      paint: (context, place, seconds) => {
        const frame = frame_at(frames, seconds);
        const members = new Set(frame?.members);
        context.fillStyle = colour("panel");
        context.fillRect(place(0), 0, place(count) - place(0), each * count);
        context.fillStyle = colour("line");
        for (let node = 0; node < count; ++node) if (!members.has(node)) context.fillRect(place(0), node * each, place(count) - place(0), each);
        for (const [member, about, kind] of frame?.wrong ?? []) {
          context.fillStyle = colour(colours[kind]);
          context.fillRect(place(about), member * each, Math.max(1, place(1) - place(0)), Math.max(1, each));
        }
      },
      hover: (x, y) => {
        const [member, about] = [Math.floor(y / each), Math.floor(x)];
        const frame = frame_at(frames, clock.now);
        const error = frame?.wrong.find(([one, other]) => one === member && other === about);
        const what = !frame?.members.includes(member) ? "is no member" : error ? `${kinds[error[2]]}: ${name(about)}` : `is right about ${name(about)}`;
        return `${name(member)} ${what}, at ${seconds_text(frame?.seconds ?? 0)}`;
      },
    }),
    table: () => {
      const frame = frame_at(frames, clock.now);
      return {
        columns: ["member", `is wrong, at ${seconds_text(frame?.seconds ?? 0)}, about`, "how"],
        rows: frame?.wrong.length ? frame.wrong.map(([member, about, kind]) => [name(member), name(about), kinds[kind]])
          : [[plural(frame?.members.length ?? 0, "member"), "nobody", ""]],
      };
    },
  }, clock);
}

export function swim_part(run: Run, clock: Clock): (HTMLElement | undefined)[] {
  return run.swim?.frames.some(({ members }) => members.length) ? [errors_figure(run, clock)] : [];
}
