/**
 * What shows nothing of itself: controls but the line feed, marks of direction, blanks without width, other ends of lines,
 * halves of characters. And what the logs of GitHub take for a command: `::` at the beginning of a line, `##[` anywhere.
 */
const SILENT =
  /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?!\p{Variation_Selector})\p{Default_Ignorable_Code_Point}|(?<=^[^\S\n]*):(?=:)|(?<=##)\[/gmu;

/**
 * A text that may hold what others wrote, such that it neither steers a terminal or a log nor hides there: `\u001b` stands for
 * the escape character. In JSON that means the same, so JSON stays the JSON that it is.
 */
export function spellOut(text: string): string {
  return text.replace(SILENT, spell);
}

/** `spellOut` for what is to be one line. */
export function spellOutLine(text: string): string {
  return spellOut(text.replace(/\n/g, spell));
}

/** A message in which what others wrote begins no line of its own, such as `error:`. */
export function indentRest(message: string): string {
  return message.replace(/\n(?=\S)/g, '\n  ');
}

function spell(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
