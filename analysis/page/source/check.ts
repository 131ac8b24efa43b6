// A check: what came of it, and its states, through which the reader walks.

import { next_members, ring_drawing, status_words } from "./check_ring";
import type { Check, CheckStep, ShownNode } from "./document";
import { html, type Child } from "./elements";
import type { Heading } from "./run";
import { table_of } from "./table";
import { plural, number_text } from "./units";
import { Walk } from "./walk";

function nodes_in(check: Check, state: number): ShownNode[] {
  return check.states[state][2].map((place) => check.shown[place]);
}

// The nodes that a step changed.
function changed_nodes(walk: Walk): Set<number> {
  const { check, before } = walk;
  if (before === undefined) return new Set();
  const [now, old] = [check.states[walk.state][2], check.states[before][2]];
  return new Set(now.flatMap((place, node) => (place === old[node] ? [] : [node])));
}

// Promises that a state breaks; what is only to come to hold is no fault of a state on the way.
function broken_in(check: Check, state: number): string[] {
  return check.states[state][4].filter(([property]) => check.properties[property].always).map(([property]) => check.properties[property].name);
}

function properties_list(check: Check, state: number): HTMLElement {
  const flaws = new Map(check.states[state][4]);
  return html("ul", { class: "properties" }, ...check.properties.map(({ name, always }, i) => {
    const flaw = flaws.get(i);
    const kind = flaw === undefined ? "held" : always || state === check.refuted ? "unmet" : "pending";
    return html("li", { class: kind }, name, flaw === undefined ? "" : html("span", { class: "note" }, `: ${check.texts[flaw]}${kind === "pending" ? ", not yet" : ""}`));
  }));
}

function where_to(check: Check, from: number, [, target]: CheckStep): { words: string; kind: string } {
  if (target < 0) return { words: "not on this page", kind: "beyond" };
  if (target === from) return { words: "changes nothing", kind: "idle" };
  const broken = broken_in(check, target);
  const fails = broken.length ? `: ${broken.join(", ")} fails` : target === check.refuted ? ": the refutation ends here" : "";
  return { words: `state ${number_text(target)}${fails}`, kind: fails ? "fails" : "" };
}

function steps_list(walk: Walk): HTMLElement {
  const { check, state } = walk;
  const steps = check.states[state][5];
  const list = html("ol", { class: "actions" });
  for (const step of steps) {
    const { words, kind } = where_to(check, state, step);
    const take = (event: MouseEvent) => {
      walk.take(step);
      // A keyboard goes on where the next actions are.
      if (event.detail === 0) (document.querySelector(".actions button:not(:disabled)") as HTMLElement | null)?.focus();
    };
    list.append(html("li", { class: kind || undefined }, html("button", { type: "button", disabled: step[1] < 0, click: take }, check.texts[step[0]]), ` ${words}`,
      step[2] ? html("div", { class: "note" }, check.texts[step[2]]) : null));
  }
  return steps.length ? list : html("p", {}, "Nothing more can happen.");
}

function way_list(walk: Walk): HTMLElement {
  const { check } = walk;
  return html("ol", { class: "way", start: 0 }, ...walk.way.map(({ state, step }, i) =>
    html("li", { class: i === walk.at ? "here" : i > walk.at ? "taken-back" : undefined },
      html("button", { type: "button", "aria-current": i === walk.at ? "step" : undefined, click: () => walk.go(i) }, step ? check.texts[step[0]] : "the beginning"),
      ` state ${number_text(state)}${broken_in(check, state).length ? ": a promise is broken" : ""}`)));
}

function nodes_table(check: Check, state: number): HTMLElement {
  const nodes = nodes_in(check, state);
  const name = (node: number | undefined) => (node === undefined ? "none" : check.nodes[node]);
  if (!check.circle) {
    return table_of({ columns: ["node", "", "what it keeps"], rows: nodes.map((node, i) => [check.nodes[i], status_words(node), node.text ?? ""]) });
  }
  const next = next_members(check, nodes);
  return table_of({
    columns: ["node", "key", "", "successors", "predecessor", "next member"],
    rows: nodes.map((node, i) => {
      const runs = node.status === "running";
      return [check.nodes[i], check.circle![i].key, status_words(node), runs ? (node.s ?? []).map(name).join(", ") || "none" : "", runs ? name(node.p) : "", next.has(i) ? name(next.get(i)) : ""];
    }),
  });
}

const legend = "Filled: members; hollow: nodes that run and have not joined; dotted: nodes that are down. Outer arcs: successors, the first solid, and red if it is not the next member; across: predecessors. Pointers to nodes that are down are dotted. Circled: what the last step changed.";

// Redrawn at each step, and when its width changes.
function picture(walk: Walk): Child[] {
  if (!walk.check.circle) return [];
  const canvas = html("div", { class: "picture" });
  let drawn_width = 0;
  const draw = () => {
    drawn_width = Math.floor(canvas.clientWidth);
    const width = Math.max(drawn_width, 260);
    canvas.replaceChildren(ring_drawing(walk.check, nodes_in(walk.check, walk.state), changed_nodes(walk), width));
  };
  walk.follow(draw);
  new ResizeObserver(() => Math.floor(canvas.clientWidth) === drawn_width || draw()).observe(canvas);
  return [html("div", { class: "beside" }, canvas, html("p", { class: "note" }, legend))];
}

