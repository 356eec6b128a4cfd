import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accentFor, contrast, DARK, LIGHT, themeCss } from './palette.ts';

test('contrasts are those of WCAG', () => {
  assert.equal(contrast('#000000', '#ffffff'), 21);
  assert.equal(contrast('#abcdef', '#abcdef'), 1);
  // Two well-known values: the lightest grey allowed for text on white, and the next.
  assert.ok(contrast('#767676', '#ffffff') >= 4.5);
  assert.ok(contrast('#777777', '#ffffff') < 4.5);
});

for (const [name, theme] of Object.entries({ LIGHT, DARK })) {
  const grounds = [theme.background, theme.surface, theme.sunken];

  test(`text can be read on every ground: ${name}`, () => {
    for (const ground of grounds) {
      for (const color of [theme.text, theme.muted]) {
        assert.ok(contrast(color, ground) >= 4.5, `${color} on ${ground}`);
      }
    }
  });

  test(`what can be operated and what is wrong can be seen: ${name}`, () => {
    for (const color of [theme.control, theme.danger]) {
      for (const ground of [theme.background, theme.surface]) {
        assert.ok(contrast(color, ground) >= 3, `${color} on ${ground}`);
      }
    }
  });

  test(`an accent of any colour can be read and seen: ${name}`, () => {
    const shades = ['00', '33', '66', '99', 'cc', 'ff'];
    const colors = shades.flatMap((r) => shades.flatMap((g) => shades.map((b) => `#${r}${g}${b}`)));
    for (const color of [...colors, theme.background, theme.surface]) {
      const { accent, onAccent, accentText } = accentFor(color, theme);
      for (const ground of grounds) {
        assert.ok(contrast(accentText, ground) >= 4.5, `${color}: ${accentText} on ${ground}`);
        assert.ok(contrast(accent, ground) >= 3, `${color}: ${accent} on ${ground}`);
      }
      assert.ok(contrast(onAccent, accent) >= 4.5, `${color}: ${onAccent} on ${accent}`);
    }
  });
}

test('an accent that can be read is left as it is', () => {
  assert.deepEqual(accentFor('#1c58d9', LIGHT), {
    accent: '#1c58d9',
    onAccent: '#ffffff',
    accentText: '#1c58d9',
  });
});

test('both schemes give every colour a name', () => {
  const [light = '', dark = ''] = themeCss('#1c58d9').split(
    '@media screen and (prefers-color-scheme:dark)',
  );
  const namesIn = (css: string) => [...css.matchAll(/--[a-z-]+(?=:)/g)].map(([name]) => name);
  assert.ok(namesIn(light).includes('--on-accent'));
  assert.deepEqual(namesIn(light), namesIn(dark));
});
