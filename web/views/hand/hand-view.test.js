/** The view "Handwriting" as it is seen; the hand is the test's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../../lib/emitter.js';
import { InkdriftError } from '../../lib/errors.js';
import { byTest, catchDownloads, english, enter, makeDocument, settle, until } from '../../test/dom.js';

/** The view, with a hand that the test moves. */
async function setUp() {
  makeDocument({ fragment: '<section id="hand"></section>' });
  const { HandView } = await import('./hand-view.js');
  const i18n = await english();
  /** @type {any[]} */
  const asked = [];
  const hand = Object.assign(new Emitter(), {
    state: 'idle',
    label: /** @type {number | null} */ (null),
    open: async () => void asked.push('open'),
    padChanged: () => void asked.push('pad'),
    move: (/** @type {number} */ place, /** @type {number} */ value) => void asked.push([place, value]),
    reset: () => void asked.push('reset'),
    correct(/** @type {number | null} */ label) {
      hand.label = label;
      asked.push(['correct', label]);
    },
  });
  const [a, b] = ['a', 'b'].map((name) => ({ name, rev: 1, drawing: false }));
  /** @type {((pad: any) => void)[]} */
  const sent = [];
  const studio = { pads: { a, b }, onSent: (/** @type {(pad: any) => void} */ fn) => sent.push(fn), onlyPad: /** @type {any} */ (null) };
  /** @type {[string, any][]} */
  const said = [];
  /** @type {any[]} */
  const errors = [];
  const context = {
    ...{ i18n, studio, colours: () => ({ paper: '#ffffff', ink: '#000000', line: '#888888' }) },
    status: { say: (/** @type {string} */ key, /** @type {any} */ values) => said.push([key, values]) },
    fail: (/** @type {any} */ e) => errors.push(e),
  };
  const root = /** @type {HTMLElement} */ (document.getElementById('hand'));
  const view = new HandView({ context: /** @type {any} */ (context), root, hand: /** @type {any} */ (hand), bytes: 2_000_000 });
  const become = (/** @type {string} */ state, /** @type {any} */ error = undefined) => {
    hand.state = state;
    hand.emit('state', state, error);
  };
  /** The hand has written the digits of a revision. @param {any} [more] */
  const write = (more) =>
    hand.emit('digits', {
      ...{ empty: false, label: 4, recognised: 4, certainty: 0.934, rev: a.rev, pictures: new Float32Array(10 * 784) },
      ...more,
    });
  const wait = /** @type {HTMLElement} */ (root.querySelector('.wait'));
  const alert = /** @type {HTMLElement} */ (root.querySelector('[role=alert]'));
  return { view, root, hand, asked, studio, sent, said, errors, i18n, become, write, wait, alert, a, b };
}

test('the view has one pad, opens the hand, and follows the pen only while it is shown', async () => {
  const { view, asked, studio, sent, a, b } = await setUp();
  assert.deepEqual(asked, []);
  view.enter('#hand');
  assert.equal(studio.onlyPad, a);
  assert.deepEqual(asked, ['pad', 'open']);
  for (const pad of [a, b]) sent[0](pad);
  assert.equal(asked.length, 3, 'pad B is not for it');
  view.leave();
  assert.equal(studio.onlyPad, null);
  sent[0](a);
  assert.equal(asked.length, 3);
});

test('a link holds what the drawing is and the style; it is taken once', async () => {
  const { view, asked, root } = await setUp();
  view.enter('#hand?a=x&is=4&s6=1.25&s0=99');
  assert.deepEqual(
    asked.filter((/** @type {any} */ q) => q[0] === 'correct' || (typeof q !== 'string' && q[1] !== 0)),
    [
      ['correct', 4],
      [6, 1.25],
    ],
  );
  const slider = /** @type {HTMLInputElement} */ (root.querySelector('[data-testid=hand-6]'));
  assert.equal(slider.value, '1.25');
  const query = new URLSearchParams();
  view.share(query);
  assert.equal(query.toString(), 'is=4&s6=1.25');
  const before = asked.length;
  view.leave();
  view.enter('#hand?a=x&is=4&s6=1.25&s0=99');
  assert.deepEqual(asked.slice(before), ['pad', 'open']);
});

test('while the model comes there is how far it is; a failure is told of and can be tried again', async () => {
  const { view, hand, become, wait, alert, root, asked, said } = await setUp();
  assert.equal(view.status(), 'hand.wait');
  assert.equal(wait.textContent, 'Preparing the handwriting model …');
  become('fetching');
  hand.emit('loading', 1_500_000);
  assert.equal(wait.textContent, 'Downloading the handwriting model: 1.5 of 2.0 MB (unpacked)');
  assert.equal(root.querySelector('progress')?.value, 1_500_000);
  hand.emit('loading', 9_000_000);
  assert.match(wait.textContent ?? '', /2\.0 of 2\.0/, 'never more than all of it');
  become('failed', new InkdriftError('model-missing', 'no network'));
  assert.equal(wait.hidden, true);
  assert.equal(alert.hidden, false);
  assert.match(alert.textContent ?? '', /could not be downloaded\. Are you online\?.*no network/s);
  const pad = Object.assign(document.createElement('div'), { id: 'pad-a', tabIndex: 0 });
  document.body.append(pad);
  alert.querySelector('button')?.focus();
  alert.querySelector('button')?.click();
  assert.deepEqual(asked, ['open']);
  become('fetching');
  assert.equal(document.activeElement, pad, 'the focus goes on from a button that is hidden');
  become('ready');
  assert.ok(alert.hidden && wait.hidden && root.querySelector('progress')?.hidden);
  become('waiting');
  become('ready');
  assert.deepEqual(
    said.map(([key]) => key),
    ['hand.failed', 'hand.wait', 'hand.ready'],
  );
  assert.equal(view.status(), 'hand.ready');
});

