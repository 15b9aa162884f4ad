/** Says something to those who do not see the page change, through one live region in the shell. */

export const LIVE_REGION = "live";

const SHOWN_FOR = 4000;
let clearing: ReturnType<typeof setTimeout> | undefined;

export function announce(message: string): void {
  const region = document.getElementById(LIVE_REGION);
  if (region === null) return;
  // The same words twice in a row are said twice only if the region was empty between.
  region.textContent = "";
  clearTimeout(clearing);
  requestAnimationFrame(() => {
    region.textContent = message;
    clearing = setTimeout(() => {
      region.textContent = "";
    }, SHOWN_FOR);
  });
}
