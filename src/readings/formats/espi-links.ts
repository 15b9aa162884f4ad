/**
 * Which interval blocks belong to which meter reading, reading type and usage point: the links of an
 * Atom feed in ESPI. Feeds differ in how strictly they link, so a sole resource of its kind is taken
 * where links lead nowhere.
 */

/** An Atom entry with the resource it holds. */
export interface Entry {
  readonly links: { readonly rel: string; readonly href: string }[];
  kind?: string;
  /** Of a reading type. */
  fields?: Record<string, string>;
  /** `ServiceCategory` of a usage point: 0 electricity, 1 gas. */
  service?: string;
}

/** Fields of a reading type that matter here. */
export interface ReadingType {
  readonly uom?: string;
  readonly powerOfTenMultiplier?: string;
  readonly flowDirection?: string;
  readonly commodity?: string;
  readonly accumulationBehaviour?: string;
  /** `MeasurementKind`: 12 is energy. */
  readonly kind?: string;
  /** Number of a time-of-use register. */
  readonly tou?: string;
}

export interface Placed {
  readonly home: string;
  readonly register: string;
  readonly service: string | undefined;
  readonly type: ReadingType | undefined;
  /** Of several meter readings, or usage points, its links name none. */
  readonly astray: boolean;
}

export class EspiLinks {
  readonly #entries: Entry[] = [];

  add(entry: Entry): void {
    if (entry.kind !== undefined) this.#entries.push(entry);
  }

  of(block: Entry): Placed {
    const reading = this.#owner(block, "MeterReading");
    const point = reading === undefined ? undefined : this.#owner(reading, "UsagePoint");
    const type = this.#target(reading, "ReadingType");
    const usagePoint = point ?? this.#sole("UsagePoint");
    return {
      home: homeName(hrefs(usagePoint, "self")[0] ?? ""),
      register: this.#count("MeterReading") > 1 ? (hrefs(reading, "self")[0] ?? "") : "",
      service: usagePoint?.service,
      type: (type ?? this.#sole("ReadingType"))?.fields,
      astray:
        (reading === undefined && this.#count("MeterReading") > 1) ||
        (usagePoint === undefined && this.#count("UsagePoint") > 1),
    };
  }

  /** The entry of a kind whose related links name this one, or under whose address this one lies. */
  #owner(child: Entry, kind: string): Entry | undefined {
    const own = [...hrefs(child, "self"), ...hrefs(child, "up")];
    const owners = this.#entries.filter((e) => e.kind === kind);
    return (
      owners.find((e) => hrefs(e, "related").some((href) => own.includes(href))) ??
      owners.find((e) =>
        hrefs(e, "self").some((href) => own.some((o) => o.startsWith(`${href}/`))),
      ) ??
      this.#sole(kind)
    );
  }

  #target(from: Entry | undefined, kind: string): Entry | undefined {
    const related = hrefs(from, "related");
    return this.#entries.find(
      (e) => e.kind === kind && hrefs(e, "self").some((href) => related.includes(href)),
    );
  }

  #sole(kind: string): Entry | undefined {
    const all = this.#entries.filter((e) => e.kind === kind);
    return all.length === 1 ? all[0] : undefined;
  }

  #count(kind: string): number {
    return this.#entries.filter((e) => e.kind === kind).length;
  }
}

function hrefs(entry: Entry | undefined, rel: string): string[] {
  return entry === undefined ? [] : entry.links.filter((l) => l.rel === rel).map((l) => l.href);
}

/** `…/RetailCustomer/3/UsagePoint/1` is the home `3-1`. */
function homeName(self: string): string {
  const match = /([^/]+)\/UsagePoint\/([^/?#]+)/.exec(self);
  if (match !== null) return `${match[1]!}-${match[2]!}`;
  const last = self.split("/").findLast((part) => part !== "");
  return last ?? "usage-point";
}
