/**
 * The text of the first JSON value, which is all that a server reads of an answer or a manifest, judged by its brackets;
 * the whole text if they do not close, and nothing if there is no value.
 */
export function firstValue(json: string): string {
  const text = json.replace(/^[\t\n\r ]+/, '');
  if (!/^[[{]/.test(text)) return /^[^\t\n\r ,\]}]*/.exec(text)?.[0] ?? '';
  let depth = 0;
  // Whole strings, so that brackets in them do not count.
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{}]/gs)) {
    if ('[{'.includes(token)) depth++;
    if (']}'.includes(token)) depth--;
    if (depth === 0) return text.slice(0, index + 1);
  }
  return text;
}
