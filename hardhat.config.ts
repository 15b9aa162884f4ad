import { createRequire } from "node:module";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatChaiMatchers from "@nomicfoundation/hardhat-ethers-chai-matchers";
import hardhatIgnition from "@nomicfoundation/hardhat-ignition-ethers";
import hardhatMocha from "@nomicfoundation/hardhat-mocha";
import hardhatNetworkHelpers from "@nomicfoundation/hardhat-network-helpers";
import hardhatTypechain from "@nomicfoundation/hardhat-typechain";
import { defineConfig } from "hardhat/config";

const require = createRequire(import.meta.url);

// The compiler comes from npm, pinned by the lock file: building needs no download.
const solc = {
  version: "0.8.37",
  path: require.resolve("solc/soljson.js"),
  settings: {
    optimizer: { enabled: true, runs: 1_000_000 },
    evmVersion: "osaka",
  },
};

// The settlement goes through the compiler's intermediate representation: 1,000 gas a bill less.
const solcViaIR = { ...solc, settings: { ...solc.settings, viaIR: true } };
const overrides = { "contracts/BillSettlement.sol": solcViaIR };

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
      default: { compilers: [solc], overrides },
      production: { compilers: [solc], overrides },
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
      fuzz: { runs: 64, seed: "0x51b57e4" },
      // Every prediction of a handler that fails is a failure of the invariants.
      invariant: { runs: 16, depth: 64, failOnRevert: true },
    },
  },
});
