import { createRequire } from "node:module";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatChaiMatchers from "@nomicfoundation/hardhat-ethers-chai-matchers";
import hardhatIgnition from "@nomicfoundation/hardhat-ignition-ethers";
import hardhatMocha from "@nomicfoundation/hardhat-mocha";
import hardhatNetworkHelpers from "@nomicfoundation/hardhat-network-helpers";
import hardhatTypechain from "@nomicfoundation/hardhat-typechain";
import { defineConfig } from "hardhat/config";
import {
  COMPILER_SETTINGS,
  COMPILER_VERSION,
  SETTINGS_OF_FILES,
  type CompilerSettings,
} from "./src/chain/node/bytecode/compiler-settings.js";

const require = createRequire(import.meta.url);

// The compiler comes from npm, pinned by the lock file: building needs no download.
const solc = (settings: CompilerSettings) => ({
  version: COMPILER_VERSION,
  path: require.resolve("solc/soljson.js"),
  // The metadata, with the documentation of every function, event and error, is what is published.
  settings: { ...settings, outputSelection: { "*": { "*": ["metadata"] } } },
});

const profile = () => ({
  compilers: [solc(COMPILER_SETTINGS)],
  overrides: Object.fromEntries(
    Object.entries(SETTINGS_OF_FILES).map(([file, settings]) => [file, solc(settings)]),
  ),
});

/** Runs and steps of the search for counterexamples, where more is wanted than in every test run. */
const fuzz = Number(process.env.SIPSTER_FUZZ ?? 0);

export default defineConfig({
  plugins: [
    hardhatEthers,
    hardhatChaiMatchers,
    hardhatIgnition,
    hardhatMocha,
    hardhatNetworkHelpers,
    hardhatTypechain,
  ],
  solidity: {
    profiles: {
      default: profile(),
      production: profile(),
    },
    npmFilesToBuild: [],
  },
  // Generated beside the room that uses them, never committed.
  typechain: { outDir: "./src/chain/bindings" },
  networks: {
    // The transaction gas cap and the precompile prices are those of the hard fork below.
    default: { type: "edr-simulated", hardfork: "osaka" },
    node: { type: "edr-simulated", hardfork: "osaka" },
  },
  paths: {
    sources: "./contracts",
    tests: { mocha: "./test", solidity: "./test/solidity" },
  },
  test: {
    mocha: { timeout: 120_000 },
    solidity: {
      // A fixed seed: the same cases everywhere. Search for new ones with another.
      fuzz: { runs: fuzz || 64, seed: "0x51b57e4" },
      // Every prediction of a handler that fails is a failure of the invariants.
      invariant: { runs: fuzz || 16, depth: fuzz || 64, failOnRevert: true },
    },
  },
});
