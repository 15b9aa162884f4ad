/**
 * A trustee's side of a key ceremony between machines: signed messages in, a signed message out, and
 * everything that a message depends on is in the store before the message leaves. Each step begins from
 * the store, so a process killed anywhere goes on with the same secrets and sends the same bytes again.
 *
 * Messages that are not signed by a trustee of this committee, or cannot be read, are as good as not
 * sent: anybody could have made them.
 */
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import { ByteReader, equalBytes, intToBytes } from "../algebra/index.js";
import { open, seal } from "../envelope/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import type { Store, Transaction } from "../store/index.js";
import {
  decodeDealing,
  decodeDisclosures,
  decodeExtraction,
  encodeDealing,
  encodeDisclosures,
  encodeExtraction,
  encodeTranscript,
  type Reading,
} from "./ceremony-messages.js";
import { decodeDealerSecrets, encodeDealerSecrets } from "./dealing.js";
import { sealedErrors } from "./errors.js";
import { KeyCeremony, type CeremonyPlace } from "./key-ceremony.js";
import { decodeKeyShare, encodeKeyShare, type KeyShare } from "./key-share.js";

const STEPS = ["dealing", "complaints", "extraction", "transcript"] as const;
type Step = (typeof STEPS)[number];

type Place = Omit<CeremonyPlace, "secrets">;
type Messages = readonly Uint8Array[];

export class CeremonyTrustee {
  readonly #at: string;
  readonly #reading: Reading;

  /** The same arguments after a restart go on where the store says. */
  constructor(
    private readonly place: Place,
    private readonly store: Store,
  ) {
    const { system, committee, index, previous } = place;
    this.#at = `sealed/ceremony/${bytesToHex(committee.context)}/${index}`;
    this.#reading = { system, committee, kind: previous === undefined ? "generate" : "refresh" };
  }

  /** Step 1: the message for all others. */
  deal(): Promise<Uint8Array> {
    const { system } = this.place;
    return this.#step("dealing", [], (ceremony) => encodeDealing(system, ceremony.deal()));
  }

  /** Step 2, with the dealings that arrived. */
  complain(dealings: Messages): Promise<Uint8Array> {
    const { system } = this.place;
    return this.#step("complaints", dealings, (ceremony, board) =>
      encodeDisclosures(system, ceremony.examine(this.#dealings(board))),
    );
  }

  /** Step 3, with the complaints that arrived. @throws sealed/too-few-dealers */
  extract(complaints: Messages): Promise<Uint8Array> {
    const { system } = this.place;
    return this.#step("extraction", complaints, (ceremony, board) =>
      encodeExtraction(system, ceremony.extract(this.#complaints(board))),
    );
  }

  /** Step 4, with the extractions that arrived. @throws sealed/bad-extraction, sealed/weak-key */
  conclude(extractions: Messages): Promise<Uint8Array> {
    const { system } = this.place;
    return this.#step("transcript", extractions, (ceremony, board) =>
      encodeTranscript(system, ceremony.conclude(this.#extractions(board))),
    );
  }

  /**
   * Step 5, with the transcripts that arrived: the share, kept in the store from here on. The secrets of
   * the ceremony are deleted. @throws sealed/transcripts-differ
   */
  finish(transcripts: Messages): Promise<KeyShare> {
    const { system } = this.place;
    return this.store.transaction(async (tx) => {
      const kept = await tx.get(`${this.#at}/share`);
      if (kept !== undefined) return decodeKeyShare(system, kept);
      const { ceremony } = await this.#replay(tx, undefined);
      const signed = this.#read("transcript", transcripts);
      const share = ceremony.finish(
        signed.map(({ from, body }) => ({ trustee: from, encoded: body })),
      );
      tx.put(`${this.#at}/share`, encodeKeyShare(system, share));
      tx.delete(`${this.#at}/secrets`);
      return share;
    });
  }

  #step(
    step: Step,
    arrived: Messages,
    run: (ceremony: KeyCeremony, board: Messages) => Uint8Array,
  ): Promise<Uint8Array> {
    return this.store.transaction(async (tx) => {
      const sent = await tx.get(`${this.#at}/sent/${step}`);
      if (sent !== undefined) return sent;
      const { ceremony, isNew } = await this.#replay(tx, step);
      const body = run(ceremony, arrived);
      if (isNew) {
        const secrets = encodeDealerSecrets(this.place.system, ceremony.secrets);
        tx.put(`${this.#at}/secrets`, secrets);
      }
      const { identity } = this.place.self;
      const { context } = this.place.committee;
      const letter = { system: "sealed", kind: step, context, sequence: 0n, body } as const;
      const message = seal(letter, identity);
      tx.put(`${this.#at}/board/${step}`, encodeBoard(arrived));
      tx.put(`${this.#at}/sent/${step}`, message);
      return message;
    });
  }

  /** The ceremony as it stood before `step`, or at the end. @throws sealed/wrong-stage */
  async #replay(
    tx: Transaction,
    step: Step | undefined,
  ): Promise<{ ceremony: KeyCeremony; isNew: boolean }> {
    const stored = await tx.get(`${this.#at}/secrets`);
    const secrets =
      stored === undefined ? undefined : decodeDealerSecrets(this.place.system, stored);
    const ceremony = new KeyCeremony({ ...this.place, secrets });
    for (const done of STEPS) {
      if (done === step) break;
      const board = await tx.get(`${this.#at}/board/${done}`);
      if (board === undefined) {
        throw sealedErrors.error("wrong-stage", `the ceremony is before its step "${done}"`, {
          step: done,
        });
      }
      this.#take(ceremony, done, decodeBoard(board));
    }
    return { ceremony, isNew: secrets === undefined };
  }

  #take(ceremony: KeyCeremony, step: Step, board: Messages): void {
    if (step === "dealing") ceremony.deal();
    else if (step === "complaints") ceremony.examine(this.#dealings(board));
    else if (step === "extraction") ceremony.extract(this.#complaints(board));
    else ceremony.conclude(this.#extractions(board));
  }

  #dealings(board: Messages) {
    return this.#bodies("dealing", board, decodeDealing);
  }

  #complaints(board: Messages) {
    return this.#bodies("complaints", board, decodeDisclosures).flat();
  }

  #extractions(board: Messages) {
    return this.#bodies("extraction", board, decodeExtraction).flatMap((e) => e ?? []);
  }

