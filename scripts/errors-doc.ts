/** Writes docs/errors.md from the catalogues in src: every `errors.ts` of every room. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { errorsDocument } from "./lib/errors-document.js";

writeFileSync(resolve(import.meta.dirname, "../docs/errors.md"), await errorsDocument());
