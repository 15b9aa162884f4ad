/** "1 bill", "3 bills", "1,234 bills". */
export function count(n: number | bigint, one: string, many = `${one}s`): string {
  return `${n.toLocaleString("en-US")} ${n === 1 || n === 1n ? one : many}`;
}
