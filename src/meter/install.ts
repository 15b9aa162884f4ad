/**
 * Installing a meter. Meter and resident make the view key together: the meter commits to its share,
 * the resident answers with its own, the meter opens. Neither can choose the key, and the utility
 * sees neither share.
 */
import { randomBytes } from "@noble/hashes/utils.js";
import { randomSecretKey, type Bn254 } from "../algebra/index.js";
import {
  commitToShare,
  deriveViewKey,
  settlementSystem,
  type Denominations,
  type HexAddress,
  type SuiteName,
  type ViewKey,
} from "../sipster/index.js";
import { meterErrors } from "./errors.js";
import type { NonVolatileMemory } from "./memory.js";
import { Meter } from "./meter.js";
import { encodeState } from "./state.js";

export interface MeterSettings {
  readonly chainId: bigint;
  readonly settlement: string;
  /** Address of the utility's key for notices of key epochs. */
  readonly noticeSigner: HexAddress;
  readonly keyEpoch: number;
  readonly denominations: Denominations;
  /** Money of one unit; all charges come over the same denominator. */
  readonly unit: { readonly numerator: bigint; readonly denominator: bigint };
  /** Hash-bound, or the classic suite with the secret token key that all its meters share. */
  readonly suite:
    | { readonly name: Extract<SuiteName, "hash-bound"> }
    | { readonly name: Extract<SuiteName, "classic">; readonly tokenKey: Uint8Array };
}

export interface InstalledMeter {
  readonly meter: Meter;
  /** The meter's share, which opens the commitment. */
  readonly meterShare: Uint8Array;
  readonly viewKey: ViewKey;
}

export class MeterInstallation {
  /** To the resident, before it sends its share. */
  readonly commitment: Uint8Array;
  readonly #share = randomBytes(32);

  /**
   * @throws meter/already-installed if the memory holds a meter
   * @throws meter/bad-unit, sipster/bad-address
   */
  constructor(
    private readonly curve: Bn254,
    private readonly memory: NonVolatileMemory,
    private readonly settings: MeterSettings,
  ) {
    if (memory.read() !== null) {
      throw meterErrors.error("already-installed", "the memory already holds a meter");
    }
    if (settings.unit.numerator <= 0n || settings.unit.denominator <= 0n) {
      throw meterErrors.error(
        "bad-unit",
        `the unit is ${settings.unit.numerator}/${settings.unit.denominator}`,
      );
    }
    settlementSystem(settings.chainId, settings.settlement);
    this.commitment = commitToShare(this.#share);
  }

  /**
   * Makes the keys and writes the memory. The resident checks the share that comes back against the
   * commitment (`checkShare`).
   * @throws sipster/bad-view-key if the resident's share has not 32 bytes
   */
  complete(residentShare: Uint8Array): InstalledMeter {
    const { settings, curve } = this;
    const system = settlementSystem(settings.chainId, settings.settlement);
    const viewKey = deriveViewKey(system.systemId, this.#share, residentShare);
    const { g1 } = curve;
    this.memory.write(
      encodeState({
        installation: {
          chainId: settings.chainId,
          settlement: system.settlement,
          noticeSigner: settings.noticeSigner,
          suite: settings.suite.name,
          denominations: settings.denominations,
          unitNumerator: settings.unit.numerator,
          denominator: settings.unit.denominator,
          viewKey,
          billKey: randomSecretKey(),
          tokenKey: settings.suite.name === "classic" ? settings.suite.tokenKey : null,
        },
        counter: 0n,
        open: { keyEpoch: settings.keyEpoch, start: 0n, large: 0, rest: 0n },
        accumulated: g1.encode(g1.identity),
        blinding: 0n,
        accrued: 0n,
        recordedUpTo: -1,
        closed: null,
      }),
    );
    return { meter: Meter.open(curve, this.memory), meterShare: this.#share, viewKey };
  }
}
