/**
 * A lint rule: the attacker reads what the parties hold. Its files may import each other, the formats of
 * the view and public parts of the system, and neither the simulation nor the truth nor the scorer.
 */
import { dirname, relative, resolve, sep } from "node:path";

const root = resolve(import.meta.dirname, "../..");

export const ATTACKER_FOLDER = "src/attack/attacker";

const MAY_REACH = [
  ATTACKER_FOLDER,
  "src/attack/view",
  "src/attack/random.ts",
  // Public: the algorithms by which every wallet acts.
  "src/errors",
  "src/resident",
  "src/sipster",
];

export const attackerIsBlind = {
  meta: {
    type: "problem",
    messages: { blind: "the attacker must not see {{to}}: it reads the files of the view alone" },
    schema: [],
  },
  create(context) {
    const check = (node) => {
      const source = node.source?.value;
      if (typeof source !== "string") return;
      if (source.startsWith("node:")) {
        context.report({ node, messageId: "blind", data: { to: source } });
      }
      if (!source.startsWith(".")) return;
      const file = resolve(dirname(context.filename), source).replace(/\.js$/, ".ts");
      const to = relative(root, file).split(sep).join("/");
      if (MAY_REACH.some((p) => to === p || to.startsWith(`${p}/`))) return;
      context.report({ node, messageId: "blind", data: { to } });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};
