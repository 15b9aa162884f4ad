/**
 * The folder of `sipster attack --out`:
 *
 *     attack.json, attack.svg      the table and its picture
 *     challenge/README.md          how to take part
 *     challenge/commitment         SHA-256 of the truth
 *     challenge/view/…             what the parties hold
 *     truth/truth.json             not to be published before the claims are in
 */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import {
  challengeText,
  chart,
  rowJson,
  scoreClaims,
  type Challenge,
  type Row,
  type Score,
} from "../../attack/index.js";
import { replaceFile } from "../../store/index.js";
import { toJson } from "../io.js";

const VIEW = "challenge/view";
const COMMITMENT = "challenge/commitment";
const TRUTH = "truth/truth.json";

export function writeTable(dir: string, rows: readonly Row[], report: unknown): void {
  write(dir, "attack.json", utf8ToBytes(`${toJson(report)}\n`));
  write(
    dir,
    "attack.svg",
    utf8ToBytes(chart(rows.map(rowJson), "What the utility can link, by policy")),
  );
}

export function writeChallenge(dir: string, { view, truth, commitment }: Challenge): void {
  for (const [path, bytes] of view) write(dir, join(VIEW, path), bytes);
  write(dir, COMMITMENT, utf8ToBytes(`${commitment}\n`));
  write(dir, "challenge/README.md", utf8ToBytes(challengeText(commitment)));
  write(dir, TRUTH, truth);
}

/** @throws attack/bad-claims, attack/other-truth, and what reading the files throws */
export function scoreFolder(dir: string, claims: string): Score {
  const read = (path: string): Uint8Array => new Uint8Array(readFileSync(path));
  const root = join(dir, VIEW);
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return scoreClaims(
    {
      view: new Map(files.map((file) => [relative(root, file).split("\\").join("/"), read(file)])),
      truth: read(join(dir, TRUTH)),
      commitment: readFileSync(join(dir, COMMITMENT), "utf8").trim(),
    },
    readFileSync(claims, "utf8"),
  );
}

function write(dir: string, name: string, bytes: Uint8Array): void {
  const path = join(dir, name);
  mkdirSync(dirname(path), { recursive: true });
  replaceFile(path, bytes);
}
