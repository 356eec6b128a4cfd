// Edge dialect: this file is part of the router.

/** What a set needs to know of a plugin. */
interface Named {
  folder: string;
}

/**
 * The folder for the answers about some of the plugins: their folders joined by `!!`, or past three their number and a bit
 * for each plugin of the catalog, five bits a character. No plugin's folder has `!!` or begins with `!` and a number.
 */
export function setName(plugins: Named[], members: Named[]): string {
  const folders: string[] = [];
  let mask = '';
  let bits = 0;
  plugins.forEach((plugin, i) => {
    bits *= 2;
    if (members.indexOf(plugin) >= 0) {
      bits++;
      folders.push(plugin.folder);
    }
    if (i % 5 > 3) {
      mask += bits.toString(32);
      bits = 0;
    }
  });
  return folders[3] ? `!${folders.length}-${mask}${bits.toString(32)}` : folders.join('!!');
}
