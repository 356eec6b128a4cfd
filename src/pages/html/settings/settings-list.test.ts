import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elementsIn, textIn } from '../../../../test/samples/pieces.ts';
import { settingsList } from './settings-list.ts';

const listOf = (settings_schema: unknown) =>
  settingsList({ id: 'x', version: '1.0.0', settings_schema });
const one = (setting: object) => ({ settings: [setting] });

// A schema, what an administrator reads; empty: nothing.
const SCHEMAS: readonly (readonly [unknown, string])[] = [
  [undefined, ''],
  [null, ''],
  ['none', ''],
  [{ settings: 'none', sections: 7 }, ''],
  [{ settings: [null, 7, 'x', [], {}, { key: 5 }], sections: [null, { settings: [{}] }] }, ''],
  [
    {
      header: 'First.',
      footer: 'Last.',
      settings: [{ key: 'A' }],
      sections: [
        { title: 'S', settings: [{ key: 'A' }] },
        { title: 'T', header: 'Text.' },
      ],
    },
    'Settings|First.|Last.|S|A|T|Text.',
  ],
  [one({ key: 'Url' }), 'Settings|Url'],
  [
    one({ key: 'Url', display_name: 'Address:', type: 'text', help_text: 'Of **it**.' }),
    'Settings|Address|Text|Of |it|.',
  ],
  [
    one({ key: 'On', type: 'bool', default: true, help_text: 'So.' }),
    'Settings|On|On or off|So.|Default: on',
  ],
  [one({ key: 'On', type: 'Bool', default: false }), 'Settings|On|On or off|Default: off'],
  [one({ key: 'N', type: 'number', default: 0 }), 'Settings|N|Number|Default: |0'],
  [one({ key: 'S', type: 'text', default: '' }), 'Settings|S|Text'],
  [one({ key: 'S', type: 'text', default: {} }), 'Settings|S|Text'],
  [
    one({ key: 'S', type: 'longtext', default: '[]', placeholder: 'x' }),
    'Settings|S|Multi-line text|Default: |[]|Example: |x',
  ],
  [
    one({
      key: 'Log',
      type: 'dropdown',
      default: 'i',
      options: [{ display_name: 'Info', value: 'i' }, { value: 'd' }, null],
    }),
    'Settings|Log|Choice|Choices: |Info, d|Default: |Info',
  ],
  [one({ key: 'K', type: 'generated' }), 'Settings|K|Generated secret'],
  [one({ key: 'K', type: 'constructor' }), 'Settings|K|constructor'],
  [one({ key: 'K', type: 'custom', hosting: 'on-prem' }), 'Settings|K|Custom|Self-hosted only'],
  [
    { ...one({ key: 'A' }), header: 'Read *this*.', footer: 'That is all.' },
    'Settings|Read |this|.|A|That is all.',
  ],
  [
    { settings: [], sections: [{ title: 'Server', subtitle: 'Where', settings: [{ key: 'A' }] }] },
    'Settings|Server|Where|A',
  ],
  // A section without a title has the words of its key. What it repeats is shown once.
  [
    {
      settings: [{ key: 'A' }, { key: 'B' }],
      sections: [{ key: 'RTCDServer', settings: [{ key: 'B' }] }],
    },
    'Settings|A|RTCD Server|B',
  ],
  [
    {
      settings: [1, 2, 3].map((key) => ({ key: `A${key}` })),
      sections: [{ key: 'b', settings: [1, 2, 3].map((key) => ({ key: `B${key}` })) }],
    },
    'Settings|3 settings|A1|A2|A3|b|: 3 settings|B1|B2|B3',
  ],
];

for (const [schema, expected] of SCHEMAS) {
  test(`the settings of ${JSON.stringify(schema)} read ${expected || 'nothing'}`, () => {
    assert.equal(textIn(listOf(schema)), expected);
  });
}

test('more than five settings are folded, section by section', () => {
  const folds = (count: number) => {
    const settings = Array.from({ length: count }, (_, i) => ({ key: `K${i}` }));
    return elementsIn(listOf({ settings })).filter(({ tag }) => tag === 'details').length;
  };
  assert.deepEqual([folds(5), folds(6)], [0, 1]);
});
