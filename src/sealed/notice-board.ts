/**
 * A trustee's or a meter's memory of the notices that it saw in time: signed by the control centre, before
 * what they are about begins, by the receiver's own clock, and one of each.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { equalBytes } from "../algebra/index.js";
import { envelopeErrors, open, readEnvelope, seal, type KeyPair } from "../envelope/index.js";
import type { Store } from "../store/index.js";
import { sealedErrors } from "./errors.js";
import type { Span } from "./interval.js";
import {
  decodeGroup,
  decodeTariff,
  encodeGroup,
  encodeTariff,
  noticeDigest,
  type GroupNotice,
  type TariffNotice,
} from "./notices.js";
import { rulesDigest, type ReportingRules } from "./rules.js";
import type { SealedSystem } from "./system.js";

/** A notice with the digest by which requests name it. */
export interface Posted<T> {
  readonly notice: T;
  readonly digest: Uint8Array;
}

export interface BoardPlace {
  readonly system: SealedSystem;
  readonly rules: ReportingRules;
  readonly store: Store;
  /** Prefix of the board's keys in the store. */
  readonly at: string;
  /** The owner's clock, in seconds since 1970. */
  readonly now: () => number;
}

type Kind = "tariff" | "group";

/** Signs a tariff, as the control centre. */
export function postTariff({
  system,
  rules,
  notice,
  key,
}: {
  readonly system: SealedSystem;
  readonly rules: ReportingRules;
  readonly notice: TariffNotice;
  readonly key: KeyPair;
}): Uint8Array {
  const body = encodeTariff(system, notice);
  const context = rulesDigest(system, rules);
  return seal(
    { system: "sealed", kind: "tariff", context, sequence: BigInt(notice.period), body },
    key,
  );
}

/** Signs a group, as the control centre. */
export function postGroup({
  system,
  rules,
  notice,
  key,
}: {
  readonly system: SealedSystem;
  readonly rules: ReportingRules;
  readonly notice: GroupNotice;
  readonly key: KeyPair;
}): Uint8Array {
  const body = encodeGroup(system, notice);
  const context = rulesDigest(system, rules);
  return seal(
    { system: "sealed", kind: "group", context, sequence: BigInt(notice.group), body },
    key,
  );
}

export class NoticeBoard {
  constructor(private readonly place: BoardPlace) {}

  /**
   * Takes a tariff. The same one again changes nothing.
   * @throws sealed/bad-notice, notice-too-late, second-notice; envelope/malformed, wrong-place, bad-signature
   */
  takeTariff(message: Uint8Array): Promise<TariffNotice> {
    return this.#take("tariff", message, (body) => decodeTariff(this.place.system, body));
  }

  /** Takes a group. @throws as {@link takeTariff} */
  takeGroup(
    message: Uint8Array,
    check: (notice: GroupNotice) => void = () => undefined,
  ): Promise<GroupNotice> {
    return this.#take("group", message, (body) => {
      const notice = decodeGroup(this.place.system, body);
      check(notice);
      return notice;
    });
  }

  /** The tariff of a period. @throws sealed/unknown-notice */
  tariff(period: number): Promise<Posted<TariffNotice>> {
    return this.#posted("tariff", period, (body) => decodeTariff(this.place.system, body));
  }

  /** @throws sealed/unknown-notice */
  group(group: number): Promise<Posted<GroupNotice>> {
    return this.#posted("group", group, (body) => decodeGroup(this.place.system, body));
  }

  async #take<T extends { readonly span: Span }>(
    kind: Kind,
    message: Uint8Array,
    decode: (body: Uint8Array) => T,
  ): Promise<T> {
    const { system, rules, store, now } = this.place;
    const context = rulesDigest(system, rules);
    const { sequence, body } = open(message, {
      system: "sealed",
      kind,
      context,
      sender: rules.authority,
    });
    const notice = decode(body);
    const number = "period" in notice ? notice.period : (notice as unknown as GroupNotice).group;
    if (BigInt(number as number) !== sequence) {
      throw envelopeErrors.error("wrong-place", `the ${kind} is not number ${sequence}`);
    }
    return store.transaction(async (tx) => {
      const key = this.#key(kind, Number(sequence));
      const known = await tx.get(key);
      if (known !== undefined) {
        if (equalBytes(readEnvelope(known).body, body)) return notice;
        throw sealedErrors.error(
          "second-notice",
          `a ${kind} of number ${sequence} was posted before, with other contents`,
          { kind, number: sequence, first: bytesToHex(known), second: bytesToHex(message) },
        );
      }
      if (now() >= notice.span.from) {
        throw sealedErrors.error(
          "notice-too-late",
          `the ${kind} of number ${sequence} came at ${now()}, and it begins at ${notice.span.from}`,
          { kind, number: sequence, from: notice.span.from },
        );
      }
      tx.put(key, message);
      return notice;
    });
  }

  async #posted<T>(
    kind: Kind,
    number: number,
    decode: (body: Uint8Array) => T,
  ): Promise<Posted<T>> {
    const message = await this.place.store.transaction((tx) => tx.get(this.#key(kind, number)));
    if (message === undefined) {
      throw sealedErrors.error("unknown-notice", `no ${kind} of number ${number} was taken`, {
        kind,
        number,
      });
    }
    const { body } = readEnvelope(message);
    return { notice: decode(body), digest: noticeDigest(kind, body) };
  }

  #key(kind: Kind, number: number): string {
    return `${this.place.at}/${kind}/${number}`;
  }
}
