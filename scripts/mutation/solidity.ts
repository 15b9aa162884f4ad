/**
 * Finds the places of a contract where one small change makes another program: each condition and each modifier
 * taken away, each comparison moved by one, each effect left out. On the syntax tree of the compiler that builds
 * the contracts, assembly included.
 */
import { createRequire } from "node:module";
import type { Mutant } from "./mutants.js";

interface Node {
  readonly nodeType: string;
  readonly src: string;
  readonly [key: string]: unknown;
}

interface Solc {
  compile(input: string): string;
}

const OPERATORS: Readonly<Record<string, string>> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "==": "!=",
  "!=": "==",
  "&&": "||",
  "||": "&&",
  "|": "&",
  "&": "|",
  "+": "-",
  "-": "+",
  "*": "+",
  "/": "*",
  "%": "+",
  "<<": ">>",
  ">>": "<<",
  "+=": "-=",
  "-=": "+=",
  "++": "--",
  "--": "++",
};

/** Built-in functions of assembly, and what takes the same arguments. */
const BUILT_INS: Readonly<Record<string, string>> = {
  lt: "gt",
  gt: "lt",
  eq: "lt",
  and: "or",
  or: "and",
  add: "sub",
  sub: "add",
  mulmod: "addmod",
  addmod: "mulmod",
  shr: "shl",
};

type Add = (from: number, to: number, replacement: string) => void;

/** Every mutant of a contract's `source`, in the order of the text. */
export function findSolidityMutants(file: string, source: string): Mutant[] {
  const bytes = Buffer.from(source);
  const found: Mutant[] = [];
  /** Offsets are those of the compiler, in bytes of UTF-8. */
  const add: Add = (from, to, replacement) => {
    const start = bytes.subarray(0, from).toString().length;
    const original = bytes.subarray(from, to).toString();
    const line = source.slice(0, start).split("\n").length;
    found.push({ start, end: start + original.length, line, original, replacement });
  };
  const text = (node: Node): string => bytes.subarray(...spanOf(node)).toString();
  visit(parse(file, source), (node) => {
    mutateExpression(node, text, add);
    mutateCall(node, add);
    mutateDeadline(node, text, add);
    mutateStatement(node, add);
    mutateAssembly(node, text, add);
  });
  return found.sort((a, b) => a.start - b.start);
}

function parse(file: string, source: string): Node {
  const solc = createRequire(import.meta.url)("solc") as Solc;
  const settings = { stopAfter: "parsing", outputSelection: { "*": { "": ["ast"] } } };
  const input = { language: "Solidity", sources: { [file]: { content: source } }, settings };
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as {
    sources: Record<string, { ast: Node }>;
  };
  return output.sources[file]!.ast;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "nodeType" in value;
}

/** Every node but types and the counting of loops: without that, a loop ends by gas alone. */
function visit(node: Node, see: (node: Node) => void): void {
  if (node.nodeType.endsWith("TypeName")) return;
  see(node);
  for (const [key, value] of Object.entries(node)) {
    if (key === "loopExpression") continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) visit(child, see);
    }
  }
}

/** Where the text of a node begins and ends. */
function spanOf(node: Node): [from: number, to: number] {
  const [from, length] = node.src.split(":").map(Number);
  return [from!, from! + length!];
}

function mutateExpression(node: Node, text: (node: Node) => string, add: Add): void {
  const [from, to] = spanOf(node);
  if (node.nodeType === "BinaryOperation") {
    between(node.leftExpression as Node, node.rightExpression as Node, node.operator as string);
  } else if (node.nodeType === "Assignment" && node.operator !== "=") {
    between(node.leftHandSide as Node, node.rightHandSide as Node, node.operator as string);
  } else if (node.nodeType === "UnaryOperation") {
    const operator = node.operator as string;
    const other = operator === "!" ? "" : OPERATORS[operator];
    if (other !== undefined && node.prefix === true) add(from, from + operator.length, other);
  } else if (node.nodeType === "Conditional") {
    const condition = node.condition as Node;
    add(...spanOf(condition), `!(${text(condition)})`);
  } else if (node.nodeType === "Literal" && node.kind === "number") {
    add(from, to, `(${text(node)} + 1)`);
  } else if (node.nodeType === "Literal" && node.kind === "bool") {
    add(from, to, node.value === "true" ? "false" : "true");
  }

  /** The operator is all that stands between its sides, but for parentheses and spaces. */
  function between(left: Node, right: Node, operator: string): void {
    const other = OPERATORS[operator];
    const gap = spanOf(left)[1];
    const start =
      gap + text({ ...node, src: `${gap}:${spanOf(right)[0] - gap}` }).indexOf(operator);
    if (other !== undefined) add(start, start + operator.length, other);
  }
}

/** Leaves out one thing of all that is hashed or signed. */
function mutateCall(node: Node, add: Add): void {
  if (node.nodeType !== "FunctionCall") return;
  const callee = node.expression as Node;
  if (callee.nodeType !== "MemberAccess" || (callee.expression as Node).name !== "abi") return;
  const spans = (node.arguments as Node[]).map(spanOf);
  spans.forEach(([from, to], i) => {
    if (i > 0) add(spans[i - 1]![1], to, "");
    else add(from, spans[1]?.[0] ?? to, "");
  });
}

/** Moves a deadline by ten minutes, to either side. */
function mutateDeadline(node: Node, text: (node: Node) => string, add: Add): void {
  if (
    node.nodeType !== "BinaryOperation" ||
    text(node.leftExpression as Node) !== "block.timestamp"
  )
    return;
  const deadline = node.rightExpression as Node;
  if (deadline.nodeType !== "MemberAccess") return;
  for (const shift of ["+ 600", "- 600"]) add(...spanOf(deadline), `(${text(deadline)} ${shift})`);
}

function mutateStatement(node: Node, add: Add): void {
  const [from, to] = spanOf(node);
  // The semicolon is not in the tree, and goes with its statement.
  if (node.nodeType === "IfStatement") {
    const condition = spanOf(node.condition as Node);
    add(...condition, "false");
    if (isNode(node.falseBody)) add(...condition, "true");
  } else if (node.nodeType === "EmitStatement") {
    add(from, to + 1, "");
  } else if (node.nodeType === "ExpressionStatement") {
    add(from, to + 1, "");
  } else if (node.nodeType === "ModifierInvocation") {
    // The constructor of a base begins with a capital letter, and cannot be left out.
    const { name } = node.modifierName as Node;
    if (/^[a-z]/.test(name as string)) add(from, to, "");
  }
}

function mutateAssembly(node: Node, text: (node: Node) => string, add: Add): void {
  const [from, to] = spanOf(node);
  if (node.nodeType === "YulFunctionCall") {
    const name = node.functionName as Node;
    const other = BUILT_INS[text(name)];
    if (other !== undefined) add(...spanOf(name), other);
  } else if (node.nodeType === "YulLiteral") {
    add(from, to, `add(${text(node)}, 1)`);
  } else if (node.nodeType === "YulExpressionStatement") {
    add(from, to, "");
  }
}
