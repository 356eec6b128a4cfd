/**
 * Lower case as the reference has it: each code point on its own, by Unicode's simple mapping. `toLowerCase` of a whole
 * text differs: it knows the final sigma, and makes two code points of U+0130.
 */
export function lowerCase(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase();
  let lower = '';
  for (const character of text) lower += simpleLowerCase(character);
  return lower;
}

function simpleLowerCase(character: string): string {
  if (character === '\u0130') return 'i';
  return character.toLowerCase();
}
