/** A wallet as a program: its folder, what it pins, its device. */
import { hexToBytes } from "@noble/hashes/utils.js";
import { createMclBn254, toAddress, type Bn254 } from "../../algebra/index.js";
import { DeploymentClock, type RpcProvider } from "../../chain/index.js";
import type { Channel } from "../../channel/index.js";
import { basketOf, BlindBlsWallet } from "../../ecash/index.js";
import { cameToNothing } from "../../funding/index.js";
import { MeterClient } from "../../meter/index.js";
import { Purse, Resident, type PaymentTerms, type ResidentSettings } from "../../resident/index.js";
import {
  classicSuite,
  hashBoundSuite,
  type SizeClass,
  type Suite,
  type SystemTerms,
} from "../../sipster/index.js";
import type { Store } from "../../store/index.js";
import { cliErrors } from "../errors.js";
import type { WalletConfig, WalletFolder } from "./folder.js";
import { channelOf } from "./channel.js";
import { pairedMeter } from "./paired-meter.js";
import { classNamed, ownTime, pin, type Pinned } from "./pinned.js";

/** Seconds: the clock of a development chain goes on by hours between two rounds. */
const FAST_CLOCK_GRACE = 86_400;

export interface OpenWallet {
  readonly folder: WalletFolder;
  readonly config: WalletConfig;
  readonly curve: Bn254;
  readonly suite: Suite;
  readonly pinned: Pinned;
  readonly clock: DeploymentClock;
  readonly channel: Channel;
  readonly store: Store;
  readonly purse: Purse;
  readonly resident: Resident;
  /** A connection to the paired meter. @throws cli/no-meter, meter/… */
  meter(): Promise<MeterClient>;
}

/** @throws cli/no-wallet, as `pin`, and what the store throws */
export async function openWallet(folder: WalletFolder, provider: RpcProvider): Promise<OpenWallet> {
  const { config } = folder;
  const curve = await createMclBn254();
  const pinned = await pin({ provider, curve, ...config, kept: folder.parameters });
  const { system, terms, keys, mints } = pinned;
  const store = await folder.books();
  const wallet = new BlindBlsWallet(curve, system, ...mints);
  const secret = folder.secret();
  const clock = new DeploymentClock(provider, terms, ownTime);
  await clock.read();
  const now = (): number => clock.now;
  const { systemId } = system;
  const suite =
    terms.suite.name === "hash-bound"
      ? hashBoundSuite(curve, systemId)
      : classicSuite(curve, systemId, terms.suite.tokenKey);
  const resident = new Resident({
    system,
    suite,
    wallet,
    secret,
    keys,
    mints,
    ...paymentTerms(pinned, config.sizeClass),
    store,
    ...(terms.lead === 0 && { grace: FAST_CLOCK_GRACE }),
    now,
  });
  return {
    folder,
    config,
    curve,
    suite,
    pinned,
    clock,
    channel: channelOf(config, pinned),
    store,
    resident,
    purse: new Purse({ wallet, store, secret, mints, now, cameToNothing }),
    meter: async () => {
      const paired = await pairedMeter(store);
      if (paired === null || config.meter === null) {
        throw cliErrors.error("no-meter", "this wallet is not paired with a meter");
      }
      return MeterClient.connect(config.meter, { curve, terms, paired });
    },
  };
}

/** What the first terms say of payments, and those after them from their periods on. */
function paymentTerms(
  { announced, sizeClass }: Pinned,
  wanted: string,
): PaymentTerms & Pick<ResidentSettings, "later"> {
  const [first, ...later] = announced.map(({ firstPeriod, terms }) => ({
    firstPeriod,
    // Terms of other months that do not have the home's class: that of this month stands for it.
    ...termsOfPayments(terms, classNamed(terms, wanted) ?? sizeClass),
  }));
  return { ...first!, later };
}

function termsOfPayments(terms: SystemTerms, { basket, requests }: SizeClass): PaymentTerms {
  return {
    payee: toAddress(hexToBytes(terms.payee.slice(2))),
    answerKey: terms.answerKey,
    policy: { kind: terms.schedule.policy },
    timetable: terms.schedule,
    requests,
    basket: basketOf(basket),
  };
}
