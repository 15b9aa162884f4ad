/**
 * A text in parts, in the order in which they are drawn from left to right: what is written from right to
 * left changes places with the numbers and Latin words in it (Unicode Standard Annex 9), and each letter is
 * in a font that has it.
 */

/** What is used of the package `bidi-js`. */
export interface Bidi {
  getEmbeddingLevels: (text: string) => { readonly levels: Uint8Array };
  getMirroredCharacter: (letter: string) => string | null;
}

export interface TextRun<F> {
  readonly text: string;
  readonly font: F;
}

interface Choice<F> {
  readonly font: F;
  readonly letters: { readonly has: (letter: string) => boolean };
}

interface Run<F> {
  text: string;
  readonly choice: Choice<F>;
  /** Odd where it is written from right to left. */
  readonly level: number;
}

/** @param choices fonts, the first that has a letter is taken */
export function visualRuns<F>(
  text: string,
  choices: readonly Choice<F>[],
  bidi: Bidi,
): TextRun<F>[] {
  const { levels } = bidi.getEmbeddingLevels(text);
  const runs: Run<F>[] = [];
  let at = 0;
  for (const letter of text) {
    const level = levels[at] ?? 0;
    at += letter.length;
    const last = runs.at(-1);
    // A mark stays with its letter, and a space with the word before it.
    const stays = last?.choice.letters.has(letter) === true;
    const choice = stays ? last.choice : choices.find((c) => c.letters.has(letter));
    if (last !== undefined && last.level === level && (choice ?? last.choice) === last.choice) {
      last.text += letter;
    } else {
      runs.push({ text: letter, choice: choice ?? choices[0]!, level });
    }
  }
  return inVisualOrder(runs).map((run) => ({ text: drawn(run, bidi), font: run.choice.font }));
}

/** Rule L2: from the highest level down, what lies at it or above is turned round. */
function inVisualOrder<F>(runs: readonly Run<F>[]): Run<F>[] {
  const order = [...runs];
  for (let level = Math.max(0, ...runs.map((r) => r.level)); level > 0; level--) {
    for (let from = 0; from < order.length; from++) {
      if (order[from]!.level < level) continue;
      let to = from;
      while (to < order.length && order[to]!.level >= level) to += 1;
      order.splice(from, to - from, ...order.slice(from, to).reverse());
      from = to;
    }
  }
  return order;
}

/** Fonts turn letters of such scripts round themselves; brackets change sides, and signs alone are turned here. */
function drawn<F>({ text, level }: Run<F>, bidi: Bidi): string {
  if (level % 2 === 0) return text;
  const letters = [...text].map((letter) => bidi.getMirroredCharacter(letter) ?? letter);
  const hasScript =
    /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
  return (hasScript.test(text) ? letters : letters.reverse()).join("");
}
