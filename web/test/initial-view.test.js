/** What is known before anything is drawn: the view, the frame, the language. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { read } from './sources.js';

/** Runs the script at an address. @param {{search?: string, hash?: string, languages?: string[], stored?: string | null, refuses?: boolean}} [how] */
function begin({ search = '', hash = '', languages = ['en'], stored = null, refuses = false } = {}) {
  const root = { lang: 'en', dataset: /** @type {Record<string, string>} */ ({}) };
  /** @type {string[]} */
  const asked = [];
  runInNewContext(read('initial-view.js'), {
    document: { documentElement: root },
    location: { search, hash },
    navigator: { languages },
    URLSearchParams,
    AbortSignal,
    localStorage: {
      getItem() {
        if (refuses) throw new Error('refused');
        return stored;
      },
    },
    fetch: async (/** @type {string} */ url) => {
      asked.push(url);
      return Response.json({});
    },
  });
  return { ...root, asked };
}

test('the view of the address, and whether the page is in a frame', () => {
  assert.equal(begin().dataset.view, 'studio');
  assert.equal(begin({ hash: '#train?beta=2' }).dataset.view, 'train');
  const framed = begin({ search: '?embed=1', hash: '#train' });
  assert.deepEqual([framed.dataset.view, framed.dataset.embed], ['studio', '']);
});

test('another language than English waits for its words, which are asked for at once', () => {
  const chinese = begin({ languages: ['zh-CN', 'en'] });
  assert.deepEqual([chinese.lang, chinese.dataset.words, chinese.asked], ['zh-Hans', 'coming', ['locales/zh.json']]);
  for (const how of [{}, { languages: ['fr', 'en', 'zh'] }, { languages: ['zh'], stored: '"en"' }, { languages: ['de'] }]) {
    const english = begin(how);
    assert.deepEqual([english.lang, english.dataset.words, english.asked], ['en', undefined, []], JSON.stringify(how));
  }
});

test('the language that was chosen wins, unless storage is refused or damaged, or the page is in a frame', () => {
  assert.equal(begin({ stored: '"zh"' }).lang, 'zh-Hans');
  assert.equal(begin({ stored: '"zh"', refuses: true }).lang, 'en');
  assert.equal(begin({ stored: '{' }).lang, 'en');
  assert.equal(begin({ stored: '7', languages: ['zh'] }).lang, 'zh-Hans');
  assert.equal(begin({ stored: '"zh"', search: '?embed=1' }).lang, 'en', 'it stores nothing there');
});
