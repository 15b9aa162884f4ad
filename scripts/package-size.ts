/**
 * Packs the package and installs it in an empty folder as a user does, then counts packages and
 * megabytes: `npm run build && npm run package:size`. Without the optional packages of services and
 * developers it must stay within the limits below.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const MOST_PACKAGES = 40;
const MOST_MEGABYTES = 40;

const root = resolve(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "sipster-package-"));

function npm(cwd: string, ...args: string[]): string {
  return execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

function bytesIn(path: string): number {
  const status = statSync(path);
  if (!status.isDirectory()) return status.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
}

try {
  const [{ filename, size }] = JSON.parse(
    npm(root, "pack", "--json", "--ignore-scripts", "--pack-destination", folder),
  ) as [{ filename: string; size: number }];
  writeFileSync(join(folder, "package.json"), '{"private":true}\n');
  npm(folder, "install", "--omit=optional", "--omit=peer", "--no-audit", join(folder, filename));
  const modules = join(folder, "node_modules");
  const packages = npm(folder, "ls", "--all", "--parseable").trim().split("\n").length - 1;
  const megabytes = bytesIn(modules) / 1_000_000;
  const version = execFileSync(join(modules, ".bin/sipster"), ["--version"], { encoding: "utf8" });
  process.stdout.write(
    `sipster ${version.trim()}: tarball ${(size / 1_000_000).toFixed(1)} MB; installed ${packages} packages, ${megabytes.toFixed(1)} MB (at most ${MOST_PACKAGES} and ${MOST_MEGABYTES})\n`,
  );
  if (packages > MOST_PACKAGES || megabytes > MOST_MEGABYTES) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