  #bodies<T>(
    step: Step,
    board: Messages,
    decode: (reading: Reading, from: number, bytes: Uint8Array) => T,
  ): T[] {
    return this.#read(step, board).flatMap(({ from, body }) => {
      try {
        return [decode(this.#reading, from, body)];
      } catch (error) {
        if (isSipsterError(error)) return [];
        throw error;
      }
    });
  }

  /**
   * Who sent a message of a step, and its body. The steps leave out messages that this refuses.
   * @throws envelope/malformed, wrong-place, bad-signature; sealed/unknown-trustee
   */
  open(step: Step, message: Uint8Array): { readonly from: number; readonly body: Uint8Array } {
    const { context, members } = this.place.committee;
    const expected = { system: "sealed", kind: step, context, sequence: 0n } as const;
    const { sender, body } = open(message, expected);
    const from = 1 + members.findIndex((m) => equalBytes(m.identityKey, sender));
    if (from > 0) return { from, body };
    throw sealedErrors.error("unknown-trustee", `a ${step} is not by a trustee of this committee`);
  }

  /** The messages that trustees of the committee signed. Two different ones of a trustee are none. */
  #read(step: Step, board: Messages): { from: number; body: Uint8Array }[] {
    const read: { from: number; body: Uint8Array }[] = [];
    for (const message of board) {
      try {
        const { from, body } = this.open(step, message);
        const isCopy = read.some((r) => r.from === from && equalBytes(r.body, body));
        if (!isCopy) read.push({ from, body });
      } catch (error) {
        if (!isSipsterError(error)) throw error;
      }
    }
    if (step === "transcript") return read;
    return read.filter((r) => read.every((other) => other === r || other.from !== r.from));
  }
}

function encodeBoard(messages: Messages): Uint8Array {
  return concatBytes(...messages.flatMap((m) => [intToBytes(m.length, 4), m]));
}

function decodeBoard(bytes: Uint8Array): Uint8Array[] {
  const reader = new ByteReader(bytes, (why) =>
    sealedErrors.error("bad-encoding", `the stored board cannot be read: ${why}`),
  );
  const messages: Uint8Array[] = [];
  while (reader.left > 0) messages.push(reader.take(reader.number(4)));
  return messages;
}
