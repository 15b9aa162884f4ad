#!/usr/bin/env node
import "./require-node.js";
import { existsSync } from "node:fs";

const built = new URL("../dist/cli/run.js", import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  console.error("sipster: not built yet: run  npm run build  in the checkout first");
  process.exitCode = 2;
}
