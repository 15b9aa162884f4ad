/**
 * Says something to those who do not see the page change: through a live region that shows it for a
 * moment, or through one that nobody sees, for what the page shows anyway.
 */

export const TOAST = "toast";
export const QUIET = "quiet";

const SHOWN_FOR = 4000;
const clearing = new Map<string, ReturnType<typeof setTimeout>>();

/** What the page shows nowhere else. */
export function announce(message: string): void {
  say(TOAST, message);
}

/** What the page shows, but maybe not where the reader is. */
export function announceQuietly(message: string): void {
  say(QUIET, message);
}

function say(id: string, message: string): void {
  const region = document.getElementById(id);
  if (region === null) return;
  // The same words twice in a row are said twice only if the region was empty between.
  region.textContent = "";
  clearTimeout(clearing.get(id));
  requestAnimationFrame(() => {
    region.textContent = message;
    const clear = (): void => {
      region.textContent = "";
    };
    clearing.set(id, setTimeout(clear, SHOWN_FOR));
  });
}
