import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import { version } from '../app/version.js';
import { views } from '../app/views.js';
import { list, modules, read } from './sources.js';

const html = read('index.html');

test('the elements that checks look for are there, once', () => {
  for (const id of [
    'status',
    'label-a',
    'label-b',
    'clear-a',
    'clear-b',
    'play',
    'scrub',
    'path',
    'model',
    'language',
    'export-gif',
    'export-png',
    'error',
  ]) {
    assert.equal(html.split(`data-testid="${id}"`).length, 2, id);
  }
});

test('the colours of μ, σ and ε mean these and nothing else', () => {
  for (const file of list('css')) {
    for (const [, selector, rules] of read(`css/${file}`).matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
      for (const [, term] of rules.matchAll(/var\(--(mu|sigma|epsilon)\)/g))
        assert.ok(selector.includes(term), `${file}: ${selector.trim()}`);
    }
  }
});

test('ids are unique, and what refers to one finds it', () => {
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map((m) => m[1]);
  assert.deepEqual(
    ids.filter((id, i) => ids.indexOf(id) !== i),
    [],
  );
  const known = new Set(ids);
  for (const [, list] of html.matchAll(/ (?:aria-labelledby|aria-describedby|for)="([^"]+)"/g)) {
    for (const id of list.split(' ')) assert.ok(known.has(id), id);
  }
  // The elements of views are made when they are not there.
  for (const { name } of views) known.add(name);
  for (const [, id] of html.matchAll(/href="#([^"]+)"/g)) assert.ok(known.has(id), id);
  for (const { name, text } of modules()) {
    for (const [, id] of text.matchAll(/byId\('([^']+)'/g)) assert.ok(known.has(id), `${name}: ${id}`);
  }
});

test('a strict content security policy holds: nothing inline, nothing from elsewhere', () => {
  assert.doesNotMatch(html, /\sstyle=|\son\w+=|<style|javascript:/i);
  for (const [, attributes, body] of html.matchAll(/<script([^>]*)>([^<]*)/g)) {
    assert.match(attributes, / src="/);
    assert.equal(body.trim(), '');
  }
  for (const [, url] of html.matchAll(/ (?:src|href)="([^"]*)"/g)) assert.doesNotMatch(url, /^(?:[a-z]+:|\/)/i, url);
  for (const name of list('css')) assert.doesNotMatch(read(`css/${name}`), /url\(|@import/);
});

test('dark is the same where the system wants it and where a person does', () => {
  const css = read('css/tokens.css');
  const tokens = (/** @type {RegExp} */ block) =>
    block
      .exec(css)?.[1]
      .trim()
      .split(/\s*\n\s*/);
  const system = tokens(/:root:not\(\[data-theme='light'\]\) \{([^}]*)\}/);
  const chosen = tokens(/:root\[data-theme='dark'\] \{([^}]*)\}/);
  assert.ok(system && system.length > 10);
  assert.deepEqual(chosen, system);
});

test('every token that is used has a colour in light and dark, and all are used', () => {
  const css = list('css')
    .map((name) => read(`css/${name}`))
    .join('\n');
  const defined = new Set([...css.matchAll(/(--[\w-]+):/g)].map((m) => m[1]));
  const used = new Set([...css.matchAll(/var\((--[\w-]+)/g)].map((m) => m[1]));
  assert.deepEqual(
    [...used].filter((t) => !defined.has(t)),
    [],
  );
  assert.deepEqual(
    [...defined].filter((t) => !used.has(t)),
    [],
  );
});

test('text has the sizes of one scale', () => {
  const all = list('css').flatMap((name) =>
    [...read(`css/${name}`).matchAll(/font(?:-size)?: ([^;]*);/g)].map(([, value]) => [name, value]),
  );
  assert.ok(all.length > 40);
  assert.deepEqual(
    all.filter(([, value]) => /\d/.test(value.replace(/var\(--\w+\)|clamp\([^)]*\)|\b1r?em\b|\/ [\d.]+|\b[4-7]\d\d? |11px/g, ''))),
    [],
  );
});

