/** A lint rule: the meter's trusted part stays small and without input or output. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";

const root = resolve(import.meta.dirname, "../..");

export const TRUSTED_FOLDER = "src/meter/trusted";

/**
 * The meter's trusted part, with all that it imports, directly or not: no module of Node, no room but
 * these, and no package that reads or writes.
 */
const trusted = {
  mayReach: [
    TRUSTED_FOLDER,
    "src/meter/errors.ts",
    "src/meter/memory.ts",
    "src/errors",
    "src/json",
    "src/algebra",
    "src/sipster",
    "src/tariff",
    "src/readings",
  ],
  packages: ["@noble/hashes", "@noble/curves", "mcl-wasm", "tiny-secp256k1", "valibot"],
  mostLines: 400,
};

/** Why a module must not be reached from the trusted part, or `null`; follows its imports. */
const impurities = new Map();
function impurityOf(file) {
  if (impurities.has(file)) return impurities.get(file);
  impurities.set(file, null);
  const name = relative(root, file).split(sep).join("/");
  let found = trusted.mayReach.some((p) => name === p || name.startsWith(`${p}/`))
    ? null
    : `${name} is not a pure part`;
  const imports = readFileSync(file, "utf8").matchAll(
    /^(?:import|export)\s+(?!type\b)(?:[^"';]*?\sfrom\s+)?"([^"]+)"|\bimport\("([^"]+)"\)/gm,
  );
  for (const [, from, dynamic] of imports) found ??= impurityOfImport(file, from ?? dynamic);
  impurities.set(file, found);
  return found;
}

function impurityOfImport(file, source) {
  if (source.startsWith(".")) {
    const to = resolve(dirname(file), source).replace(/\.js$/, ".ts");
    const found = impurityOf(to);
    return found === null ? null : `${relative(root, to)} → ${found}`;
  }
  return trusted.packages.some((p) => source === p || source.startsWith(`${p}/`))
    ? null
    : `the module ${source}`;
}

export const trustedIsPure = {
  meta: {
    type: "problem",
    messages: {
      impure: "the meter's trusted part reaches {{why}}",
      long: "the meter's trusted part has {{lines}} lines, more than {{most}}",
      effect: "{{name}} is input or output: the meter's trusted part has none",
    },
    schema: [],
  },
  create(context) {
    const check = (node) => {
      const source = node.source?.value;
      const typeOnly = node.importKind === "type" || node.exportKind === "type";
      if (typeof source !== "string" || typeOnly) return;
      const why = impurityOfImport(context.filename, source);
      if (why !== null) context.report({ node, messageId: "impure", data: { why } });
    };
    return {
      Program(node) {
        const folder = dirname(context.filename);
        const files = readdirSync(folder).map((name) =>
          readFileSync(resolve(folder, name), "utf8"),
        );
        const lines = files.reduce((sum, text) => sum + text.split("\n").length - 1, 0);
        const { mostLines: most } = trusted;
        if (lines > most) context.report({ node, messageId: "long", data: { lines, most } });
      },
      Identifier(node) {
        const effects = ["process", "fetch", "console", "setTimeout", "setInterval", "performance"];
        const clock = node.name === "Date" && node.parent.type === "MemberExpression";
        if (clock || (effects.includes(node.name) && node.parent.property !== node)) {
          context.report({ node, messageId: "effect", data: { name: node.name } });
        }
      },
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};
