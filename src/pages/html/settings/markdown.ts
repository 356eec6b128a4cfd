import MarkdownIt from 'markdown-it';
import { webLink } from '../../../lib/web-link.ts';
import { type Attributes, h, type Piece } from '../../shared/piece.ts';

/** What is nested deeper is left out: it would run out of a narrow screen. */
const MOST_LEVELS = 10;

/** Markup and images of others stay text. A heading would break the outline of the page. */
const parser = new MarkdownIt({ html: false, breaks: true, maxNesting: MOST_LEVELS }).disable([
  'image',
  'heading',
  'lheading',
  'table',
]);

type Token = ReturnType<typeof parser.parse>[number];

/** An element that is not yet closed. */
interface OpenElement {
  readonly tag: string;
  readonly attributes: Attributes;
  readonly children: Piece[];
}

/** The elements that a text may have. */
const TAGS: readonly string[] = ['p', 'ul', 'ol', 'li', 'strong', 'em', 's', 'blockquote', 'a'];

/** A text of others, written in Markdown, as pieces, so that nothing in it becomes markup of its own. */
export function markdown(text: string): Piece {
  return toPieces(parser.parse(text, {}));
}

function toPieces(tokens: readonly Token[]): Piece {
  const root: Piece[] = [];
  const open: OpenElement[] = [];
  const add = (piece: Piece) => (open.at(-1)?.children ?? root).push(piece);
  for (const token of tokens) {
    if (token.nesting === 1) {
      open.push({ ...elementOf(token), children: [] });
    } else if (token.nesting === -1) {
      const closed = open.pop();
      if (closed)
        add(
          closed.tag === '' ? closed.children : h(closed.tag, closed.attributes, closed.children),
        );
    } else {
      add(leafOf(token));
    }
  }
  return root;
}

/** The tag is empty where there is no element, but its content. */
function elementOf(token: Token): Omit<OpenElement, 'children'> {
  // Paragraphs in lists without blank lines.
  if (token.hidden || !TAGS.includes(token.tag)) return { tag: '', attributes: {} };
  if (token.tag !== 'a') return { tag: token.tag, attributes: {} };
  const href = webLink(token.attrGet('href'));
  if (href === undefined) return { tag: '', attributes: {} };
  return { tag: 'a', attributes: { href, rel: 'nofollow noopener' } };
}

function leafOf({ type, content, children }: Token): Piece {
  switch (type) {
    case 'inline':
      return toPieces(children ?? []);
    case 'code_inline':
      return h('code', {}, content);
    case 'code_block':
    case 'fence':
      return h('pre', { tabindex: '0' }, h('code', {}, content));
    case 'softbreak':
    case 'hardbreak':
      return h('br', {});
    case 'hr':
      return h('hr', {});
    default:
      return content;
  }
}
