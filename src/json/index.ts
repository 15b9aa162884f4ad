export {
  checkJson,
  parseJson,
  readJson,
  withoutFormat,
  type Fault,
  type Reviver,
} from "./read-json.js";
export {
  bareHexField,
  countField,
  decimalField,
  errorField,
  heardErrorField,
  hexField,
  integerField,
  matching,
  notAList,
} from "./fields.js";
