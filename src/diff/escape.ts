/**
 * A text of the catalog as code in GitHub's Markdown. Every character that could mean something there, in HTML or in a table is
 * written as a number, and GitHub makes nothing of `@name`, `#1` or an address within code.
 */
export function toCode(text: string): string {
  const escaped = text
    .replace(INVISIBLE, ' ')
    .replace(/[^\p{L}\p{M}\p{N} -]/gu, (sign) => `&#${sign.codePointAt(0)};`);
  return `<code>${escaped}</code>`;
}

/** Line breaks, controls, blanks of any kind, and halves of characters. */
const INVISIBLE = /[\p{C}\p{Z}]+/gu;

/** Has no width, and keeps what stands around it from being read as one. */
const ZERO_WIDTH_SPACE = '\u200b';

/** A text of the catalog in Mattermost's Markdown, where it is to be text: no markup, mention, channel, emoji or link. */
export function toPlainText(text: string): string {
  return text
    .replace(INVISIBLE, ' ')
    .trim()
    .replace(/[@#~:.]/g, (sign) => `${sign}${ZERO_WIDTH_SPACE}`)
    .replace(/[!-/:-@[-`{-~]/g, (sign) => `\\${sign}`);
}

/** A web address of the catalog as the target of a link in Markdown. */
export function toLinkTarget(url: string): string {
  const signs: Readonly<Record<string, string>> = {
    '(': '%28',
    ')': '%29',
    '<': '%3C',
    '>': '%3E',
    '\\': '%5C',
  };
  return new URL(url).href.replace(/[()<>\\]/g, (sign) => signs[sign] ?? sign);
}
