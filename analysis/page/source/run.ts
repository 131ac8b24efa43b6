// One run: what was run, its results, and its figures.

import { Clock, scrubber } from "./clock";
import { distributions_part, messages_part } from "./distributions";
import type { Run } from "./document";
import { html, type Child } from "./elements";
import { history_part } from "./history";
import { kademlia_part } from "./kademlia";
import { groups_figure, lives_part } from "./lives";
import { network_part } from "./network";
import { ring_part } from "./ring";
import { space_time_figure } from "./space_time";
import { stories_part } from "./stories";
import { swarm_part } from "./swarm";
import { swim_part } from "./swim";
import { table_of } from "./table";
import { end_of_movement, great_marks, timeline_part } from "./timeline";
import { number_text, plural, quantity_text, seconds_text } from "./units";

function verdict(run: Run): HTMLElement {
  const expectations = run.expectations ?? [];
  const unmet = expectations.filter(({ held }) => !held).length;
  const violations = run.violations?.count ?? 0;
  const good = run.good ?? (unmet === 0 && violations === 0);
  const parts = [
    expectations.length === 0 ? "No expectations"
      : unmet ? `${number_text(unmet)} of ${plural(expectations.length, "expectation")} failed`
      : expectations.length === 1 ? "The expectation passed" : `All ${number_text(expectations.length)} expectations passed`,
    violations ? plural(violations, "violation") : "no violations",
    ...(run.interrupted ? ["it was interrupted"] : []),
  ];
  return html("p", { class: `verdict ${good ? "held" : "unmet"}` }, `${parts.join(", ")}.`);
}

function facts(run: Run): HTMLElement {
  const list = html("dl", { class: "facts" });
  const fact = (name: string, value: Child) => {
    if (value) list.append(html("dt", {}, name), html("dd", {}, value));
  };
  const code = (text: string | undefined) => text && html("code", {}, text);
  fact("Seed", run.seed === undefined ? "" : String(run.seed));
  fact("Digest", code(run.digest));
  fact("Played", run.on === "sockets" ? "over real sockets" : run.on && "in the simulation");
  const times = [
    run.simulated_seconds !== undefined && `${seconds_text(run.simulated_seconds)} of simulated time`,
    run.real_seconds !== undefined && `${seconds_text(run.real_seconds)} of real time`,
  ].filter(Boolean);
  fact("Took", times.join(", in "));
  fact("Size", [run.nodes && plural(run.nodes.length, "node"), run.events !== undefined && plural(run.events, "event")].filter(Boolean).join(", "));
  fact("Folder", code(run.folder));
  fact("Command", code(run.command));
  fact("Replay", code(run.replay));
  return list;
}

function judgement(run: Run): Child[] {
  const parts: Child[] = [];
  if (run.expectations?.length) {
    const table = table_of({
      columns: ["", "expectation", "was"],
      rows: run.expectations.map(({ expectation, held, actual }) => [held ? "✓ passed" : "✗ failed", expectation, String(actual).replace(/^was /, "")]),
    });
    table.classList.add("expectations");
    parts.push(table);
  }
  if (run.violations?.first.length) {
    const { first, last } = run.violations;
    const rows = first.map(({ seconds, property, count, what }, i) => [property, count ?? "", seconds, what, last?.[i]?.seconds ?? "", last?.[i]?.what ?? ""]);
    parts.push(html("p", {}, "Violations, the first and the last of each property:"),
      html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Violations" },
        table_of({ columns: ["property", "times", "first (s)", "what", "last (s)", "what"], rows })));
  }
  if (run.outgrown) parts.push(html("p", {}, run.outgrown));
  for (const remark of run.remarks ?? []) parts.push(html("p", {}, remark));
  return parts;
}

function all_metrics(run: Run): Child {
  const metrics = Object.entries(run.metrics ?? {});
  if (!metrics.length) return null;
  const better: Record<string, string> = { less: "lower is better", more: "higher is better" };
  const details = html("details", { class: "more" }, html("summary", {}, `All ${plural(metrics.length, "metric")} of the run`));
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) {
      details.append(html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Metrics" }, table_of({
        columns: ["metric", "value", ""],
        rows: metrics.map(([name, [value, unit, which]]) => [name, quantity_text(value, unit), better[which] ?? ""]),
      })));
    }
  });
  return details;
}

// A part of a run: its heading and contents; nothing if there are no contents.
export type Heading = (title: string, ...children: Child[]) => void;

export function run_section(run: Run, section: HTMLElement, heading: Heading): void {
  const last_mark = Math.max(0, ...(run.marks ?? []).map(({ seconds }) => seconds));
  const until = run.simulated_seconds || run.real_seconds || last_mark || 1;
  const clock = new Clock(until, end_of_movement(run, until));
  if (run.description) section.append(html("p", { class: "lead" }, run.description));
  section.append(verdict(run), facts(run));
  heading("The scenario",
    run.words?.length ? html("ul", { class: "words" }, ...run.words.map((words) => html("li", {}, words))) : null,
    run.scenario_yaml ? html("details", {}, html("summary", {}, "As YAML"), html("pre", { tabindex: 0 }, run.scenario_yaml)) : null);
  heading("The verdict", ...judgement(run), all_metrics(run));
  heading("Why was this one slow?", ...stories_part(run));
  section.append(scrubber(clock, great_marks(run)));
  heading("Metrics by time", ...timeline_part(run, clock));
  heading("Churn", lives_part(run, clock), groups_figure(run, clock));
  heading("The ring", ...ring_part(run, clock));
  heading("The buckets", ...kademlia_part(run, clock));
  heading("The group", ...swim_part(run, clock));
  heading("Histories", ...history_part(run));
  heading("The swarm", ...swarm_part(run, clock));
  heading("The network", ...network_part(run, clock));
  heading("Distributions", ...distributions_part(run));
  heading("Messages", ...messages_part(run));
  heading("Events and their causes", space_time_figure(run));
}
