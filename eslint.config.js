import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import tseslint from "typescript-eslint";
import { ATTACKER_FOLDER, attackerIsBlind } from "./scripts/lint/attacker-is-blind.js";
import { byIndex, importDirection, runsInBrowser } from "./scripts/lint/rooms.js";
import { TRUSTED_FOLDER, trustedIsPure } from "./scripts/lint/trusted-is-pure.js";

const root = dirname(fileURLToPath(import.meta.url));

const noRandom = [
  { object: "Math", property: "random", message: "Use node:crypto or a seeded generator." },
];
const ONE_READER_OF_JSON = {
  object: "JSON",
  property: "parse",
  message: "Use readJson or parseJson of src/json: its refusals are typed and name the field.",
};

const ONE_CLOCK = {
  object: "Date",
  property: "now",
  message: "Take a clock as an argument; the machine's is systemClock of src/time.",
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
          "by-index": byIndex,
          "runs-in-browser": runsInBrowser,
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
      "no-restricted-properties": ["error", ...noRandom],
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  { files: ["src/**/*.ts"], rules: { "sipster/import-direction": "error" } },
  {
    // The trusted part names each file that it stands on, so that it stays small.
    files: ["src/**/*.ts"],
    ignores: [`${TRUSTED_FOLDER}/**`],
    rules: { "sipster/by-index": "error" },
  },
  { files: ["src/**/*.ts", "web/src/**/*.ts"], rules: { "sipster/runs-in-browser": "error" } },
  {
    files: ["src/**/*.ts", "web/src/**/*.ts"],
    rules: {
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      "no-restricted-properties": ["error", ...noRandom, ONE_READER_OF_JSON, ONE_CLOCK],
    },
  },
  {
    files: ["src", "web/src", "test", "scripts", "bench", "examples"].map((f) => `${f}/**/*.ts`),
    rules: { "max-params": ["error", 3] },
  },
  {
    // Arithmetic that is called for each point or pair: an object each time would be garbage.
    files: ["src/algebra/mcl/**/*.ts", "src/attack/attacker/**/*.ts"],
    rules: { "max-params": "off" },
  },
  // The reader and the clock themselves.
  {
    files: ["src/json/**/*.ts", "src/time/**/*.ts"],
    rules: { "no-restricted-properties": ["error", ...noRandom] },
  },
  {
    files: ["src", "web", "test", "scripts", "bench", "examples"].map((f) => `${f}/**/*.ts`),
    rules: { "max-lines": ["error", 400] },
  },
  { files: [`${ATTACKER_FOLDER}/**/*.ts`], rules: { "sipster/attacker-is-blind": "error" } },
  { files: [`${TRUSTED_FOLDER}/**/*.ts`], rules: { "sipster/trusted-is-pure": "error" } },
  {
    files: ["test/**/*.ts"],
    rules: { "@typescript-eslint/no-unused-expressions": "off" },
  },
  { files: ["scripts/**/*.ts", "bench/**/*.ts"], rules: { "no-console": "off" } },
);
