export { checkJson, readJson, withoutFormat, type Fault } from "./read-json.js";
export { countField, decimalField, hexField, integerField, matching } from "./fields.js";
