/**
 * Finds the places of a source file where one small change makes a different program: the classic
 * operators of mutation testing (Offutt et al., "An experimental determination of sufficient mutant
 * operators", 1996), on the syntax tree of the TypeScript compiler.
 */
import ts from "typescript";

export interface Mutant {
  /** Offsets in the source: what lies between them is replaced. */
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly original: string;
  readonly replacement: string;
}

const BINARY = new Map<ts.SyntaxKind, string>([
  [ts.SyntaxKind.LessThanToken, "<="],
  [ts.SyntaxKind.LessThanEqualsToken, "<"],
  [ts.SyntaxKind.GreaterThanToken, ">="],
  [ts.SyntaxKind.GreaterThanEqualsToken, ">"],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, "!=="],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, "==="],
  [ts.SyntaxKind.AmpersandAmpersandToken, "||"],
  [ts.SyntaxKind.BarBarToken, "&&"],
  [ts.SyntaxKind.PlusToken, "-"],
  [ts.SyntaxKind.MinusToken, "+"],
  [ts.SyntaxKind.AsteriskToken, "+"],
  [ts.SyntaxKind.PercentToken, "+"],
  [ts.SyntaxKind.PlusEqualsToken, "-="],
  [ts.SyntaxKind.MinusEqualsToken, "+="],
]);

const METHODS: Readonly<Record<string, string>> = {
  every: "some",
  some: "every",
  min: "max",
  max: "min",
};

/** Text is for people: a changed word is not a changed program. */
function isProse(node: ts.Node): boolean {
  for (let up: ts.Node | undefined = node; up !== undefined; up = up.parent) {
    if (ts.isThrowStatement(up) || ts.isTemplateExpression(up) || ts.isTypeNode(up)) return true;
    if (ts.isCallExpression(up) && up.expression.getText() === "defineErrors") return true;
  }
  return false;
}

/** Every mutant of `source`, in the order of the text. */
export function findMutants(file: string, source: string): Mutant[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const found: Mutant[] = [];
  const add = (node: ts.Node, replacement: string): void => {
    const start = node.getStart(tree);
    const line = tree.getLineAndCharacterOfPosition(start).line + 1;
    const original = source.slice(start, node.end);
    found.push({ start, end: node.end, line, original, replacement });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || isProse(node)) return;
    mutateExpression(node, add);
    mutateStatement(node, add);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found.sort((a, b) => a.start - b.start);
}

type Add = (node: ts.Node, replacement: string) => void;

function mutateExpression(node: ts.Node, add: Add): void {
  if (ts.isBinaryExpression(node)) {
    const other = BINARY.get(node.operatorToken.kind);
    const joinsText = /["'`]/.test(node.left.getText()) || /["'`]/.test(node.right.getText());
    const isArithmetic = other !== undefined && /^[+-]=?$/.test(other);
    if (other !== undefined && !(isArithmetic && joinsText)) add(node.operatorToken, other);
  } else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    add(node, node.operand.getText());
  } else if (node.kind === ts.SyntaxKind.TrueKeyword) {
    add(node, "false");
  } else if (node.kind === ts.SyntaxKind.FalseKeyword) {
    add(node, "true");
  } else if (ts.isNumericLiteral(node) && !ts.isPropertyAssignment(node.parent)) {
    add(node, `${Number(node.text) + 1}`);
  } else if (ts.isBigIntLiteral(node)) {
    add(node, `${BigInt(node.text.replace(/n$/, "")) + 1n}n`);
  } else if (ts.isPropertyAccessExpression(node) && ts.isCallExpression(node.parent)) {
    const other = METHODS[node.name.text];
    if (other !== undefined && node.parent.expression === node) add(node.name, other);
  } else if (ts.isConditionalExpression(node)) {
    add(node.condition, `!(${node.condition.getText()})`);
  }
}

function mutateStatement(node: ts.Node, add: Add): void {
  if (ts.isIfStatement(node)) {
    add(node.expression, "false");
    if (node.elseStatement !== undefined) add(node.expression, "true");
  } else if (ts.isExpressionStatement(node)) {
    const inner = ts.isAwaitExpression(node.expression)
      ? node.expression.expression
      : node.expression;
    const isSuper =
      ts.isCallExpression(inner) && inner.expression.kind === ts.SyntaxKind.SuperKeyword;
    if (ts.isCallExpression(inner) && !isSuper) add(node, ";");
  }
}
