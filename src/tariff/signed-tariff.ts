/**
 * A tariff with the signature of the utility, as meters take it: EIP-712 over the hash of its canonical
 * form and a sequence number, which must rise, so that an old tariff cannot be put back. Computed with
 * small parts only, since it runs inside meters.
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { tariffErrors } from "./errors.js";
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
  /** 65 bytes, 0x-hex. */
  readonly signature: string;
}

/** A key that signs typed data; a signer of ethers is one. */
export interface TariffSigner {
  getAddress(): Promise<string>;
  signTypedData(
    domain: object,
    types: Record<string, { name: string; type: string }[]>,
    value: Record<string, unknown>,
  ): Promise<string>;
}

const types = {
  Tariff: [
    { name: "tariffHash", type: "bytes32" },
    { name: "sequence", type: "uint64" },
  ],
};
const tariffType = "Tariff(bytes32 tariffHash,uint64 sequence)";
const domainName = "Sipster tariff";
const domainVersion = "1";

/** Any case, without a look at the checksum of EIP-55. */
export function isAddress(text: string): boolean {
  return /^0x[0-9a-fA-F]{40}$/.test(text);
}

/** The digest that is signed, 0x-hex. */
export function tariffDigest(
  tariff: Tariff,
  sequence: number,
  domain: TariffDomain = {},
): `0x${string}` {
  return `0x${bytesToHex(digest(tariff, sequence, domain))}`;
}

/** Signs a tariff with the utility's tariff key, which signs nothing else. @throws readings/bad-argument */
export async function signTariff({
  tariff,
  sequence,
  signer,
  domain = {},
}: {
  readonly tariff: Tariff;
  readonly sequence: number;
  readonly signer: TariffSigner;
  readonly domain?: TariffDomain;
}): Promise<SignedTariff> {
  if (!Number.isSafeInteger(sequence) || sequence < 0) {
    throw tariffErrors.error("bad-argument", `${sequence} is not a sequence number`, { sequence });
  }
  const typedDomain = { name: domainName, version: domainVersion, ...domain };
  return {
    format: "sipster/signed-tariff@1",
    tariff,
    sequence,
    signer: await signer.getAddress(),
    signature: await signer.signTypedData(typedDomain, types, {
      tariffHash: tariffHash(tariff),
      sequence,
    }),
  };
}

/**
 * Checks a signed tariff: by whom, for which deployment, and that it is newer than `after`.
 *
 * @throws tariff/signature, tariff/outdated
 */
export function verifyTariff(
  signed: SignedTariff,
  expected: { readonly signer: string; readonly domain?: TariffDomain; readonly after?: number },
): Tariff {
  const { tariff, sequence } = signed;
  const recovered = recover(signed, digest(tariff, sequence, expected.domain ?? {}));
  if (recovered !== expected.signer.toLowerCase()) {
    const by = recovered === undefined ? "nobody" : recovered;
    throw tariffErrors.error(
      "signature",
      `${tariff.name} is signed by ${by}, not by ${expected.signer}`,
      { tariff: tariff.name, signer: signed.signer },
    );
  }
  if (expected.after !== undefined && sequence <= expected.after) {
    throw tariffErrors.error(
      "outdated",
      `${tariff.name} has the number ${sequence}, and ${expected.after} is known already`,
      { tariff: tariff.name, sequence, after: expected.after },
    );
  }
  return tariff;
}

/** Address of the key that made the signature; `undefined` where it is none. High s is refused. */
function recover({ signature }: SignedTariff, message: Uint8Array): string | undefined {
  if (!/^0x[0-9a-fA-F]{130}$/.test(signature)) return undefined;
  const bytes = hexToBytes(signature.slice(2));
  const v = bytes[64]!;
  if (v !== 27 && v !== 28) return undefined;
  try {
    const parsed = secp256k1.Signature.fromBytes(bytes.slice(0, 64), "compact");
    if (parsed.hasHighS()) return undefined;
    const key = parsed
      .addRecoveryBit(v - 27)
      .recoverPublicKey(message)
      .toBytes(false);
    return `0x${bytesToHex(keccak_256(key.slice(1)).slice(12))}`;
  } catch {
    // r or s out of range, or r no coordinate of a point.
    return undefined;
  }
}

function digest(tariff: Tariff, sequence: number, domain: TariffDomain): Uint8Array {
  const struct = keccak_256(
    concatBytes(
      hashText(tariffType),
      hexToBytes(tariffHash(tariff).slice(2)),
      word(BigInt(sequence)),
    ),
  );
  return keccak_256(concatBytes(Uint8Array.of(0x19, 0x01), domainSeparator(domain), struct));
}

function domainSeparator({ chainId, verifyingContract }: TariffDomain): Uint8Array {
  const fields = ["string name", "string version"];
  const values = [hashText(domainName), hashText(domainVersion)];
  if (chainId !== undefined) {
    fields.push("uint256 chainId");
    values.push(word(chainId));
  }
  if (verifyingContract !== undefined) {
    fields.push("address verifyingContract");
    values.push(word(BigInt(verifyingContract)));
  }
  return keccak_256(concatBytes(hashText(`EIP712Domain(${fields.join(",")})`), ...values));
}

function hashText(text: string): Uint8Array {
  return keccak_256(utf8ToBytes(text));
}

function word(value: bigint): Uint8Array {
  return hexToBytes(value.toString(16).padStart(64, "0"));
}
