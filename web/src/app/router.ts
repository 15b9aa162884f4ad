/**
 * Addresses of the pages. They live in the fragment (`#/audit/periods/201303`), so that every page
 * has its own and any static folder can serve them, with no rule for rewriting paths.
 */

/** Part of an address between slashes, decoded, and the values after `?`. */
export interface Location {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

export function parseLocation(hash: string): Location {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const parts = path.split("/").filter((part) => part !== "");
  return { path: parts.map(decode), query: new URLSearchParams(query) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // A stray "%": it leads to the page that says that there is none.
  }
}

/** The address of a page, for `href`. Values left undefined are left out of the query. */
export function href(
  path: readonly (string | number)[],
  query: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) search.set(key, String(value));
  }
  const parts = path.map((part) => encodeURIComponent(part)).join("/");
  return `#/${parts}${search.size > 0 ? `?${search.toString()}` : ""}`;
}

/** Calls `show` with the present location and at each change of it. */
export function followLocation(show: (location: Location) => void): void {
  const changed = (): void => {
    show(parseLocation(location.hash));
  };
  addEventListener("hashchange", changed);
  changed();
}