function explorer(check: Check): HTMLElement {
  const walk = new Walk(check);
  const button = (words: string, click: () => void) => html("button", { type: "button", click }, words);
  const begin = button("Beginning", () => walk.go(0));
  const back = button("◄ Back", () => walk.go(walk.at - 1));
  const forward = button("Forward ►", () => walk.go(walk.at + 1));
  const refuted = check.refuted;
  const number = html("input", { type: "number", min: 0, max: check.states.length - 1, "aria-label": "Number of a state" });
  number.addEventListener("change", () => number.validity.valid && number.value !== "" && walk.jump(Number(number.value)));
  const where = html("p", { class: "where", "aria-live": "polite" });
  const holders = { properties: html("div"), under_way: html("div"), steps: html("div"), way: html("div"), nodes: html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Nodes in this state" }) };
  walk.follow(() => {
    const [, depth, , under_way] = check.states[walk.state];
    where.textContent = `State ${number_text(walk.state)}, ${depth ? `${plural(depth, "step")} from the beginning` : "the beginning"}`;
    begin.disabled = back.disabled = walk.at === 0;
    forward.disabled = walk.at === walk.way.length - 1;
    number.value = String(walk.state);
    holders.properties.replaceChildren(properties_list(check, walk.state));
    holders.under_way.replaceChildren(under_way.length ? html("p", { class: "note" }, `Under way: ${under_way.map((text) => check.texts[text]).join("; ")}`) : "");
    holders.steps.replaceChildren(steps_list(walk));
    holders.way.replaceChildren(way_list(walk));
    holders.nodes.replaceChildren(nodes_table(check, walk.state));
  });
  const whole = html("div", { class: "explorer" },
    html("div", { class: "choices" }, begin, back, forward, refuted !== undefined && button("To the refutation", () => walk.jump(refuted)), html("label", {}, "State ", number)),
    where,
    html("div", { class: "stage" }, ...picture(walk),
      html("div", {}, holders.properties, holders.under_way, html("h4", {}, "What may happen next"), holders.steps, html("h4", {}, "The way here"), holders.way)),
    holders.nodes);
  whole.addEventListener("keydown", (event) => {
    if (event.target instanceof HTMLInputElement || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowLeft") walk.go(walk.at - 1);
    else if (event.key === "ArrowRight") walk.go(walk.at + 1);
  });
  return whole;
}

function copy_button(text: string): HTMLElement {
  const button = html("button", { type: "button" }, "Copy");
  button.addEventListener("click", () => {
    navigator.clipboard?.writeText(text).then(() => (button.textContent = "Copied"), () => (button.textContent = "Select it below"));
  });
  return button;
}

export function check_section(check: Check, section: HTMLElement, heading: Heading): void {
  if (check.description) section.append(html("p", { class: "lead" }, check.description));
  const kind = check.verdict === "proved" ? "held" : check.verdict === "refuted" ? "unmet" : "";
  section.append(html("p", { class: `verdict ${kind}` }, `${check.verdict[0].toUpperCase()}${check.verdict.slice(1)}${check.reason ? `. ${check.reason}` : ""}.`));
  const list = html("dl", { class: "facts" });
  const fact = (name: string, value: Child) => {
    if (value) list.append(html("dt", {}, name), html("dd", {}, value));
  };
  fact("Checked", check.subject);
  fact("Assumed", check.assumptions?.join(", "));
  fact("Command", check.command && html("code", {}, check.command));
  section.append(list);
  const always = check.properties.filter((one) => one.always).map(({ name }) => name);
  const later = check.properties.filter((one) => !one.always).map(({ name }) => name);
  heading("The scenario", html("ul", { class: "words" }, always.length ? html("li", {}, `in every state: ${always.join("; ")}`) : null, later.length ? html("li", {}, `comes to hold when nothing but maintenance happens: ${later.join("; ")}`) : null),
    check.scenario_yaml && html("details", {}, html("summary", {}, "As YAML"), html("pre", { tabindex: 0 }, check.scenario_yaml)));
  const cut = check.cut ? `Thinned: the nearest ${plural(check.states.length, "state")} of ${check.all_states > check.states.length ? number_text(check.all_states) : "more"} are shown${check.refuted === undefined ? "" : ", and those on the way to the refutation"}.` : `All ${plural(check.states.length, "state")} are shown.`;
  heading("The states", html("p", { class: "note" }, `${cut} A click takes an action; ← and → go back and forward.`), explorer(check));
  heading("As a scenario", check.counterexample && html("p", {}, "In an ordinary run the refutation comes about like this. ", copy_button(check.counterexample)), check.counterexample && html("pre", { tabindex: 0 }, check.counterexample));
}
