/**
 * How the pages are built: one static folder, relative addresses, nothing from elsewhere.
 * `vite build web` writes web/dist; `vite web` serves the sources while working on them.
 */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Contracts that the pages never call, and whose errors they never meet. */
const UNUSED = /\/(IConsumptionLedger|IPriceFunction|ITrusteeHeads)__factory\.ts$/;

/**
 * Generated factories carry the code they would deploy, and the names that Solidity has for types.
 * The pages deploy nothing, and neither calls nor the hash of an interface depend on those names.
 */
const leanBindings = (withCode = /^$/) => ({
  name: "lean-bindings",
  transform: {
    filter: { id: /\/chain\/bindings\/.*__factory\.ts$/ },
    handler(code, id) {
      const lean = (_, head, abi, tail) => {
        const items = UNUSED.test(id) ? [] : new Function(`return ${abi};`)();
        const text = JSON.stringify(items, (key, v) => (key === "internalType" ? undefined : v));
        return head + text + tail;
      };
      const leaner = code.replace(/(const _abi = )(\[[^]*?\n\s*\])( as const;|;)/, lean);
      return withCode.test(id)
        ? leaner
        : leaner.replace(/(const _bytecode =\s*)"0x[0-9a-f]*"/i, '$1"0x"');
    },
  },
});

/** Contracts whose creation the auditor's thread compares with what the source compiles to. */
const COMPARED = /\/(BillSettlement|CreditVault|OrderBoard)__factory\.ts$/;

export default defineConfig({
  plugins: [leanBindings()],
  worker: { plugins: () => [leanBindings(COMPARED)] },
  root: here("."),
  base: "./",
  resolve: {
    alias: [
      // The pages recover signatures with noble instead of WebAssembly.
      { find: /^.*\/ecdsa-wasm\.js$/, replacement: here("src/ecdsa-wasm.ts") },
      // ethers carries 27 kB (gzipped) of tables for names of ENS, which the pages never resolve.
      { find: "@adraffy/ens-normalize", replacement: here("src/no-ens.ts") },
    ],
  },
  build: {
    target: "es2023",
    outDir: here("dist"),
    emptyOutDir: true,
    // Everything is a file: the content security policy allows no inline script or style.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // What only the audit pages load bears their name.
        chunkFileNames: ({ moduleIds }) =>
          `assets/${moduleIds.some((id) => id.includes("/web/src/audit/")) ? "audit" : "[name]"}-[hash].js`,
      },
    },
  },
});
