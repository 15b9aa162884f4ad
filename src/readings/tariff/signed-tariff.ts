/**
 * A tariff with the signature of the utility, as meters take it: EIP-712 over the hash of its canonical
 * form and a sequence number, which must rise, so that an old tariff cannot be put back.
 */
import { getAddress, TypedDataEncoder, verifyTypedData, type Signer } from "ethers";
import { readingsErrors } from "../errors.js";
import { tariffHash } from "./canonical.js";
import type { Tariff } from "./tariff.js";

/** Binds a signature to a deployment; all fields that a verifier expects must be those signed. */
export interface TariffDomain {
  readonly chainId?: bigint;
  /** Address of the settlement contract. */
  readonly verifyingContract?: string;
}

export interface SignedTariff {
  readonly format: "sipster/signed-tariff@1";
  readonly tariff: Tariff;
  /** Higher than that of every tariff the utility signed before. */
  readonly sequence: number;
  /** Address of the utility's tariff key. */
  readonly signer: string;
  readonly signature: string;
}

const types = {
  Tariff: [
    { name: "tariffHash", type: "bytes32" },
    { name: "sequence", type: "uint64" },
  ],
};

function domainOf(domain: TariffDomain): object {
  return { name: "Sipster tariff", version: "1", ...domain };
}

/** The digest that is signed, 0x-hex. */
export function tariffDigest(tariff: Tariff, sequence: number, domain: TariffDomain = {}): string {
  return TypedDataEncoder.hash(domainOf(domain), types, {
    tariffHash: tariffHash(tariff),
    sequence,
  });
}

/** Signs a tariff with the utility's tariff key, which signs nothing else. */
export async function signTariff(
  tariff: Tariff,
  sequence: number,
  signer: Signer,
  domain: TariffDomain = {},
): Promise<SignedTariff> {
  if (!Number.isSafeInteger(sequence) || sequence < 0) {
    throw readingsErrors.error("bad-argument", `${sequence} is no sequence number`, { sequence });
  }
  const value = { tariffHash: tariffHash(tariff), sequence };
  return {
    format: "sipster/signed-tariff@1",
    tariff,
    sequence,
    signer: await signer.getAddress(),
    signature: await signer.signTypedData(domainOf(domain), types, value),
  };
}

/**
 * Checks a signed tariff: by whom, for which deployment, and that it is newer than `after`.
 *
 * @throws readings/tariff-signature, readings/tariff-outdated
 */
export function verifyTariff(
  signed: SignedTariff,
  expected: { readonly signer: string; readonly domain?: TariffDomain; readonly after?: number },
): Tariff {
  const { tariff, sequence, signature } = signed;
  const value = { tariffHash: tariffHash(tariff), sequence };
  let recovered: string;
  try {
    recovered = verifyTypedData(domainOf(expected.domain ?? {}), types, value, signature);
  } catch (cause) {
    throw badSignature(`the signature of ${tariff.name} is none`, signed, cause);
  }
  if (recovered !== getAddress(expected.signer)) {
    throw badSignature(
      `${tariff.name} is signed by ${recovered}, not by ${expected.signer}`,
      signed,
    );
  }
  if (expected.after !== undefined && sequence <= expected.after) {
    throw readingsErrors.error(
      "tariff-outdated",
      `${tariff.name} has the number ${sequence}, and ${expected.after} is known already`,
      { tariff: tariff.name, sequence, after: expected.after },
    );
  }
  return tariff;
}

function badSignature(message: string, signed: SignedTariff, cause?: unknown): Error {
  const details = { tariff: signed.tariff.name, signer: signed.signer };
  return readingsErrors.error("tariff-signature", message, details, cause);
}
