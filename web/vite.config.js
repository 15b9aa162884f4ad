/**
 * How the pages are built: one static folder, relative addresses, nothing from elsewhere.
 * `vite build web` writes web/dist; `vite web` serves the sources while working on them.
 */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Generated contract factories carry the code they would deploy; the pages deploy nothing. */
const withoutBytecode = {
  name: "without-bytecode",
  transform: {
    filter: { id: /\/chain\/bindings\/.*__factory\.ts$/ },
    handler: (code) => code.replace(/(const _bytecode =\s*)"0x[0-9a-f]*"/i, '$1"0x"'),
  },
};

export default defineConfig({
  plugins: [withoutBytecode],
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
  },
});
