/** ECDSA over secp256k1: libsecp256k1 in WebAssembly against noble. */
import { nobleEcdsa, wasmEcdsa, type Ecdsa } from "../../src/algebra/index.js";
import { intToBytes } from "../../src/algebra/bytes.js";
import { medianMs, type Benchmark, type Row } from "../harness.js";

const CALLS = 50;

async function microseconds(ecdsa: Ecdsa): Promise<{ sign: number; recover: number }> {
  const key = intToBytes(0x5eed, 32);
  const digests = Array.from({ length: CALLS }, (_, i) => intToBytes(i + 1, 32));
  const signatures = digests.map((d) => ecdsa.sign(d, key));
  const sign = await medianMs(() => {
    for (const digest of digests) ecdsa.sign(digest, key);
    return CALLS;
  });
  const recover = await medianMs(() => {
    digests.forEach((digest, i) => ecdsa.recover(digest, signatures[i]!));
    return CALLS;
  });
  return { sign: 1000 * sign, recover: 1000 * recover };
}

const benchmark: Benchmark = {
  name: "ecdsa",
  async run(): Promise<readonly Row[]> {
    const fast = await microseconds(wasmEcdsa);
    const noble = await microseconds(nobleEcdsa);
    return (["sign", "recover"] as const).map((what) => ({
      what: `${what}, libsecp256k1`,
      value: fast[what],
      unit: "µs",
      comparedWith: { what: "noble", value: noble[what] },
    }));
  },
};

export default benchmark;