test('what the drawing was taken for is shown, and said once it is finished, once for each drawing', async () => {
  const { write, said, a, root } = await setUp();
  const verdict = () => byTest('hand-verdict').textContent;
  write({ empty: true });
  assert.equal(verdict(), 'Nothing is drawn yet: average style.');
  assert.equal(byTest('hand-label').disabled, true);
  assert.equal(byTest('hand-pictures').getAttribute('aria-label'), 'Digits 0 to 9 in an average style');
  a.drawing = true;
  write({});
  assert.equal(verdict(), 'Your drawing is read as 4, 93 %.');
  assert.equal(said.length, 0, 'the pen is still down');
  a.drawing = false;
  write({});
  write({});
  assert.deepEqual(said, [['hand.said', { digit: '4' }]]);
  write({ rev: 0 });
  a.rev = 2;
  write({ label: 9, recognised: 9 });
  assert.deepEqual(said[1], ['hand.said', { digit: '9' }]);
  Object.assign(a, { rev: 3, source: 'example' });
  write({ label: 7, recognised: 7 });
  assert.deepEqual(said[2], ['hand.said', { digit: '7' }], 'an example that was chosen');
  assert.equal(byTest('hand-pictures').getAttribute('aria-label'), 'Digits 0 to 9 in the style of your drawing');
  assert.equal(root.querySelectorAll('canvas').length, 1);
});

test('the example that is there in the beginning is not announced: the status says what to do', async () => {
  const { write, said, a } = await setUp();
  Object.assign(a, { source: 'example' });
  write({});
  assert.deepEqual(said, []);
  assert.equal(byTest('hand-verdict').textContent, 'Your drawing is read as 4, 93 %.');
  Object.assign(a, { rev: 2, source: 'drawn' });
  write({});
  assert.equal(said.length, 1);
});

test('the reading is corrected, and the correction goes with the drawing', async () => {
  const { hand, write, asked } = await setUp();
  write({});
  const select = byTest('hand-label');
  assert.deepEqual([select.value, select.disabled], ['', false]);
  enter(select, '7');
  assert.deepEqual(asked, [['correct', 7]]);
  write({ label: 7 });
  assert.equal(byTest('hand-verdict').textContent, 'You say 7; it was read as 4.');
  assert.equal(select.value, '7');
  hand.label = null; // another drawing
  write({});
  assert.equal(select.value, '');
  enter(select, '');
  assert.deepEqual(asked.at(-1), ['correct', null]);
});

test('sliders move the hand the way that their ends say, and say how far; reset takes all of them back', async () => {
  const { asked, i18n } = await setUp();
  const [slant, pen] = [byTest('hand-6'), byTest('hand-7')];
  assert.equal(slant.getAttribute('aria-valuetext'), 'unchanged');
  enter(slant, '2.5', 'input');
  assert.equal(slant.getAttribute('aria-valuetext'), '100 % towards right');
  enter(slant, '-1.25', 'input');
  assert.equal(slant.getAttribute('aria-valuetext'), '50 % towards left');
  enter(pen, '2.5', 'input');
  assert.equal(pen.getAttribute('aria-valuetext'), '100 % towards thick');
  assert.deepEqual(asked, [
    [6, 2.5],
    [6, -1.25],
    [7, -2.5],
  ]);
  await i18n.use('zh');
  assert.equal(pen.getAttribute('aria-valuetext'), i18n.t('hand.towards', { percent: 100, end: i18n.t('hand.pen-to') }));
  byTest('hand-reset').click();
  assert.equal(asked.at(-1), 'reset');
  assert.deepEqual([slant.value, pen.value, pen.getAttribute('aria-valuetext')], ['0', '0', i18n.t('hand.as-drawn')]);
});

test('the ten digits are saved as one PNG, which is said until they are others', async (t) => {
  const { write, root, errors } = await setUp();
  const files = catchDownloads(t);
  const save = byTest('hand-png');
  assert.equal(save.disabled, true);
  write({});
  assert.equal(save.disabled, false);
  HTMLCanvasElement.prototype.toBlob = function (done) {
    done(new Blob([`${this.width} x ${this.height}`]));
  };
  save.click();
  await until(() => files.length > 0);
  assert.deepEqual([files[0].name, await files[0].blob.text()], ['inkdrift-handwriting.png', '1264 x 520']);
  const saved = root.querySelector('.saved');
  await until(() => saved?.textContent === 'Saved as inkdrift-handwriting.png.');
  write({});
  assert.equal(saved?.textContent, '');
  HTMLCanvasElement.prototype.toBlob = (done) => done(null);
  save.click();
  await settle();
  assert.equal(errors.length, 1, 'a browser that gives no PNG');
});
