/** An ethers signer as an EIP-1193 provider with one account, for libraries that ask for one. */
import { JsonRpcApiProvider, JsonRpcSigner, type Signer, type TransactionRequest } from "ethers";
import { chainErrors } from "../errors/errors.js";
import type { Eip1193Provider } from "./local-chain.js";

/** The JSON-RPC provider that a signer is connected to. @throws chain/no-provider */
export function providerOf(signer: Signer): JsonRpcApiProvider {
  if (signer.provider instanceof JsonRpcApiProvider) return signer.provider;
  throw chainErrors.error("no-provider", "the signer is not connected to a JSON-RPC node");
}

interface RpcTransaction {
  readonly from?: string;
  readonly gas?: string;
  readonly [field: string]: string | undefined;
}

export interface SigningListener {
  /** Told the hash of every transaction. */
  readonly onSent?: (hash: string) => void;
  /** Told every error, before it is thrown. */
  readonly onError?: (error: unknown) => void;
}

export function signingProvider(
  signer: Signer,
  address: string,
  { onSent, onError }: SigningListener,
): Eip1193Provider {
  const provider = providerOf(signer);
  const answer = async (method: string, params: unknown[]): Promise<unknown> => {
    if (method === "eth_accounts") return [address];
    if (method !== "eth_sendTransaction") return provider.send(method, params);
    const hash = await send(signer, params[0] as RpcTransaction);
    onSent?.(hash);
    return hash;
  };
  return {
    async request({ method, params = [] }) {
      try {
        return await answer(method, params);
      } catch (error) {
        onError?.(error);
        throw error;
      }
    },
  };
}

async function send(signer: Signer, { gas, ...rest }: RpcTransaction): Promise<string> {
  const { nonce, ...fields } = rest;
  const request: TransactionRequest = {
    ...fields,
    ...(gas === undefined ? {} : { gasLimit: gas }),
    ...(nonce === undefined ? {} : { nonce: Number(nonce) }),
  };
  if (signer instanceof JsonRpcSigner) return signer.sendUncheckedTransaction(request);
  return (await signer.sendTransaction(request)).hash;
}
