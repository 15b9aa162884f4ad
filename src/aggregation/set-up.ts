/**
 * The whole set-up in one process, with every role played and every message checked as between
 * machines: for the command line, demonstrations and tests. The steps are those of docs/aggregation.md.
 */
import { setImmediate } from "node:timers/promises";
import { MemoryStore, type Store } from "../store/index.js";
import type { Bn254, G1Point } from "../algebra/index.js";
import { Aggregator } from "./aggregator.js";
import { DmcfeAggregator } from "./dmcfe/aggregator.js";
import { DmcfeMember } from "./dmcfe/member.js";
import type { FunctionPolicy, Weights } from "./dmcfe/weights.js";
import { ed25519KeyPair, type KeyPair } from "../envelope/index.js";
import { dmcfeContext, keyContext } from "./key-context.js";
import { KeyCollector, makeKeyShare } from "./key-share.js";
import type { LabelIntake } from "./label-intake.js";
import { Member } from "./member.js";
import { KeyAgreement, type PairwiseSecrets } from "./pairwise.js";
import { randomPrfKey } from "./prf.js";
import { defaultQuorum, enrol, fixRoster, type MemberSecrets, type Roster } from "./roster.js";

export interface GroupOptions {
  readonly group: string;
  readonly version?: number;
  /** Identifiers of at least two homes. */
  readonly members: readonly string[];
  /** Greatest value a member may send. */
  readonly maxValue: bigint;
  /** Least number present for a repair; four fifths unless given. */
  readonly quorum?: number;
  /** Called after each member's key agreement. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** A group whose members share pairwise secrets: keys for any number of streams and epochs follow. */
export interface AgreedGroup {
  readonly roster: Roster;
  readonly aggregatorIdentity: KeyPair;
  /** By index: what each member holds. */
  readonly members: readonly {
    readonly secrets: MemberSecrets;
    readonly pairwise: PairwiseSecrets;
  }[];
}

/** Enrolment, roster, and pairwise secrets. Takes about 3 ms a pair, most of it ML-KEM. */
export async function agreeGroup(options: GroupOptions): Promise<AgreedGroup> {
  const { group, members, maxValue, onProgress } = options;
  const aggregatorIdentity = ed25519KeyPair();
  const terms = {
    group,
    version: options.version ?? 1,
    aggregatorKey: aggregatorIdentity.publicKey,
    maxValue,
    quorum: options.quorum ?? defaultQuorum(members.length),
  };
  const enrolled = members.map((member) => enrol(terms, member));
  const enrolments = enrolled.map((e) => e.enrolment);
  const register = new Map(enrolments.map((e) => [e.member, e.identityKey]));
  const roster = fixRoster(terms, enrolments, register);

  const secretsOf = new Map(enrolled.map((e) => [e.enrolment.member, e.secrets]));
  const secrets = roster.members.map((m) => secretsOf.get(m.member)!);
  const agreements: KeyAgreement[] = [];
  for (const [index, own] of secrets.entries()) {
    agreements.push(new KeyAgreement({ roster, index, secrets: own }));
    await setImmediate();
  }
  const introductions = agreements.map((a) => a.introduction);
  const agreed: { secrets: MemberSecrets; pairwise: PairwiseSecrets }[] = [];
  for (const [index, own] of secrets.entries()) {
    agreed.push({ secrets: own, pairwise: agreements[index]!.finish(introductions) });
    onProgress?.(index + 1, secrets.length);
    await setImmediate();
  }
  return { roster, aggregatorIdentity, members: agreed };
}

export interface Stream {
  readonly members: readonly Member[];
  readonly aggregator: Aggregator;
}

export interface StreamOptions {
  /** What the values are, e.g. `"load-wh"`. */
  readonly stream: string;
  readonly epoch?: number;
  /** Where the member of an index keeps its key and mark; in memory unless given. */
  readonly store?: (index: number) => Store;
  /** False: the aggregator gets no sum of keys, and each sum needs an answer from every member. */
  readonly shareKeys?: boolean;
  /** Where the aggregator keeps its books; in memory unless given. */
  readonly aggregatorStore?: Store;
  /** Seconds that members wait for objections; 0 unless given, since all roles are in one process. */
  readonly window?: number;
  /** The members' clock, in seconds; stands still unless given. */
  readonly now?: () => number;
}

/**
 * Fresh keys of all members for one stream and epoch, and their sum for the aggregator.
 * @throws aggregation/state-exists if a member's store has a key for this stream and epoch
 */
export async function openStream(agreed: AgreedGroup, options: StreamOptions): Promise<Stream> {
  const { roster } = agreed;
  const context = keyContext(roster, options.stream, options.epoch ?? 1);
  const collector = new KeyCollector(roster, context);
  const members: Member[] = [];
  const { window = 0, now = () => 0 } = options;
  for (const [index, { secrets, pairwise }] of agreed.members.entries()) {
    const key = randomPrfKey();
    const { identity } = secrets;
    const store = options.store?.(index) ?? new MemoryStore();
    const place = { roster, context, index, identity, window, now };
    members.push(await Member.create(place, { key, pairwise }, store));
    if (options.shareKeys !== false) {
      collector.add(makeKeyShare({ context, index, key, pairwise, identity }));
    }
  }
  const keySum = options.shareKeys === false ? null : collector.total();
  const identity = agreed.aggregatorIdentity;
  const aggregator = await Aggregator.start(
    { roster, context, identity, keySum },
    options.aggregatorStore,
  );
  return { members, aggregator };
}

export interface DmcfeStream {
  readonly members: readonly DmcfeMember[];
  readonly aggregator: DmcfeAggregator;
  readonly intake: LabelIntake<G1Point>;
}

export interface DmcfeStreamOptions extends Pick<
  StreamOptions,
  "stream" | "epoch" | "store" | "aggregatorStore"
> {
  /** The function: a weight for each member in the roster's order; 1 for all unless given. */
  readonly weights?: Weights;
  readonly policy?: FunctionPolicy;
}

/**
 * Fresh keys of the inner-product scheme for one stream and epoch, and the key for one function.
 * Takes about 50 ms a member, most of it hashing the function to G2.
 * @throws aggregation/bad-weights, weights-refused, range-too-large, state-exists
 */
export async function openDmcfeStream(
  curve: Bn254,
  agreed: AgreedGroup,
  options: DmcfeStreamOptions,
): Promise<DmcfeStream> {
  const { roster } = agreed;
  const context = dmcfeContext(roster, options.stream, options.epoch ?? 1);
  const weights = options.weights ?? roster.members.map(() => 1n);
  const aggregator = new DmcfeAggregator({ curve, roster, context, weights });
  const members: DmcfeMember[] = [];
  for (const [index, { pairwise, secrets }] of agreed.members.entries()) {
    const store = options.store?.(index) ?? new MemoryStore();
    const place = { roster, context, index, identity: secrets.identity, now: () => 0 };
    const member = await DmcfeMember.create({
      curve,
      place,
      pairwise,
      store,
      policy: options.policy,
    });
    aggregator.addShare(await member.functionShare(weights));
    members.push(member);
  }
  const intake = await aggregator.intake(agreed.aggregatorIdentity, options.aggregatorStore);
  return { members, aggregator, intake };
}
