/** A refusal that asks: what a file leaves open, and the options that answer it. */
import { readingsErrors } from "../errors.js";
import type { Question } from "./mapping.js";

/** `shown`: the first rows, for the one who has to answer. */
export function questionError(file: string, asked: readonly Question[], shown = ""): Error {
  // Channels of one table ask alike.
  const questions = asked.filter(
    (q, i) => asked.findIndex((p) => p.question === q.question && p.option === q.option) === i,
  );
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
