/** The last part of a path without its ending: the id of a home that its file does not name. */
export function stemOf(name: string): string {
  return name
    .split(/[/\\]/)
    .at(-1)!
    .replace(/\.[^.]*$/, "");
}
