import { toEdgeEvent } from '../../../src/hosts/cloudfront/edge-event.ts';
import type { RouterCase } from './router-cases.ts';

/**
 * What is repeated: `empty` the loop alone; `event` making the event too; `nothing` a router that returns the request as it
 * came; `router` the real one; `load` the top level of the router's script, which nginx runs for each request.
 */
export type Act = 'empty' | 'event' | 'nothing' | 'router' | 'load';

/**
 * The source of a script for any engine, in the edge dialect. It defines `handler(request)`, where `request` is
 * `{ act, number, loops }`: repeats an act on the events of the case of that number, in turn; or `{ act: 'answers', number }`:
 * returns what the router makes of them, the paths or the statuses, as JSON.
 * The router stands at the top level, as where it is at home, and functions are declared and no part of literals: njs 0.7.9
 * mixes up the router's variables otherwise.
 * Routers change the event, so each loop makes one, from a literal: that is the least an edge can do.
 */
export function driverSource(router: string, cases: readonly RouterCase[]): string {
  const makers = cases.map(({ targets }, number) =>
    targets.map((target, each) => {
      const event = JSON.stringify(toEdgeEvent('GET', target, {}));
      const name = `event${number}_${each}`;
      return { name, source: `function ${name}() { return ${event}; }\n` };
    }),
  );
  return `${router}
${makers.flatMap((each) => each.map(({ source }) => source)).join('')}
const CASES = [${makers.map((each) => `[${each.map(({ name }) => name)}]`)}];
const route = handler;
function empty() {}
function makeEvent(make) { make(); }
function doNothing(make) { return make().request; }
function askRouter(make) { return route(make()); }
function load() {
${router}
}
const ACTS = { empty: empty, event: makeEvent, nothing: doNothing, router: askRouter, load: load };
function drive(request) {
  const makers = CASES[request.number];
  const answers = [];
  for (let i = 0; request.act === 'answers' && i < makers.length; i++) {
    const answer = askRouter(makers[i]);
    answers.push(answer.uri || answer.statusCode);
  }
  const act = ACTS[request.act];
  for (let i = 0; i < request.loops; i++) act(makers[i % makers.length]);
  return JSON.stringify(answers);
}
handler = drive;
`;
}
