export const MAY_IMPORT: Readonly<Record<string, readonly string[]>>;
export const TOP_LAYERS: readonly string[];
export const BROWSER_SAFE: readonly {
  readonly path: string;
  readonly except?: readonly string[];
}[];
export function isBrowserSafe(file: string): boolean;
export const PARTS: Readonly<Record<string, readonly string[]>>;
