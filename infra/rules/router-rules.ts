import assert from 'node:assert/strict';
import { digestOf } from '../../src/lib/digests.ts';
import { at, type TemplateRule } from '../template.ts';

/** Of the properties of the router, which must stay as they are for ever. */
const DIGEST = '252d66f7cedbd8872073241ff107747cefba501d85dd00f071e8b385ecf331ff';

/** The function that stands for the router until the first deploy. */
export const routerRules: readonly TemplateRule[] = [
  {
    rule: 'the router is made for the runtime that it is written for, and goes live at once',
    check: (template) => {
      const properties = at(template, 'Resources/Router/Properties');
      assert.equal(at(properties, 'FunctionConfig/Runtime'), 'cloudfront-js-2.0');
      assert.equal(at(properties, 'AutoPublish'), true);
    },
  },
  {
    rule: 'the resource of the router is never edited',
    check: (template) => {
      const properties = JSON.stringify(at(template, 'Resources/Router/Properties'));
      assert.equal(
        digestOf(properties),
        DIGEST,
        'A property of the resource Router has changed. CloudFormation would update the function, and that puts the ' +
          'placeholder in place of the live router: every request would be answered 503 until the next deploy. Take ' +
          'the change back. Where it cannot be avoided, put the new digest here, and deploy right after the update.',
      );
    },
  },
];
