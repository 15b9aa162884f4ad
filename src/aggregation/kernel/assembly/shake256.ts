/** SHAKE256 (FIPS 202, section 6.2): one message in, a long output. */
import { keccakF } from "./keccak.ts";

/** Bytes absorbed and squeezed per permutation: 1600 bits less a capacity of 512. */
const RATE: usize = 136;
const state = memory.data(200, 16);

/** Writes `outputLength` bytes of SHAKE256 of the `inputLength` bytes at `input`. Lengths are public. */
export function shake256(
  input: usize,
  inputLength: usize,
  output: usize,
  outputLength: usize,
): void {
  memory.fill(state, 0, 200);
  while (inputLength >= RATE) {
    absorb(input, RATE);
    keccakF(state);
    input += RATE;
    inputLength -= RATE;
  }
  absorb(input, inputLength);
  // The suffix 1111 of SHAKE, then the padding 10*1.
  store<u8>(state + inputLength, load<u8>(state + inputLength) ^ 0x1f);
  store<u8>(state + RATE - 1, load<u8>(state + RATE - 1) ^ 0x80);
  while (true) {
    keccakF(state);
    const take = min(outputLength, RATE);
    memory.copy(output, state, take);
    output += take;
    outputLength -= take;
    if (outputLength == 0) return;
  }
}

function absorb(input: usize, length: usize): void {
  for (let i: usize = 0; i < length; i++) {
    store<u8>(state + i, load<u8>(state + i) ^ load<u8>(input + i));
  }
}

/** Clears the sponge, from which a squeezed secret could be computed back. */
export function wipeState(): void {
  memory.fill(state, 0, 200);
}
