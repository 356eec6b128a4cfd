/**
 * Characters that are invisible: controls except the line feed, direction marks, zero-width blanks, other line
 * ends, halves of characters. And what GitHub's logs take for a command: `::` at the beginning of a line, `##[` anywhere.
 */
const SILENT =
  /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?!\p{Variation_Selector})\p{Default_Ignorable_Code_Point}|(?<=^[^\S\n]*):(?=:)|(?<=##)\[/gmu;

/**
 * Makes foreign text safe for a terminal or a log: `\u001b` is shown for the escape character. In JSON both mean the same,
 * so JSON keeps its meaning.
 */
export function spellOut(text: string): string {
  return text.replace(SILENT, spell);
}

/** `spellOut` for what is to be one line. */
export function spellOutLine(text: string): string {
  return spellOut(text.replace(/\n/g, spell));
}

/** A message in which foreign text cannot begin a line of its own, such as `error:`. */
export function indentRest(message: string): string {
  return message.replace(/\n(?=\S)/g, '\n  ');
}

function spell(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