/** The colours of a theme by name. @returns {Record<string, Record<string, string>>} */
function themes() {
  const css = read('css/tokens.css');
  return Object.fromEntries(
    Object.entries({ light: /:root \{([^}]*)\}/, dark: /:root\[data-theme='dark'\] \{([^}]*)\}/ }).map(([name, block]) => [
      name,
      Object.fromEntries([...(block.exec(css)?.[1] ?? '').matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map((m) => [m[1], m[2]])),
    ]),
  );
}

/** A colour in CIELAB, where distances are about what people see. @param {string} hex */
function lab(hex) {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const v = parseInt(hex.slice(i, i + 2), 16) / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  const [x, y, z] = [
    (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
    0.2126 * r + 0.7152 * g + 0.0722 * b,
    (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.0888,
  ].map((t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

test('colours of classes are apart from each other, and from those of mu, sigma, epsilon and z', () => {
  for (const [theme, c] of Object.entries(themes())) {
    const classes = Array.from({ length: 10 }, (_, i) => `class-${i}`);
    for (const [i, name] of classes.entries()) {
      for (const other of [...classes.slice(i + 1), 'mu', 'sigma', 'epsilon', 'accent']) {
        const [a, b] = [lab(c[name]), lab(c[other])];
        const distance = Math.hypot(...a.map((v, k) => v - b[k]));
        assert.ok(distance >= 15, `${theme}: ${name} and ${other} are ${distance.toFixed(1)} apart`);
      }
    }
  }
});

/** Relative luminance and contrast: WCAG 2.2. @param {string} a @param {string} b */
function contrast(a, b) {
  const luminance = (/** @type {string} */ hex) => {
    const [r, g, bl] = [1, 3, 5].map((i) => {
      const v = parseInt(hex.slice(i, i + 2), 16) / 255;
      return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
  };
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (hi + 0.05) / (lo + 0.05);
}

test('text can be read in light and dark: contrast 4.5; borders of what is drawn on: 3', () => {
  const css = read('css/tokens.css');
  const themes = {
    light: /:root \{([^}]*)\}/.exec(css)?.[1] ?? '',
    dark: /:root\[data-theme='dark'\] \{([^}]*)\}/.exec(css)?.[1] ?? '',
  };
  for (const [name, block] of Object.entries(themes)) {
    const c = Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map((m) => [m[1], m[2]]));
    /** @type {[string, string, number][]} */
    const pairs = [
      ['ink', 'paper', 7],
      ['ink', 'wash', 7],
      ['ink', 'raised', 7],
      ['ink', 'bad-wash', 7],
      ['muted', 'paper', 4.5],
      ['muted', 'wash', 4.5],
      ['muted', 'raised', 4.5],
      ['muted', 'bad-wash', 4.5],
      ['mu', 'paper', 4.5],
      ['sigma', 'paper', 4.5],
      ['epsilon', 'paper', 4.5],
      ['accent', 'paper', 4.5],
      ['accent', 'raised', 4.5],
      ['on-accent', 'accent', 4.5],
      ['edge', 'paper', 3],
      ['bad', 'paper', 4.5],
    ];
    for (const [a, b, least] of pairs) {
      const k = contrast(c[a], c[b]);
      assert.ok(k >= least, `${name}: ${a} on ${b} has ${k.toFixed(2)}, wants ${least}`);
    }
  }
});

test('all modules are fetched at once, not one after the other', () => {
  /** @type {Set<string>} */
  const found = new Set();
  const visit = (/** @type {string} */ name) => {
    if (found.has(name)) return;
    found.add(name);
    const code = read(name).replace(/\/\*[\s\S]*?\*\//g, '');
    for (const [, next] of code.matchAll(/from '(\.[^']+)'/g)) visit(posix.join(posix.dirname(name), next));
  };
  visit('app/main.js');
  found.delete('app/main.js');
  const preloaded = [...html.matchAll(/<link rel="modulepreload" href="([^"]+)">/g)].map((m) => m[1]);
  assert.deepEqual(preloaded.sort(), [...found].sort());
});

test('the version is that of the newest entry of the changelog', () => {
  const [, newest] = /^## \[(\d+\.\d+\.\d+)\]/m.exec(read('../CHANGELOG.md')) ?? [];
  assert.equal(version, newest);
});
