/**
 * The path of an archive's entry without `./` and doubled slashes, such as `jira/server/dist/plugin-linux-amd64`; empty for
 * the folder itself. Null where unpacking it could write outside of the folder that it is unpacked into, on any system.
 */
export function entryPath(name: string): string | null {
  const isAbsolute = name.startsWith('/') || /^[A-Za-z]:/.test(name);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (isAbsolute || /[\\\u0000-\u001f\u007f]/.test(name)) return null;
  const steps = name.split('/').filter((step) => step !== '' && step !== '.');
  return steps.includes('..') ? null : steps.join('/');
}
