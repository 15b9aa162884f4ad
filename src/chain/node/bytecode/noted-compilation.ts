/**
 * A compilation of lib-sourcify that finds the compiler's note by what it is. The library compiles a
 * second time, with every file altered, to see what changes: ten seconds for the settlement contract.
 */
import { SolidityCompilation } from "@ethereum-sourcify/lib-sourcify";
import { metadataNotes } from "./metadata-note.js";

export class NotedCompilation extends SolidityCompilation {
  override async generateCborAuxdataPositions(forceEmscripten?: boolean): Promise<void> {
    const [runtime, ...more] = metadataNotes(this.runtimeBytecode);
    const [creation, ...others] = metadataNotes(this.creationBytecode);
    // One note in each, and the same: there is nothing to tell apart.
    if (
      runtime === undefined ||
      runtime.value !== creation?.value ||
      more.length + others.length > 0
    ) {
      return super.generateCborAuxdataPositions(forceEmscripten);
    }
    this._runtimeBytecodeCborAuxdata = { "1": runtime };
    this._creationBytecodeCborAuxdata = { "1": creation };
  }
}
