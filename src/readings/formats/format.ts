/** What every file format is to this room. */
import type { Collector } from "../collector.js";
import type { Mapping } from "../table/mapping.js";
import type { Input } from "../source.js";

export interface Format {
  /** As shown to people. */
  readonly name: string;
  /** Whether the first bytes of a file are of this format. */
  detect(head: string, mapping: Mapping): boolean;
  /** Reads the file into the collector, row by row. */
  read(input: Input, collector: Collector): Promise<void>;
}
