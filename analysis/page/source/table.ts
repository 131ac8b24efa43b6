// The numbers behind a figure, built on demand.

import { html } from "./elements";
import { number_text, plural } from "./units";

export type Cell = string | number | null | undefined;

export interface Table {
  columns: string[];
  rows: Cell[][];
}

const most_rows = 1000;

export function table_of({ columns, rows }: Table): HTMLElement {
  const head = html("tr", {}, ...columns.map((name) => html("th", { scope: "col" }, name)));
  const body = html("tbody");
  for (const row of rows.slice(0, most_rows)) {
    const cells = row.map((cell) =>
      typeof cell === "string" ? html("td", {}, cell) : html("td", { class: "number" }, number_text(cell)));
    body.append(html("tr", {}, ...cells));
  }
  const table = html("table", {}, html("thead", {}, head), body);
  if (rows.length <= most_rows) return table;
  const more = `The first ${number_text(most_rows)} of ${plural(rows.length, "row")}; the files of the run have all.`;
  return html("div", {}, table, html("p", { class: "note" }, more));
}

// Collapsed until opened.
export function folded_table(title: string, make: () => Table): HTMLElement {
  const details = html("details", { class: "numbers" }, html("summary", {}, title));
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) {
      details.append(html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": title }, table_of(make())));
    }
  });
  return details;
}
