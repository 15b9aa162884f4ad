/** A chain of lib-sourcify that answers from what was read before, and asks nobody. */
import { SourcifyChain } from "@ethereum-sourcify/lib-sourcify";
import type { Creation } from "../../audit/creation.js";

/** Name of the creating transaction: there is one, and its hash was checked before. */
export const CREATION = "creation";

export class RecordedChain extends SourcifyChain {
  constructor(chainId: bigint, creation: Creation) {
    const name = `chain ${chainId}`;
    // A chain that is not supported gets no connection of its own.
    super({
      name,
      chainId: Number(chainId),
      shortName: name,
      networkId: Number(chainId),
      nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
      infoURL: "",
      faucets: [],
      supported: false,
      rpcs: [],
    });
    type Answer<M extends keyof SourcifyChain> = SourcifyChain[M];
    this.getBytecode = () => Promise.resolve(creation.code);
    // Of the transaction and its receipt, only the creation code is compared.
    this.getTx = (() => Promise.resolve({})) as unknown as Answer<"getTx">;
    this.getContractCreationBytecodeAndReceipt = (() =>
      Promise.resolve({
        creationBytecode: creation.data,
        txReceipt: {},
      })) as unknown as Answer<"getContractCreationBytecodeAndReceipt">;
  }
}
