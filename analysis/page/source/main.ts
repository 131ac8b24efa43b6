// Builds the page from its embedded document.

import { runs_compared, shared_distributions, sweeps_as_one } from "./comparison";
import { check_section } from "./check";
import type { ReportDocument } from "./document";
import { anchor, breakable, html, type Child } from "./elements";
import { draw_everything } from "./figure";
import { run_section } from "./run";
import { sweep_section } from "./sweep";
import { theme_button, theme_changed } from "./theme";
import { plural } from "./units";

const report = document.getElementById("report")!;
const contents = html("ul");

// An entry of the table of contents, with a list for the parts of the section.
function link(title: string, target: Element, list: HTMLElement): HTMLElement {
  target.id = anchor(title);
  const parts = html("ul");
  list.append(html("li", {}, html("a", { href: `#${target.id}` }, title), parts));
  return parts;
}

// A section with its heading, and a function that adds parts to it.
function open_section(title: string): { section: HTMLElement; heading: (title: string, ...children: Child[]) => void } {
  const section = html("section", {}, html("h2", {}, title));
  const parts = link(title, section, contents);
  report.append(section);
  const heading = (part: string, ...children: Child[]) => {
    if (!children.some(Boolean)) return;
    const head = html("h3", {}, ...breakable(part));
    link(part, head, parts);
    section.append(head);
    for (const child of children) if (child) section.append(child);
  };
  return { section, heading };
}

// Beside the report where there is room, in a corner otherwise; there it is folded.
function sticky_contents(): HTMLElement {
  const wide = matchMedia("(min-width: 75rem)");
  const details = html("details", {}, html("summary", {}, "Contents"), contents);
  const unfold = () => (details.open = wide.matches);
  unfold();
  wide.addEventListener("change", unfold);
  contents.addEventListener("click", () => wide.matches || (details.open = false));
  return details;
}

function masthead(content: ReportDocument): void {
  const made = [content.peerbed && `Peerbed ${content.peerbed}`, content.made].filter(Boolean).join(", ");
  const runs = content.runs?.length ?? 0;
  const sweeps = content.sweeps?.length ?? 0;
  const checks = content.checks?.length ?? 0;
  const parts = [runs && plural(runs, "run"), sweeps && plural(sweeps, "sweep"), checks && plural(checks, "check")].filter(Boolean).join(" and ");
  const title = `Report of ${parts || "nothing"}`;
  document.title = [...(content.runs ?? []), ...(content.sweeps ?? []), ...(content.checks ?? [])].map((one) => one.title).concat("Peerbed").join(" – ");
  document.getElementById("masthead")!.append(
    html("div", {}, html("h1", {}, title), html("p", { class: "made" }, made)), theme_button());
}

function build(content: ReportDocument): void {
  report.replaceChildren();
  masthead(content);
  for (const run of content.runs ?? []) {
    const { section, heading } = open_section(run.folder ? `${run.title}, ${run.folder}` : run.title);
    run_section(run, section, heading);
  }
  if (shared_distributions(content.runs ?? []).length) {
    const { section, heading } = open_section("Runs compared");
    runs_compared(content.runs!, section, heading);
  }
  const together = sweeps_as_one(content.sweeps ?? []);
  for (const sweep of [...(content.sweeps ?? []), ...(together ? [together] : [])]) {
    const { section, heading } = open_section(sweep.folder ? `${sweep.title}, ${sweep.folder}` : sweep.title);
    sweep_section(sweep, section, heading);
  }
  for (const check of content.checks ?? []) {
    const { section, heading } = open_section(check.title);
    check_section(check, section, heading);
  }
  document.getElementById("contents")!.append(sticky_contents());
}

// On paper the page is light, and as wide as the paper.
function prepare_for_print(): void {
  const root = document.documentElement;
  let chosen: string | undefined;
  addEventListener("beforeprint", () => {
    chosen = root.dataset.theme;
    root.dataset.theme = "light";
    document.body.classList.add("printing");
    draw_everything();
    theme_changed();
  });
  addEventListener("afterprint", () => {
    if (chosen) root.dataset.theme = chosen;
    else delete root.dataset.theme;
    document.body.classList.remove("printing");
    draw_everything();
    theme_changed();
  });
}

const holder = document.getElementById("peerbed-document");
if (holder) {
  build(JSON.parse(holder.textContent!) as ReportDocument);
  prepare_for_print();
} else {
  report.replaceChildren(html("p", {}, "This page holds no document: `peerbed report` puts one into it."));
}
