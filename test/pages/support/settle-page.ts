/** What a person does on the settle page. */
import type { Page } from "playwright-core";
import { expectSoon } from "./soon.js";

export interface FileToPick {
  readonly name: string;
  readonly text: string;
}

export async function pickFiles(page: Page, ...files: FileToPick[]): Promise<void> {
  await page.setInputFiles(
    "input[type=file]",
    files.map(({ name, text }) => ({
      name,
      mimeType: "application/json",
      buffer: Buffer.from(text),
    })),
  );
}

/** Waits until the page shows an error with this identifier. */
export async function waitForError(page: Page, code: string): Promise<void> {
  await page.locator(".notice .code").filter({ hasText: code }).first().waitFor();
}

export async function connectAndSettle(page: Page, wallet: string, bills: string): Promise<void> {
  await page.getByRole("button", { name: wallet }).click();
  await page.getByRole("button", { name: `Settle ${bills}` }).click();
}

/** Waits until the badges of the bills say this, from top to bottom: a bill may be checked again. */
export async function expectStates(page: Page, ...expected: string[]): Promise<void> {
  await expectSoon(() => page.locator(".bill .badge").allInnerTexts(), expected, "states of bills");
}
