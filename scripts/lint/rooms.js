/**
 * The rooms of src/: which may import which, and which run in a browser. Lint rules read this table, and
 * a test breaks each rule once.
 */
import { dirname, relative, resolve, sep } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/**
 * `errors`, `json` and `time` are the ground floor: the error type every room throws, the reader of JSON,
 * and the machine's clock.
 */
const PROTOCOL = ["errors", "algebra", "json"];

/** A room may import itself, `time`, the rooms named here, and packages. */
export const MAY_IMPORT = {
  errors: [],
  time: [],
  threads: [],
  json: ["errors"],
  algebra: ["errors"],
  sipster: PROTOCOL,
  ecash: PROTOCOL,
  envelope: [...PROTOCOL, "store"],
  aggregation: [...PROTOCOL, "envelope", "store"],
  sealed: [...PROTOCOL, "envelope", "store"],
  ledger: [...PROTOCOL, "store", "channel", "threads"],
  readings: ["errors", "json"],
  tariff: ["errors", "readings", "json"],
  billing: ["errors", "readings", "tariff", "json"],
  exchange: [...PROTOCOL, "sipster", "ecash"],
  channel: [...PROTOCOL, "sipster", "store", "exchange", "service", "http"],
  store: ["errors"],
  keystore: ["errors", "store", "json"],
  meter: [...PROTOCOL, "sipster", "store", "readings", "tariff"],
  resident: [...PROTOCOL, "sipster", "ecash", "exchange", "store"],
  utility: [...PROTOCOL, "sipster", "ecash", "exchange", "store", "threads"],
  chain: ["errors", "algebra", "sipster", "store", "json"],
  mint: [...PROTOCOL, "sipster", "ecash", "store", "chain"],
  funding: [...PROTOCOL, "ecash", "chain"],
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
export const TOP_LAYERS = ["cli", "demo", "town", "entries", "index.ts"];

const files = (folder, ...names) => names.map((name) => `${folder}/${name}.ts`);

/**
 * What runs in a browser: no module of Node at run time, and nothing that needs one. A path is a file, or
 * a folder with all that is in it but `except`.
 */
export const BROWSER_SAFE = [
  { path: "web/src" },
  ...[
    "errors",
    "json",
    "time",
    "algebra",
    "sipster",
    "ecash",
    "exchange",
    "resident",
    "funding",
  ].map((room) => ({ path: `src/${room}` })),
  { path: "src/chain", except: ["src/chain/node"] },
  ...files(
    "src/store",
    "errors",
    "memory-store",
    "pending-transaction",
    "serial-store",
    "store",
  ).map((path) => ({ path })),
  { path: "src/pages", except: files("src/pages", "index", "server") },
  { path: "src/relay", except: files("src/relay", "index", "server") },
  { path: "src/tariff", except: files("src/tariff", "index", "price-file", "read-tariff") },
  {
    path: "src/readings",
    except: [
      ...files("src/readings", "archive", "index", "read", "source"),
      ...files("src/readings/formats", "amber", "csv", "datadis", "n3rgy", "octopus"),
    ],
  },
  { path: "src/meter/trusted" },
  ...files("src/meter", "errors", "memory").map((path) => ({ path })),
];

/**
 * Files that other rooms import by themselves, because the room's index leaves them out: parts of a room
 * that a neighbour stands on and that the package does not offer.
 */
export const PARTS = {
  algebra: ["codec"],
  sipster: ["hash-bound-token"],
  ecash: ["blind-bls/payment"],
  readings: [
    "decimal",
    "energy",
    "errors",
    "formats/csv-rows",
    "formats/dsmr-telegram",
    "interval",
    "prng",
    "source",
    "stem",
    "timestamp",
    "zone",
  ],
  resident: ["books"],
  ledger: ["curve", "direct/signed-bill", "report", "rows", "schnorr", "sum-tree"],
};

/** Rooms of files that stand each for itself: these have no index. Generated bindings have their own. */
const WITHOUT_INDEX = ["errors", "time"];

/** Packages that need Node. */
const NODE_PACKAGES = /^(node:|@?hardhat|@nomicfoundation|@hono|hono|pg$|prom-client|commander)/;

const name = (file) => relative(root, file).split(sep).join("/");
const isWithin = (file, path) => file === path || file.startsWith(`${path}/`);

export function isBrowserSafe(file) {
  return BROWSER_SAFE.some(
    ({ path, except = [] }) =>
      isWithin(file, path) && !except.some((other) => isWithin(file, other)),
  );
}

/** The file that a relative import names. */
const imported = (context, source) =>
  resolve(dirname(context.filename), source).replace(/\.js$/, ".ts");

const onImports = (check) => ({
  ImportDeclaration: check,
  ImportExpression: check,
  ExportNamedDeclaration: check,
  ExportAllDeclaration: check,
});

export const importDirection = {
  meta: {
    type: "problem",
    messages: {
      direction: "src/{{from}} must not import src/{{to}}: see the table in scripts/lint/rooms.js",
      unknown: "src/{{from}} is in no room of the table in scripts/lint/rooms.js",
    },
    schema: [],
  },
  create(context) {
    const roomOf = (file) => relative(resolve(root, "src"), file).split(sep)[0];
    const from = roomOf(context.filename);
    return onImports((node) => {
      const source = node.source?.value;
      if (typeof source !== "string" || !source.startsWith(".")) return;
      const to = roomOf(imported(context, source));
      if (to === from || TOP_LAYERS.includes(from)) return;
      const allowed = MAY_IMPORT[from];
      if (allowed === undefined) {
        context.report({ node, messageId: "unknown", data: { from } });
      } else if (to !== "time" && !allowed.includes(to)) {
        context.report({ node, messageId: "direction", data: { from, to } });
      }
    });
  },
};

/** Types alone are gone at run time. */
function isTypeOnly({ importKind, exportKind, specifiers }) {
  if (importKind === "type" || exportKind === "type") return true;
  if (specifiers === undefined || specifiers.length === 0) return false;
  return specifiers.every((s) => s.importKind === "type" || s.exportKind === "type");
}

export const runsInBrowser = {
  meta: {
    type: "problem",
    messages: {
      node: "{{from}} runs in a browser, and {{to}} does not: see BROWSER_SAFE in scripts/lint/rooms.js",
    },
    schema: [],
  },
  create(context) {
    const from = name(context.filename);
    if (!isBrowserSafe(from)) return {};
    return onImports((node) => {
      const source = node.source?.value;
      if (typeof source !== "string" || isTypeOnly(node)) return;
      const to = source.startsWith(".") ? name(imported(context, source)) : source;
      if (source.startsWith(".") ? isBrowserSafe(to) : !NODE_PACKAGES.test(source)) return;
      context.report({ node, messageId: "node", data: { from, to } });
    });
  },
};

/**
 * A room is imported by its index or by that of a folder in it. Code that runs in a browser takes the file
 * itself where the index needs Node.
 */
export const byIndex = {
  meta: {
    type: "problem",
    messages: {
      deep: "import {{to}} by an index of its room, or name it in PARTS of scripts/lint/rooms.js",
    },
    schema: [],
  },
  create(context) {
    const from = name(context.filename);
    return onImports((node) => {
      const source = node.source?.value;
      if (typeof source !== "string" || !source.startsWith(".")) return;
      const to = name(imported(context, source));
      const [top, room, ...rest] = to.split("/");
      if (top !== "src" || rest.length === 0 || from.startsWith(`src/${room}/`)) return;
      const file = rest.join("/");
      if (file.endsWith("index.ts") || WITHOUT_INDEX.includes(room)) return;
      if (PARTS[room]?.includes(file.replace(/\.ts$/, ""))) return;
      const needsNode = !isBrowserSafe(`src/${room}/index.ts`);
      if (needsNode && isBrowserSafe(from) && isBrowserSafe(to)) return;
      context.report({ node, messageId: "deep", data: { to } });
    });
  },
};
