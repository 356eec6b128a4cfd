/**
 * Takes every measurement once, then every one again, and so on: A B A B. What changes about the machine meanwhile changes
 * all of them, and their ratios stay.
 *
 * @returns for each the results in the order of the runs
 */
export async function interleave<Name extends string, Result>(
  runs: number,
  measurements: Readonly<Record<Name, () => Promise<Result>>>,
): Promise<Record<Name, Result[]>> {
  const names = Object.keys(measurements) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    Result[]
  >;
  for (let run = 0; run < runs; run++) {
    for (const name of names) results[name].push(await measurements[name]());
  }
  return results;
}
