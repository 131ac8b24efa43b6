// Builds dist/report.html, the whole page in one file: markup, style, script, and the licences of what is bundled.
// Usage: node build.mjs [OUTPUT]

import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const output = process.argv[2] ?? join(here, "dist", "report.html");

// The packages whose files are in the bundle, each with its version, licence and licence text.
async function bundled_packages(metafile) {
  const names = new Set();
  for (const path of Object.keys(metafile.inputs)) {
    const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path);
    if (match) names.add(match[1]);
  }
  const packages = [];
  for (const name of [...names].sort()) {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} comes without the text of its licence`);
    packages.push({ name, version, license, text: await readFile(join(folder, file), "utf8") });
  }
  return packages;
}

// Each licence text once, for all packages under it. "--" would end an HTML comment.
function licence_texts(packages) {
  const by_text = new Map();
  for (const { name, version, text } of packages) {
    const users = by_text.get(text) ?? [];
    users.push(`${name} ${version}`);
    by_text.set(text, users);
  }
  return [...by_text].map(([text, users]) => `${users.join(", ")}:\n\n${text.trim()}`).join("\n\n").replaceAll("--", "- -");
}

// Inserts into an HTML element; "$" has no special meaning in a replacement function.
function fill(page, name, text) {
  const marker = `<!--${name}-->`;
  if (page.split(marker).length !== 2) throw new Error(`page.html holds ${marker} once`);
  return page.replace(marker, () => text);
}

// Ignore tsconfig.json, which is only for type checking, so that the bytes are the same without it.
const common = { tsconfigRaw: {}, bundle: true, minify: true, write: false, absWorkingDir: here, target: ["es2022"], legalComments: "eof" };
const style = await build({ ...common, entryPoints: ["source/page.css"] });
const script = await build({ ...common, entryPoints: ["source/main.ts"], format: "iife", charset: "utf8", metafile: true });
const packages = await bundled_packages(script.metafile);
const named = packages.map(({ name, license }) => `${name} (${license})`).join(", ");

let page = await readFile(join(here, "source", "page.html"), "utf8");
page = fill(page, "STYLE", `<style>${style.outputFiles[0].text}</style>`);
page = fill(page, "SCRIPT", `<script>${script.outputFiles[0].text.replaceAll("</script", "<\\/script")}</script>`);
page = fill(page, "LICENCES", `<!--\n${licence_texts(packages)}\n-->`);
page = fill(page, "PACKAGES", named);
await mkdir(dirname(output), { recursive: true });
await writeFile(output, page);
