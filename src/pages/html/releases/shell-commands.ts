/** Installs the newest release of a plugin that the server is offered. */
export function marketplaceCommand(id: string): string {
  return `mmctl plugin marketplace install ${quote(id)}`;
}

/** Enables what is installed. */
export function enableCommand(id: string): string {
  return `mmctl plugin enable ${quote(id)}`;
}

/** Installs a bundle from its address, whatever the marketplace offers. */
export function bundleCommand(url: string): string {
  return `mmctl plugin install-url ${quote(url)}`;
}

/** Checks a bundle by its signature, both in the current folder. */
export function verifyCommand(bundle: string): string {
  return `gpg --verify ${quote(`${bundle}.sig`)} ${quote(bundle)}`;
}

/** Quotes a word for a shell. */
function quote(word: string): string {
  return /^[\w.][\w./:@%+=-]*$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
