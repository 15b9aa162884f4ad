import { dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import tseslint from "typescript-eslint";
import { ATTACKER_FOLDER, attackerIsBlind } from "./scripts/lint/attacker-is-blind.js";
import { TRUSTED_FOLDER, trustedIsPure } from "./scripts/lint/trusted-is-pure.js";

const root = dirname(fileURLToPath(import.meta.url));

/**
 * Which way imports may go: a room of src/ may import itself, the rooms named here, and packages.
 * `errors` and `json` are the ground floor: the error type every room throws, and the reader of JSON.
 */
const protocolRooms = ["errors", "algebra", "json"];
const mayImport = {
  errors: [],
  json: ["errors"],
  algebra: ["errors"],
  sipster: protocolRooms,
  ecash: protocolRooms,
  envelope: [...protocolRooms, "store"],
  aggregation: [...protocolRooms, "envelope", "store"],
  sealed: [...protocolRooms, "envelope", "store"],
  ledger: [...protocolRooms, "store", "channel"],
  readings: ["errors", "json"],
  tariff: ["errors", "readings", "json"],
  billing: ["errors", "readings", "tariff", "json"],
  exchange: [...protocolRooms, "sipster", "ecash"],
  channel: [...protocolRooms, "sipster", "store", "exchange", "service", "http"],
  store: ["errors"],
  keystore: ["errors", "store", "json"],
  meter: [...protocolRooms, "sipster", "store", "readings", "tariff"],
  resident: [...protocolRooms, "sipster", "ecash", "exchange", "store"],
  utility: [...protocolRooms, "sipster", "ecash", "exchange", "store"],
  chain: ["errors", "algebra", "sipster", "store", "json"],
  mint: [...protocolRooms, "ecash", "store", "chain"],
  funding: [...protocolRooms, "ecash", "chain"],
  http: ["errors", "json"],
  relay: ["errors", "algebra", "sipster", "chain", "store", "http", "json"],
  pages: ["errors", "sipster", "chain", "http", "json"],
  service: ["errors", "json", "exchange", "http"],
  explorer: ["errors", "http"],
  attack: [
    "errors",
    "json",
    "algebra",
    "sipster",
    "ecash",
    "exchange",
    "resident",
    "utility",
    "store",
    "readings",
    "tariff",
    "meter",
  ],
};

/** Layers above every room: they import anything and no room imports them. */
const topLayers = ["cli", "demo", "town", "entries", "index.ts"];

const importDirection = {
  meta: {
    type: "problem",
    messages: {
      direction: "src/{{from}} must not import src/{{to}}: see the table in eslint.config.js",
      unknown: "src/{{from}} is in no room of the table in eslint.config.js",
    },
    schema: [],
  },
  create(context) {
    const roomOf = (file) => relative(resolve(root, "src"), file).split(sep)[0];
    const from = roomOf(context.filename);
    const check = (node) => {
      const source = node.source?.value;
      if (typeof source !== "string" || !source.startsWith(".")) return;
      const to = roomOf(resolve(dirname(context.filename), source));
      if (to === from || topLayers.includes(from)) return;
      const allowed = mayImport[from];
      if (allowed === undefined) {
        context.report({ node, messageId: "unknown", data: { from } });
      } else if (!allowed.includes(to)) {
        context.report({ node, messageId: "direction", data: { from, to } });
      }
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

export default tseslint.config(
  {
    ignores: [
      "dist/",
      "artifacts/",
      "cache/",
      "node_modules/",
      "src/chain/bindings/",
      "src/aggregation/kernel/",
      "web/dist/",
    ],
  },
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strict],
    plugins: {
      sipster: {
        rules: {
          "import-direction": importDirection,
          "trusted-is-pure": trustedIsPure,
          "attacker-is-blind": attackerIsBlind,
        },
      },
    },
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: root },
    },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-non-null-assertion": "off",
      "no-restricted-properties": [
        "error",
        { object: "Math", property: "random", message: "Use node:crypto or a seeded generator." },
      ],
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  { files: ["src/**/*.ts"], rules: { "sipster/import-direction": "error" } },
  { files: [`${ATTACKER_FOLDER}/**/*.ts`], rules: { "sipster/attacker-is-blind": "error" } },
  { files: [`${TRUSTED_FOLDER}/**/*.ts`], rules: { "sipster/trusted-is-pure": "error" } },
  {
    files: ["test/**/*.ts"],
    rules: { "@typescript-eslint/no-unused-expressions": "off" },
  },
  { files: ["scripts/**/*.ts", "bench/**/*.ts"], rules: { "no-console": "off" } },
);
