import { h } from '../shared/piece.ts';
import { toNode } from './to-node.ts';

/** How long a button shows the outcome. */
const SHOWN_MS = 2000;

/** Puts a button that copies beside each block of code, and beside each signature. */
export function addCopyButtons(): void {
  for (const block of document.querySelectorAll('.code')) {
    block.append(copyButton('Copy', () => block.querySelector('code')?.textContent ?? ''));
  }
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a.signature')) {
    // After the comma of the data URL.
    link.after(copyButton('Copy as Base64', () => link.href.slice(link.href.indexOf(',') + 1)));
  }
}

function copyButton(label: string, read: () => string): Element {
  const button = toNode(
    h('button', { type: 'button', class: 'copy', 'aria-live': 'polite' }, label),
  );
  button.addEventListener('click', async () => {
    button.textContent = (await copy(read())) ? 'Copied' : 'Could not copy';
    setTimeout(() => {
      button.textContent = label;
    }, SHOWN_MS);
  });
  return button;
}

/** Browsers have the clipboard on encrypted sites only; marketplaces on private networks often are not. */
async function copy(text: string): Promise<boolean> {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
    const field = document.createElement('textarea');
    field.value = text;
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand('copy');
    field.remove();
    return isCopied;
  } catch {
    return false;
  }
}
