/**
 * Indents JSON text without parsing its values: a number of twenty digits stays what was stored,
 * which JSON.parse would round.
 */
export function prettyJson(text: string): string {
  let out = "";
  let depth = 0;
  let inString = false;
  const line = () => `\n${"  ".repeat(depth)}`;
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i] ?? "";
    if (inString) {
      out += c;
      if (c === "\\") out += text[(i += 1)] ?? "";
      else if (c === '"') inString = false;
      continue;
    }
    if (/\s/.test(c)) continue;
    if (c === '"') inString = true;
    if (c === "{" || c === "[") {
      const close = c === "{" ? "}" : "]";
      const end = /^\s*/.exec(text.slice(i + 1))?.[0].length ?? 0;
      if (text[i + 1 + end] === close) {
        out += c + close;
        i += end + 1;
        continue;
      }
      depth += 1;
      out += c + line();
    } else if (c === "}" || c === "]") {
      depth = Math.max(0, depth - 1);
      out += line() + c;
    } else if (c === ",") out += c + line();
    else if (c === ":") out += ": ";
    else out += c;
  }
  return out;
}
