import { folderName } from '../../snapshot/folder-name.ts';

/**
 * Where a plugin's page stands, from the root of the site: `plugins/jira/`. By the name of its folder, which is its id but for
 * odd ones: that has no character which browsers or edges would change on the way to the router, and no two plugins share it.
 */
export function pluginPagePath(id: string): string {
  return `plugins/${folderName(id)}/`;
}
