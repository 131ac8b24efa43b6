// Creates elements of the page in one call each. Text is always set as text, never parsed: the document is not trusted.

type Attribute = string | number | boolean | undefined | ((event: any) => void);
export type Child = Node | string | null | undefined | false;

function fill(node: Element, attributes: Record<string, Attribute>, children: Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child) node.append(child);
}

export function html<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, Attribute> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag);
  fill(node, attributes, children);
  return node;
}

export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, Attribute> = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(node, attributes, children);
  return node;
}

// A name that may be broken after its dots and underscores.
export function breakable(name: string): Child[] {
  return name.split(/(?<=[._])/).flatMap((part, i) => (i ? [html("wbr"), part] : [part]));
}

// A name that can be the target of a link.
const taken = new Map<string, number>();
export function anchor(words: string): string {
  const plain = words.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "part";
  const count = (taken.get(plain) ?? 0) + 1;
  taken.set(plain, count);
  return count === 1 ? plain : `${plain}-${count}`;
}
