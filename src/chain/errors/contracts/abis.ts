/** The contracts whose errors are explained, and what TypeScript knows of those errors. */
import type { ErrorEntry } from "../../../errors/catalogue.js";
import {
  BillSettlement__factory,
  CreditVault__factory,
  IConsumptionLedger__factory,
  IPriceFunction__factory,
  ITrusteeHeads__factory,
  TestToken__factory,
} from "../../bindings/index.js";

/** One line a contract: a contract that is not here is one whose reverts nobody explains. */
export const contractAbis = {
  BillSettlement: BillSettlement__factory.abi,
  CreditVault: CreditVault__factory.abi,
  ConsumptionLedger: IConsumptionLedger__factory.abi,
  PriceFunction: IPriceFunction__factory.abi,
  TrusteeHeads: ITrusteeHeads__factory.abi,
  TestToken: TestToken__factory.abi,
} as const;

type Abi = (typeof contractAbis)[keyof typeof contractAbis];
type ErrorItem = Extract<Abi[number], { readonly type: "error" }>;

/** Names of all custom errors of all contracts. */
export type ContractErrorName = ErrorItem["name"];

interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly components?: readonly Parameter[];
}

type Value<P extends Parameter> = P["type"] extends "bool"
  ? boolean
  : P["type"] extends "tuple"
    ? Values<NonNullable<P["components"]>>
    : P["type"] extends `uint${string}` | `int${string}`
      ? bigint
      : string;
type Values<Ps extends readonly Parameter[]> = {
  readonly [P in Ps[number] as P["name"]]: Value<P>;
};

/** The arguments of an error by name: integers as bigint, addresses and bytes as 0x-hexadecimal. */
export type ErrorArguments<N extends ContractErrorName> = Values<
  Extract<ErrorItem, { readonly name: N }>["inputs"]
>;

/** What is said about an error: its cause with the values at hand, the rest once and for all. */
export type Explanations<N extends ContractErrorName> = {
  readonly [K in N]: ErrorEntry & { readonly cause: (args: ErrorArguments<K>) => string };
};
