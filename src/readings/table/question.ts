/** A refusal that asks: what a file leaves open, and the options that answer it. */
import { readingsErrors } from "../errors.js";
import type { Question } from "./mapping.js";

/** `shown`: the first rows, for the one who has to answer. */
export function questionError(file: string, questions: readonly Question[], shown = ""): Error {
  const texts = questions.map((q) => `${q.question} (${q.option} ${q.choices.join(" | ")})`);
  const many = questions.length === 1 ? "a question" : `${questions.length} questions`;
  const tail = shown === "" ? "" : `; read so far: ${shown}`;
  return readingsErrors.error(
    "question",
    `${file} leaves ${many} open: ${texts.join("; ")}${tail}`,
    {
      file,
      questions: JSON.stringify(questions),
      options: questions.map((q) => q.option).join(" "),
    },
  );
}
