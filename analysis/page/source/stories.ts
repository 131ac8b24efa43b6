// Why the slowest operations were slow: the parts of their time, next to those of the fastest.

import type { Run, Story } from "./document";
import { html, svg, type Child } from "./elements";
import { figure, thinned_note } from "./figure";
import { table_of } from "./table";
import { number_text, quantity_text, seconds_text } from "./units";

const row_height = 40;
const bar_height = 9;
const most_parts = 40;
const most_sources = 8; // with a bar of their own
const character = 6.4; // width of one, approximately

interface Row { what: string; why: string; times: number[]; begins: number[] }

const took = (story: Story) => story.until - story.from;
const time_text = (seconds: number) => quantity_text(seconds * 1e9, "ns");

function name_of(run: Run, node: number): string {
  return run.nodes?.[node] ?? `node ${node}`;
}

// Each part begins where the one before it ends, so that all of them add up.
function rows_of(stories: Story[]): Row[] {
  const rows = new Map<string, Row>();
  stories.forEach((story, side) => {
    let begin = 0;
    story.parts.forEach((part, i) => {
      const key = story.sources ? part.what : `${side} ${i}`;
      const row = rows.get(key) ?? { what: part.what, why: part.why ?? "", times: stories.map(() => 0), begins: stories.map(() => 0) };
      row.times[side] += part.time;
      row.begins[side] = begin;
      begin += part.time;
      rows.set(key, row);
    });
  });
  return [...rows.values()];
}

// Sources that took little of the time share a row, which stands where the largest of them would.
function with_few_sources(rows: Row[]): Row[] {
  const sources = rows.filter(({ what }) => what.startsWith("transferring from "));
  if (sources.length <= most_sources + 1) return rows;
  const minor = new Set([...sources].sort((a, b) => Math.max(...b.times) - Math.max(...a.times)).slice(most_sources));
  const times = rows[0].times.map((_, side) => [...minor].reduce((sum, row) => sum + row.times[side], 0));
  const together: Row = { what: `transferring from ${minor.size} others`, why: "", times, begins: [] };
  const [first] = minor;
  const kept = rows.flatMap((row) => (row === first ? [together] : minor.has(row) ? [] : [row]));
  const begins = together.times.map(() => 0);
  for (const row of kept) {
    row.begins = [...begins];
    row.times.forEach((time, side) => (begins[side] += time));
  }
  return kept;
}

const fitting = (text: string, room: number) => (text.length * character <= room ? text : `${text.slice(0, Math.max(3, Math.floor(room / character) - 1))}…`);

function waterfall(rows: Row[], stories: Story[], width: number): SVGElement {
  const whole = Math.max(...stories.map(took), 1e-9);
  const height = rows.length * row_height + 4;
  const drawing = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, class: "waterfall", role: "img", "aria-label": "The parts of the time" });
  rows.forEach((row, i) => {
    const top = i * row_height;
    const longest = Math.max(...row.times);
    const value = row.times.map((time) => (time > 0 ? time_text(time) : "–")).join(" / ");
    const room = width - value.length * character - 24;
    const words = svg("text", { x: 0, y: top + 12 }, fitting(row.what, room));
    const left = room - row.what.length * character - 14;
    if (row.why && left > 90) words.append(svg("tspan", { class: "why", dx: 8 }, fitting(row.why, left)));
    drawing.append(words, svg("text", { x: width, y: top + 12, "text-anchor": "end", class: longest > 0.25 * whole ? "strong" : undefined }, value));
    row.times.forEach((time, side) => {
      const y = top + 17 + side * (bar_height + 1);
      drawing.append(svg("rect", { x: 0, y, width, height: bar_height, class: "track-of-part" }));
      if (time > 0) drawing.append(svg("rect", { x: (row.begins[side] / whole) * width, y, width: Math.max(1, (time / whole) * width), height: bar_height, class: side ? "part other" : "part" }));
    });
  });
  return drawing;
}

const to_milliseconds = (seconds: number) => Math.round(1000 * seconds) / 1000;

function sources_table(run: Run, story: Story): Child[] {
  if (!story.sources?.length) return [];
  const use = story.utilisation === undefined ? "" : `; its down-link was in use for ${number_text(100 * story.utilisation)}% of the time, and dropped ${number_text(story.queue_drops ?? 0)} packets`;
  return [
    html("p", { class: "note" }, `Sources of ${name_of(run, story.node)}${use}:`),
    html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `Sources of ${name_of(run, story.node)}` }, table_of({
      columns: ["source", "site", "round trip (ms)", "bytes (MB)", "time (s)", "choked (s)", "up-link in use (%)", "dropped there", "lost behind it"],
      rows: story.sources.map((one) => [name_of(run, one.node), one.site ?? "", one.round_trip === undefined ? null : 1000 * one.round_trip, one.bytes / 1e6, to_milliseconds(one.time), to_milliseconds(one.choked),
        one.utilisation === undefined ? null : 100 * one.utilisation, one.queue_drops, one.lost]),
    })),
  ];
}

function title_of(run: Run, story: Story): string {
  return `${name_of(run, story.node)}${story.site ? ` (${story.site})` : ""}, from ${seconds_text(story.from)}, ${seconds_text(took(story))}${story.success ? "" : ", failed"}`;
}

// A chain of messages has steps of its own; only the totals of two chains can be compared.
function story_figure(run: Run, slowest: Story, fastest: Story | undefined): HTMLElement {
  const together = slowest.sources && fastest ? [slowest, fastest] : [slowest];
  const all = rows_of(together);
  const rows = with_few_sources(all.map((row) => ({ ...row }))).slice(0, most_parts);
  const beside = fastest ? ` ${together.length > 1 ? "Lower bars" : "For comparison"}: the fastest, ${title_of(run, fastest)}.` : "";
  return figure({
    title: `The slowest ${slowest.kind}`,
    words: `${title_of(run, slowest)}.${beside} Each bar begins where the one above it ends.${slowest.hashing ? ` Hashing and the disk took ${time_text(slowest.hashing)} in all, most of it meanwhile.` : ""}`,
    notes: [rows.length === most_parts && all.length > rows.length ? thinned_note("parts", { kept: rows.length, of: all.length, how: "the first ones" }) : undefined],
    height: rows.length * row_height,
    wide: true,
    draw: (width) => ({ node: waterfall(rows, together, width) }),
    below: html("div", {}, ...together.flatMap((story) => sources_table(run, story))),
    table: () => ({
      columns: ["part", ...together.map((story) => `${name_of(run, story.node)} (s)`), "why"],
      rows: all.map(({ what, why, times }) => [what, ...times, why]),
    }),
  });
}

export function stories_part(run: Run): HTMLElement[] {
  return (run.stories ?? []).map(({ slowest, fastest }) => story_figure(run, slowest, fastest));
}
