/**
 * The wallets of this browser, by EIP-6963: each announces itself, so that several can be installed
 * and none takes the place of another.
 */
import type { WalletProvider } from "./eip1193.js";

export interface AnnouncedWallet {
  /** Unique among the wallets of this visit. */
  readonly uuid: string;
  readonly name: string;
  /** A picture as a data URI; empty when the wallet gave none that can be shown safely. */
  readonly icon: string;
  /** Reverse domain name of its maker: the same on the next visit. */
  readonly rdns: string;
  readonly provider: WalletProvider;
}

/** Pictures inside an <img> run no scripts, SVG included; addresses elsewhere would be requests. */
const SAFE_ICON = /^data:image\/(svg\+xml|png|webp|jpeg|gif)[;,]/i;
const NAME_LENGTH = 60;
const ANNOUNCE = "eip6963:announceProvider";

/** Collects what wallets announce, until it is left. */
export class Wallets {
  readonly #found = new Map<string, AnnouncedWallet>();
  readonly #heard = (event: Event): void => {
    const wallet = announced((event as CustomEvent<unknown>).detail);
    if (wallet === null) return;
    this.#found.set(wallet.uuid, wallet);
    this.changed();
  };

  constructor(private readonly changed: () => void) {
    addEventListener(ANNOUNCE, this.#heard);
    dispatchEvent(new Event("eip6963:requestProvider"));
  }

  /** Listens no more. */
  leave(): void {
    removeEventListener(ANNOUNCE, this.#heard);
  }

  /** In alphabetical order: none is preferred. */
  get list(): readonly AnnouncedWallet[] {
    return [...this.#found.values()].toSorted((a, b) => a.name.localeCompare(b.name));
  }
}

function announced(detail: unknown): AnnouncedWallet | null {
  const { info, provider } = (detail ?? {}) as {
    readonly info?: Readonly<Record<string, unknown>>;
    readonly provider?: WalletProvider;
  };
  const { uuid, name, icon, rdns } = info ?? {};
  if (typeof uuid !== "string" || typeof name !== "string" || typeof rdns !== "string") return null;
  if (typeof provider?.request !== "function") return null;
  return {
    uuid,
    name: name.trim().slice(0, NAME_LENGTH) || rdns,
    icon: typeof icon === "string" && SAFE_ICON.test(icon.trim()) ? icon.trim() : "",
    rdns,
    provider,
  };
}
