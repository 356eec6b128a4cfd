/** Whether GitHub counts a file among the `paths` of a trigger: the last pattern that matches decides, and `!` excludes. */
export function isInPaths(file: string, patterns: readonly string[]): boolean {
  let isIn = false;
  for (const pattern of patterns) {
    const isExcluding = pattern.startsWith('!');
    if (toExpression(isExcluding ? pattern.slice(1) : pattern).test(file)) isIn = !isExcluding;
  }
  return isIn;
}

/** `**` stands for anything, `*` for anything without a slash. */
function toExpression(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*\/?|\*)/).map((part) => {
    if (part === '**') return '.*';
    if (part === '**/') return '(?:.*/)?';
    if (part === '*') return '[^/]*';
    return part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`, 's');
}
